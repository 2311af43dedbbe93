"""While the database cannot answer, requests get a 503 that says when to retry."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connections,
)
from django.test import Client
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from psycopg import errors as pg
from psycopg_pool import PoolTimeout

from config.access.models import Staff
from config.outages import (
    DEADLOCK,
    LOCKED,
    LOST_COMMIT,
    READ_ONLY,
    TOO_SLOW,
    UNREACHABLE,
    outage_of,
)
from config.tenancy.companies import Company
from tests.backoffice import Browser
from tests.callers import Caller, call_as

CREATE = {"first_name": "Ann", "last_name": "New", "email": "ann@new.example"}


def caused_by(error: Exception, cause: Exception | None) -> Exception:
    error.__cause__ = cause
    return error


def behind(kind: type[Exception], *causes: type[Exception]) -> list[Exception]:
    """Return errors of one class, each with another cause."""
    return [caused_by(kind(), cause()) for cause in causes]


def test_an_outage_is_told_from_a_bug() -> None:
    for outage, errors in (
        (TOO_SLOW, behind(OperationalError, pg.QueryCanceled)),
        (TOO_SLOW, behind(InternalError, pg.IdleInTransactionSessionTimeout)),
        (LOCKED, behind(OperationalError, pg.LockNotAvailable)),
        (DEADLOCK, behind(OperationalError, pg.DeadlockDetected, pg.SerializationFailure)),
        (READ_ONLY, behind(InternalError, pg.ReadOnlySqlTransaction)),
        (UNREACHABLE, behind(OperationalError, *AWAY)),
        (UNREACHABLE, behind(ConnectorException, pg.DiskFull, pg.OperationalError)),
        (UNREACHABLE, [GONE, InterfaceError("connection already closed"), PoolTimeout()]),
        (None, behind(InternalError, pg.InFailedSqlTransaction)),
        (None, behind(ProgrammingError, pg.UndefinedTable)),
        (None, behind(ConnectorException, pg.UndefinedTable)),
        (None, [ConnectorException(), DatabaseError(), ValueError()]),
    ):
        for error in errors:
            assert outage_of(error) == outage, (error, error.__cause__)
    in_doubt = [GONE, *behind(OperationalError, pg.AdminShutdown, pg.DiskFull)]
    told = [outage_of(error, in_commit=True) for error in in_doubt]
    assert told == [LOST_COMMIT, LOST_COMMIT, UNREACHABLE]


GONE = OperationalError("server closed the connection unexpectedly")
AWAY = (
    *(pg.DiskFull, pg.OutOfMemory, pg.TooManyConnections, pg.AdminShutdown, pg.CannotConnectNow),
    pg.IoError,
)


@contextmanager
def failing(error: Exception) -> Iterator[None]:
    """Make every statement on the runtime role's connection fail."""

    def fail(*args: Any) -> None:
        raise error

    with connections["default"].execute_wrapper(fail):
        yield


def test_a_surface_answers_an_outage_in_its_own_words(integrator: Caller) -> None:
    for path, body in (("/v1/customers", CREATE), ("/customers", {"name": "Ann"})):
        integrator.get(path)
        for error, outage, seconds in (
            (caused_by(OperationalError(), pg.LockNotAvailable()), LOCKED, "1"),
            (caused_by(OperationalError(), pg.QueryCanceled()), TOO_SLOW, "5"),
            (caused_by(OperationalError(), pg.DiskFull()), UNREACHABLE, "5"),
            (caused_by(InternalError(), pg.ReadOnlySqlTransaction()), READ_ONLY, "5"),
        ):
            with failing(error):
                answer = integrator.post(path, body)
            assert (answer.status, answer.headers["Retry-After"]) == (503, seconds), outage
            told = answer.body["error"] if "v1" in path else answer.body
            assert (told["code"], told["message"]) == ("unavailable", outage.message)


def test_a_job_queue_without_a_database_is_a_503_that_leaves_nothing(
    integrator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise ConnectorException from pg.DiskFull()

    before = integrator.get("/v1/customers").body
    with monkeypatch.context() as patched:
        patched.setattr(DjangoConnector, "execute_query_one", fail)
        patched.setattr(DjangoConnector, "execute_query_all", fail)
        answer = integrator.post("/v1/customers", CREATE)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert integrator.get("/v1/customers").body == before


def test_the_back_office_shows_a_plain_page_and_a_token_is_refused_in_words(owner: Staff) -> None:
    browser = Browser(owner)
    browser.client.raise_request_exception = False
    form = ("grant_type=client_credentials", "application/x-www-form-urlencoded")
    with failing(OperationalError("gone")):
        page = browser.client.get("/admin/customers/customer/")
        token = Client(SERVER_NAME="localhost").post("/oauth/token", *form)
    for answer in (page, token):
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert page["Content-Type"].startswith("text/html")
    assert UNREACHABLE.message in page.text
    assert token.json()["error"] == "temporarily_unavailable"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_commit_of_which_nothing_is_heard_can_be_sent_again(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    integrator = call_as(studio)
    wrapper = type(connections["default"])
    commit = wrapper._commit

    def lose(connection: Any) -> None:
        commit(connection)
        raise OperationalError("server closed the connection unexpectedly")

    headers = {"Idempotency_Key": "lost"}
    with monkeypatch.context() as patched:
        patched.setattr(wrapper, "_commit", lose)
        answer = integrator.post("/v1/customers", CREATE, **headers)
    assert answer.status == 503
    assert answer.body["error"]["message"] == LOST_COMMIT.message
    again = integrator.post("/v1/customers", CREATE, **headers)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
