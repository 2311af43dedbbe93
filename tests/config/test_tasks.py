"""The periodic tasks."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connections
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from config.access.tasks import clear_sessions, clear_tokens
from config.server import stalled
from config.server.stalled import BEAT, HEARTBEAT, STALLED, retry_stalled_jobs
from config.server.tasks import forget_jobs
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import create_customer
from customers.models import Customer
from customers.tasks import send_invitation
from tests.factories import make_api_client
from tests.shares import undone

AccessToken = get_access_token_model()


class AtWork:
    """The context that the worker passes to a task that requests it."""

    app = app


@pytest.fixture
def job(studio: Company, actor: Any) -> int:
    """A job that creating a customer queued in the same transaction, as the runtime role."""
    with acting_for(studio.id):
        create_customer(
            Customer(first_name="Ann", email="ann@new.example"), invite=True, actor=actor
        )
    return ProcrastinateJob.objects.filter(task_name=send_invitation.name).latest("id").id


def run_sql(statement: str, *parameters: Any) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)


def status(job: int) -> str:
    return ProcrastinateJob.objects.get(pk=job).status


def test_an_invitation_is_sent_where_there_is_a_portal(job: int, studio: Company) -> None:
    for portal in ("https://studio.example/me", ""):
        mail.outbox.clear()
        Company.objects.filter(pk=studio.pk).update(portal_url=portal)
        send_invitation(**ProcrastinateJob.objects.get(pk=job).args)
        assert [portal in letter.body for letter in mail.outbox] == [True] * bool(portal)


def test_expired_tokens_and_sessions_are_cleared_and_live_ones_stay(studio: Company) -> None:
    client, _ = make_api_client(studio, name="Till", scopes=["notes:read"])
    for name, hours in (("dead", -1), ("live", 1)):
        expires = timezone.now() + timedelta(hours=hours)
        AccessToken.objects.create(token=name, application=client, expires=expires, scope="")
        Session.objects.create(session_key=name, session_data="", expire_date=expires)
    clear_tokens(timestamp=0)
    clear_sessions(timestamp=0)
    assert list(AccessToken.objects.values_list("token", flat=True)) == ["live"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["live"]


def test_what_a_killed_worker_had_in_hand_is_started_again(job: int) -> None:
    for seconds, expected in ((5, "doing"), (600, "todo")):
        give_to_worker(job, heard_before=seconds)
        async_to_sync(retry_stalled_jobs)(app.connector)
        assert status(job) == expected


def give_to_worker(job: int, *, heard_before: int) -> None:
    """Assign a job to a new worker whose last heartbeat was `heard_before` seconds ago."""
    run_sql(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 s')",
        heard_before,
    )
    run_sql(
        "UPDATE procrastinate_jobs SET status = 'doing',"
        " worker_id = (SELECT max(id) FROM procrastinate_workers) WHERE id = %s",
        job,
    )


def test_a_job_that_goes_on_elsewhere_is_not_taken_away_again(job: int) -> None:
    give_to_worker(job, heard_before=600)
    (seen,) = async_to_sync(app.job_manager.get_stalled_jobs)()
    async_to_sync(retry_stalled_jobs)(app.connector)
    give_to_worker(job, heard_before=0)
    async_to_sync(retry_stalled_jobs)(app.connector)
    assert status(job) == "doing"
    async_to_sync(app.job_manager.retry_job)(seen)
    assert status(job) == "todo", "the negative control: to look first and to retry afterwards"


def test_a_stopped_process_lets_its_heartbeats_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 60.0, 60.0, 60.0 + BEAT])
    monkeypatch.setattr(stalled.time, "monotonic", lambda: next(times))

    async def at_once(seconds: float) -> None:
        return None

    async def look(connector: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stalled.asyncio, "sleep", at_once)
    monkeypatch.setattr(stalled, "retry_stalled_jobs", look)
    with pytest.raises(KeyboardInterrupt):
        stalled.watch_for_stalled_jobs(None).send(None)
    assert next(times, None) is None, "it looked in the second turn"
    assert 4 * HEARTBEAT <= STALLED, "a worker misses several before it counts as dead"
    assert STALLED + 2 * BEAT <= 15, "how long a job waits after a kill -9"


def test_jobs_done_days_ago_are_forgotten(job: int) -> None:
    cases = (("failed", 100, True), ("succeeded", 1, True), ("succeeded", 100, False))
    for state, hours, stays in cases:
        with undone():
            run_sql("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", job)
            become = "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status"
            run_sql(f"{become} WHERE id = %s", state, job)
            run_sql("UPDATE procrastinate_events SET at = now() - %s * interval '1 h'", hours)
            async_to_sync(forget_jobs.func)(AtWork, 0)
            assert ProcrastinateJob.objects.filter(pk=job).exists() is stays, (state, hours)
