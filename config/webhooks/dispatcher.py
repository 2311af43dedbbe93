"""Send due messages of every company while the background worker runs.

Once a second, one statement finds the companies with work. Each company is processed in its own
short transaction; no transaction is open while a message is sent. Any number of workers can run
this at the same time. A message is leased for as long as one attempt can take, so another worker
takes over the messages of a killed one.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import close_old_connections

from config.jobs.sweeps import clear_failure, record_failure
from config.outages import AWAY
from config.tenancy.scoping import acting_for

from . import actions
from .bodies import write_bodies
from .messages import Outcome
from .sending import Sender
from .tasks import SEND_WEBHOOKS

BEAT = 1.0
PAUSE_WITHOUT_DATABASE = 5.0
# How many messages are sent at once: in total, to one webhook, to one that fails, and to all that
# fail. A receiver that does not answer is slow, and must only delay others that fail too.
AT_ONCE = 32
TO_ONE = 6
TO_ONE_FAILING = 2
TO_FAILING = 16

log = logging.getLogger(__name__)


class Dispatcher:
    """Sends due messages until cancelled; `within` is how many seconds it takes to finish."""

    def __init__(self, sender: Sender, *, within: float) -> None:
        self._sender, self._within = sender, within
        self._sending: dict[asyncio.Task[None], actions.Held] = {}
        self._has_room = asyncio.Event()
        # Companies whose last work succeeded in this process, so they have no recorded failure.
        self._succeeding: set[UUID] = set()

    async def run(self) -> None:
        """Process due work until cancelled."""
        async with self._sender:
            try:
                while True:
                    pause = await self._work()
                    await self._rest(pause)
            finally:
                await self._finish()

    async def _work(self) -> float:
        """Process the work that is due; return how many seconds to wait before the next look."""
        self._has_room.clear()
        try:
            found = await _in_thread(actions.at_work)
            behind = {one.company_id for one in found if one.is_behind}
            has_more = [
                await self._try(company_id, _make_messages, company_id) for company_id in behind
            ]
            random.shuffle(found)
            for one in found:
                await self._send_due(one)
        except AWAY as error:
            log.warning("Webhooks wait for the database: %s", " ".join(str(error).split()))
            return PAUSE_WITHOUT_DATABASE
        return 0 if any(has_more) else BEAT

    async def _try[T](self, company_id: UUID, work: Callable[..., T], *arguments: Any) -> T | None:
        """Do some work for one company; a failure is recorded for its owners, and stops no other.

        Raises only if the database is away, because the failure cannot be recorded then.
        """
        try:
            done = await _in_thread(work, *arguments)
        except Exception as error:
            self._succeeding.discard(company_id)
            await _in_thread(record_failure, company_id, SEND_WEBHOOKS, error)
            return None
        if company_id not in self._succeeding:
            await _in_thread(clear_failure, company_id, SEND_WEBHOOKS)
            self._succeeding.add(company_id)
        return done

    async def _send_due(self, one: actions.AtWork) -> None:
        room = self._room_for(one)
        if room <= 0:
            return
        for held in await self._try(one.company_id, _claim, one, room) or ():
            task = asyncio.create_task(self._send(held))
            self._sending[task] = held
            task.add_done_callback(self._note_end)

    def _room_for(self, one: actions.AtWork) -> int:
        held = list(self._sending.values())
        to_one = Counter(other.endpoint_id for other in held)[one.endpoint_id]
        if not one.is_failing:
            return min(AT_ONCE - len(held), TO_ONE - to_one)
        to_failing = sum(other.is_failing for other in held)
        return min(AT_ONCE - len(held), TO_FAILING - to_failing, TO_ONE_FAILING - to_one)

    async def _send(self, held: actions.Held) -> None:
        outcome = await self._sender.send(held.message)
        await _in_thread(_record, held, outcome)

    def _note_end(self, task: "asyncio.Task[None]") -> None:
        held = self._sending.pop(task)
        self._has_room.set()
        if not task.cancelled() and (error := task.exception()):
            # Its lease expires, and then it is sent once more.
            log.warning("What became of %s is not known: %r", held.message.id, error)

    async def _rest(self, pause: float) -> None:
        """Wait until it is time to look again, or until more messages can be sent."""
        try:
            await asyncio.wait_for(self._has_room.wait(), pause)
        except TimeoutError:
            return

    async def _finish(self) -> None:
        """Wait a while for attempts to finish; release the other messages for the next worker."""
        if not self._sending:
            return
        await asyncio.wait(list(self._sending), timeout=self._within)
        left = dict(self._sending)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for held in left.values():
            # If the database is unavailable, the lease expires by itself.
            with suppress(*AWAY):
                await _in_thread(_release, held)


async def _in_thread[T](work: Callable[..., T], *arguments: Any) -> T:
    """Run database work in a thread, and close its connection afterwards."""
    return await asyncio.to_thread(_and_close, work, *arguments)


def _and_close[T](work: Callable[..., T], *arguments: Any) -> T:
    try:
        return work(*arguments)
    finally:
        close_old_connections()


def _make_messages(company_id: Any) -> bool:
    with acting_for(company_id):
        return actions.fan_out(write_bodies)


def _claim(one: actions.AtWork, most: int) -> list[actions.Held]:
    with acting_for(one.company_id):
        return actions.claim_due(one.endpoint_id, most)


def _record(held: actions.Held, outcome: Outcome) -> None:
    with acting_for(held.company_id):
        actions.record_attempt(held, outcome)


def _release(held: actions.Held) -> None:
    with acting_for(held.company_id):
        actions.release(held)
