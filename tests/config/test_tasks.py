"""What runs by itself."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from config.access.actions import create_api_client
from config.access.models import Company
from config.access.tasks import clear_sessions, clear_tokens
from config.access.tenancy import acting_for
from config.server.tasks import forget_jobs, retry_stalled
from customers.actions import create_customer
from customers.models import Customer
from customers.tasks import send_invitation

AccessToken = get_access_token_model()


class AtWork:
    """What a task that asks for its context gets."""

    app = app


@pytest.fixture
def job(studio: Company, actor: Any) -> int:
    """A job that the creation of a customer left in the same transaction, as the runtime role."""
    with acting_for(studio.id):
        create_customer(
            Customer(first_name="Ann", email="ann@new.example"), invite=True, actor=actor
        )
    found = ProcrastinateJob.objects.get(task_name=send_invitation.name)
    return found.id


def run_sql(statement: str, *parameters: Any) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)


def status(job: int) -> str:
    return ProcrastinateJob.objects.get(pk=job).status


def test_what_runs_by_itself_is_known_to_the_worker() -> None:
    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic == {
        "access.clear_answers",
        "access.clear_misses",
        "access.clear_sessions",
        "access.clear_tokens",
        "access.forget_counters",
        "billing.turn_subscriptions",
        "credits.expire",
        "credits.issue_recurring",
        "home.tally",
        "jobs.give_up_lost",
        "jobs.remove_files",
        "server.forget_jobs",
        "server.retry_stalled",
    }


def test_expired_tokens_are_cleared_and_live_ones_stay(studio: Company) -> None:
    client, _ = create_api_client(studio, name="Till", scopes=["notes:read"])
    for name, hours in (("dead", -1), ("live", 1)):
        expires = timezone.now() + timedelta(hours=hours)
        AccessToken.objects.create(token=name, application=client, expires=expires, scope="")
    clear_tokens(timestamp=0)
    assert list(AccessToken.objects.values_list("token", flat=True)) == ["live"]


def test_expired_sessions_are_cleared_and_live_ones_stay() -> None:
    for name, hours in (("dead", -1), ("live", 1)):
        expires = timezone.now() + timedelta(hours=hours)
        Session.objects.create(session_key=name, session_data="", expire_date=expires)
    clear_sessions(timestamp=0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["live"]


@pytest.mark.parametrize(("seconds", "expected"), [(600, "todo"), (5, "doing")])
def test_what_a_killed_worker_had_in_hand_is_started_again(
    job: int, seconds: int, expected: str
) -> None:
    run_sql(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 s')",
        seconds,
    )
    run_sql(
        "UPDATE procrastinate_jobs SET status = 'doing',"
        " worker_id = (SELECT max(id) FROM procrastinate_workers) WHERE id = %s",
        job,
    )
    async_to_sync(retry_stalled.func)(AtWork, 0)
    assert status(job) == expected


@pytest.mark.parametrize(
    ("state", "hours", "stays"),
    [("succeeded", 100, False), ("succeeded", 1, True), ("failed", 100, True)],
)
def test_jobs_done_days_ago_are_forgotten(job: int, state: str, hours: int, stays: bool) -> None:
    run_sql("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", job)
    run_sql(
        "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s",
        state,
        job,
    )
    run_sql("UPDATE procrastinate_events SET at = now() - %s * interval '1 h'", hours)
    async_to_sync(forget_jobs.func)(AtWork, 0)
    assert ProcrastinateJob.objects.filter(pk=job).exists() is stays
