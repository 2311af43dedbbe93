"""The webhook dispatcher: it sends a few messages for each webhook at once, and stops in time."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks import dispatcher
from config.webhooks.dispatcher import TO_ONE, TO_ONE_FAILING, Dispatcher
from config.webhooks.messages import Message, Outcome
from config.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.factories import ADelivery, AWebhook

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class Silent:
    """A sender whose receivers do not answer until the test allows it."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.may_answer = asyncio.Event()

    async def __aenter__(self) -> None:
        """Nothing to open."""

    async def __aexit__(self, *error: object) -> None:
        """Nothing to close."""

    async def send(self, message: Message) -> Outcome:
        self.sent.append(message)
        await self.may_answer.wait()
        return Outcome(1, 204)

    def at_once(self) -> Counter[str]:
        return Counter(one.url for one in self.sent)


def dispatching(sender: Any, meanwhile: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a dispatcher during `meanwhile`, and cancel it as the worker does."""

    async def run() -> None:
        task = asyncio.create_task(Dispatcher(sender, within=0.1).run())
        try:
            await asyncio.wait_for(meanwhile(), 20)
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=10)
        assert task.cancelled(), "it ended by itself"

    asyncio.run(run())


async def until(is_so: Callable[[], bool]) -> None:
    while not await asyncio.to_thread(is_so):
        await asyncio.sleep(0.02)


def waiting(company: Company, count: int = 10, **facts: Any) -> WebhookEndpoint:
    """Create a webhook with pending messages."""
    endpoint = AWebhook(company=company)
    for _ in range(count):
        ADelivery(company=company, endpoint=endpoint)
    with acting_for(company.id):
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(types=["media.deleted"], **facts)
    return endpoint


def states(company: Company) -> Counter[str]:
    try:
        with acting_for(company.id):
            rows = WebhookDelivery.objects.all()
            return Counter("held" if one.leased_until else one.state for one in rows)
    finally:
        dispatcher.close_old_connections()


def test_each_webhook_is_sent_a_few_at_once_and_one_that_fails_fewer(studio: Company) -> None:
    well = waiting(studio)
    failing = waiting(studio, failing_since=timezone.now())
    sender = Silent()

    async def meanwhile() -> None:
        await until(lambda: len(sender.sent) == TO_ONE + TO_ONE_FAILING)
        assert sender.at_once() == {well.url: TO_ONE, failing.url: TO_ONE_FAILING}
        sender.may_answer.set()
        await until(lambda: states(studio) == {"delivered": 20})

    dispatching(sender, meanwhile)


def test_all_that_fail_leave_room_for_the_others_and_what_it_held_is_given_back_when_it_ends(
    studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "TO_FAILING", 3)
    monkeypatch.setattr(dispatcher, "AT_ONCE", 5)
    bad = [waiting(studio, 4, failing_since=timezone.now()).url for _ in range(4)]
    good = waiting(rival, 4)
    sender = Silent()

    async def meanwhile() -> None:
        await until(lambda: len(sender.sent) == 5)
        found = sender.at_once()
        assert found[good.url] >= 2
        assert sum(found[url] for url in bad) <= 3
        await until(lambda: states(rival)["held"] == found[good.url])

    dispatching(sender, meanwhile)
    assert (states(studio), states(rival)) == ({"pending": 16}, {"pending": 4})


def test_what_is_wrong_with_one_company_holds_up_no_other_nor_does_a_database_that_is_away(
    studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(studio, 1)
    waiting(rival, 1)
    claim, look, times = dispatcher._claim, dispatcher.actions.at_work, iter(range(100))

    def break_for_studio(one: Any, most: int) -> Any:
        if one.company_id == studio.id:
            raise ValueError("Something nobody thought of.")
        return claim(one, most)

    def away_at_first() -> Any:
        if next(times) < 2:
            raise OperationalError("the server closed the connection")
        return look()

    monkeypatch.setattr(dispatcher, "_claim", break_for_studio)
    monkeypatch.setattr(dispatcher, "PAUSE_WITHOUT_DATABASE", 0.05)
    monkeypatch.setattr(dispatcher.actions, "at_work", away_at_first)
    sender = Silent()

    async def meanwhile() -> None:
        sender.may_answer.set()
        await until(lambda: states(rival) == {"delivered": 1})

    dispatching(sender, meanwhile)
    assert states(studio) == {"pending": 1}
