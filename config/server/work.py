"""The background worker as the supervisor starts it: `python -m config.server.work`."""

import asyncio
import signal
from typing import Any

import django

from config.server.entry import check_readiness, exit_on_terminate, join_database
from config.server.parent_watchdog import SECONDS_TO_END, end_with_supervisor
from config.server.stalled import BEAT, HEARTBEAT, watch_for_stalled_jobs

# How many tasks of a queue run at the same time. Jobs of staff may take long, and must not delay
# tasks that are due every minute.
LANES = {"default": 1, "jobs": 2}


def work() -> None:
    """Run background jobs and send webhooks, as the runtime role, until SIGINT or SIGTERM."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from config.tenancy.authors import Author, written_by
    from config.tenancy.scoping import taking_time
    from config.webhooks.dispatcher import Dispatcher
    from config.webhooks.sending import Sender

    author = Author("command", "background work")
    connector = DjangoConnector().get_worker_connector()
    with app.replace_connector(connector) as worker, written_by(author), taking_time():
        asyncio.run(_work_lanes(worker, Dispatcher(Sender(), within=SECONDS_TO_END - 7)))


async def _work_lanes(worker: Any, webhooks: Any) -> None:
    """Run every queue and send webhooks until cancelled.

    Raises the error of a part that ends by itself.
    """
    async with worker.open_async():
        lanes = [
            asyncio.create_task(
                worker.run_worker_async(
                    queues=[queue],
                    concurrency=many,
                    shutdown_graceful_timeout=SECONDS_TO_END - 5,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=BEAT,
                    update_heartbeat_interval=HEARTBEAT,
                )
            )
            for queue, many in LANES.items()
        ]
        lanes.append(asyncio.create_task(webhooks.run()))
        lanes.append(asyncio.create_task(watch_for_stalled_jobs(worker.connector)))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, _end, lanes)
        await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
        _end(lanes)
        ended = await asyncio.gather(*lanes, return_exceptions=True)
        for reason in ended:
            if isinstance(reason, Exception):
                raise reason


def _end(lanes: list["asyncio.Task[None]"]) -> None:
    """Let lanes finish their current tasks; cancelling them a second time would interrupt these."""
    for lane in lanes:
        if not lane.cancelling():
            lane.cancel()


if __name__ == "__main__":
    exit_on_terminate()
    end_with_supervisor()
    join_database()
    django.setup()
    check_readiness()
    work()
