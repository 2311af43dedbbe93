"""The background worker as the supervisor starts it: `python -m config.server.work`."""

import django

from config.server.entry import check_fence, exit_on_terminate, join_database
from config.server.lifeline import SECONDS_TO_END, end_with_supervisor


def work() -> None:
    """Run background jobs, as the runtime role, until SIGINT or SIGTERM."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    with app.replace_connector(DjangoConnector().get_worker_connector()) as worker:
        worker.run_worker(shutdown_graceful_timeout=SECONDS_TO_END - 5)


if __name__ == "__main__":
    exit_on_terminate()
    end_with_supervisor()
    join_database()
    django.setup()
    check_fence()
    work()
