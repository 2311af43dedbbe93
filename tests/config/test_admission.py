"""Admissions that go out with what is read (config.api.admission): none of them is ever stale."""

from collections.abc import Callable, Iterator
from io import BytesIO
from threading import Thread
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from config.access.actions import create_api_client, create_api_key
from config.access.limits import came_lately
from config.access.models import ApiKey, Company
from config.access.oauth import issue_token
from config.api import admission, wsgi
from config.api.wsgi import Application
from config.statements.kept import Kept
from tests.callers import Caller
from tests.factories import ACustomer, make_company

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ANN = {"first_name": "Ann", "email": "ann@mail.example"}
LIST = "/v1/customers?limit=5"
Read = Callable[[], int]


@pytest.fixture
def company() -> Iterator[Company]:
    admission._known.clear()
    yield make_company("shop")
    # What is committed here is counted for good.
    change("DELETE FROM access_counter")
    connection.close()


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that went out together with an admission, whatever became of them."""
    sent: list[str] = []
    run = Kept.rows_after

    def noted(self: Kept, first: Any, then: Any, begin: bytes) -> Any:
        sent.append(then[0])
        return run(self, first, then, begin)

    monkeypatch.setattr(Kept, "rows_after", noted)
    return sent


@pytest.fixture
def key(company: Company) -> tuple[Caller, ApiKey]:
    made, text = create_api_key(company, name="key", scopes=["customers:read"])
    return Caller({"X-API-Key": text}), made


@pytest.fixture
def writer(company: Company) -> tuple[Caller, ApiKey]:
    scopes = ["customers:read", "customers:write"]
    made, text = create_api_key(company, name="key", scopes=scopes)
    return Caller({"X-API-Key": text}), made


@pytest.fixture
def token(company: Company) -> tuple[Caller, UUID]:
    client, secret = create_api_client(company, name="client", scopes=["customers:read"])
    asked = {"client_id": client.client_id, "client_secret": secret}
    _, told = issue_token({"grant_type": "client_credentials", **asked}, "")
    return Caller({"Authorization": f"Bearer {told['access_token']}"}), client.pk


def change(statement: str, *values: Any) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


def runs() -> int:
    """Return how often this connection has run what shows customers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(sum(generic_plans + custom_plans), 0)"
            " FROM pg_prepared_statements WHERE statement LIKE '%cust\\_%'"
        )
        return int(cursor.fetchone()[0])


def test_who_has_come_before_is_admitted_with_what_they_read(
    key: tuple[Caller, ApiKey], together: list[str]
) -> None:
    caller, made = key
    answers = [caller.get(LIST) for _ in range(4)]
    assert [one.status for one in answers] == [200] * 4
    assert len(together) == 3, "all but the first"
    assert came_lately(made.pk) == 4
    left = [one.headers["RateLimit"].split(";")[1] for one in answers]
    assert left == [f"r={number}" for number in (11_999, 11_998, 11_997, 11_996)]


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("UPDATE access_apikey SET revoked_at = now() WHERE id = %s", 401),
        ("UPDATE access_apikey SET expires_at = now() WHERE id = %s", 401),
        ("UPDATE access_apikey SET scopes = '{}' WHERE id = %s", 403),
        ("UPDATE access_apikey SET requests_per_minute = 2 WHERE id = %s", 429),
        ("UPDATE access_apikey SET name = 'another' WHERE id = %s", 200),
        (
            "UPDATE access_company SET archived_at = now()"
            " WHERE id = (SELECT company_id FROM access_apikey WHERE id = %s)",
            401,
        ),
        (
            "UPDATE access_company SET requests_per_minute = 2"
            " WHERE id = (SELECT company_id FROM access_apikey WHERE id = %s)",
            429,
        ),
    ],
)
def test_what_has_changed_holds_for_the_very_next_read(
    statement: str, status: int, key: tuple[Caller, ApiKey], together: list[str]
) -> None:
    caller, made = key
    assert [caller.get(LIST).status for _ in range(2)] == [200, 200]
    change(statement, made.pk)
    before = runs()
    answer = caller.get(LIST)
    assert (answer.status, len(together)) == (status, 2)
    if status in (401, 429):
        assert runs() == before, "nothing was read for who is not let in"
        assert caller.get(LIST).status == status
        assert came_lately(made.pk) == 2, "who is refused uses nothing up"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_apiclient SET suspended_at = now() WHERE id = %s",
        "UPDATE oauth2_provider_accesstoken SET expires = now() WHERE application_id = %s",
        "DELETE FROM oauth2_provider_accesstoken WHERE application_id = %s",
    ],
)
def test_a_token_that_opens_no_more_reads_no_more(
    statement: str, token: tuple[Caller, UUID], together: list[str]
) -> None:
    caller, client = token
    assert [caller.get(LIST).status for _ in range(2)] == [200, 200]
    change(statement, client)
    before = runs()
    assert (caller.get(LIST).status, len(together)) == (401, 2)
    assert runs() == before


def test_a_scope_that_was_granted_meanwhile_is_there(key: tuple[Caller, ApiKey]) -> None:
    caller, made = key
    path = "/v1/invoices"
    caller.get(LIST)
    assert caller.get(path).status == 403
    change("UPDATE access_apikey SET scopes = '{invoices:read}' WHERE id = %s", made.pk)
    assert caller.get(path).status == 200
    assert caller.get(LIST).status == 403
    assert came_lately(made.pk) == 4, "each request was counted once"


def test_what_is_refused_before_anything_is_read_is_counted_too(
    key: tuple[Caller, ApiKey], together: list[str]
) -> None:
    caller, made = key
    asked = [LIST, f"{LIST}&colour=red", "/v1/customers/nonsense", f"/v1/customers/{UUID(int=1)}"]
    assert [caller.get(path).status for path in asked] == [200, 400, 404, 404]
    assert (came_lately(made.pk), len(together)) == (4, 1)
    change("UPDATE access_apikey SET revoked_at = now() WHERE id = %s", made.pk)
    assert [caller.get(path).status for path in asked] == [401] * 4


def test_a_read_that_finds_no_place_is_counted(
    key: tuple[Caller, ApiKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, made = key
    caller.get(LIST)
    monkeypatch.setattr(settings, "AT_ONCE", 0)
    answer = caller.get(LIST)
    assert (answer.status, answer.body["error"]["code"]) == (429, "too_many_at_once")
    assert '"client";r=11998' in answer.headers["RateLimit"]
    assert came_lately(made.pk) == 2


def test_a_read_that_fails_is_counted_and_tells_what_is_left(
    key: tuple[Caller, ApiKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, made = key
    caller.get(LIST)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '300ms'")
    look = admission._LOOK
    monkeypatch.setattr(admission, "_LOOK", look + "SELECT pg_sleep(2); ")
    answer = caller.get(LIST)
    assert answer.status == 503
    assert '"client";r=11998' in answer.headers["RateLimit"]
    assert came_lately(made.pk) == 2


# --- What changes something ---


def test_a_change_goes_out_with_its_admission_and_is_done_once(
    writer: tuple[Caller, ApiKey], together: list[str]
) -> None:
    caller, made = writer
    answers = [caller.post("/v1/customers", ANN) for _ in range(3)]
    assert [one.status for one in answers] == [201] * 3
    assert len(together) == 2, "all but the first"
    assert came_lately(made.pk) == 3
    assert len(names(made)) == 3


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("UPDATE access_apikey SET revoked_at = now() WHERE id = %s", 401),
        ("UPDATE access_apikey SET scopes = '{customers:read}' WHERE id = %s", 403),
        ("UPDATE access_apikey SET requests_per_minute = 2 WHERE id = %s", 429),
    ],
)
def test_nothing_is_changed_by_who_may_no_more(
    statement: str, status: int, writer: tuple[Caller, ApiKey], together: list[str]
) -> None:
    caller, made = writer
    for _ in range(2):
        assert caller.post("/v1/customers", ANN).status == 201
    change(statement, made.pk)
    assert caller.post("/v1/customers", ANN).status == status
    assert (len(together), len(names(made))) == (2, 2)


def test_the_record_names_whoever_it_was_under_their_newest_name(
    writer: tuple[Caller, ApiKey],
) -> None:
    caller, made = writer
    for _ in range(2):
        caller.post("/v1/customers", ANN)
    change("UPDATE access_apikey SET name = 'another' WHERE id = %s", made.pk)
    assert caller.post("/v1/customers", ANN).status == 201
    assert names(made) == ["key", "key", "another"]
    assert came_lately(made.pk) == 3


def test_a_change_that_finds_no_place_is_counted_and_leaves_nothing(
    writer: tuple[Caller, ApiKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, made = writer
    caller.post("/v1/customers", ANN)
    monkeypatch.setattr(settings, "AT_ONCE", 0)
    answer = caller.post("/v1/customers", ANN)
    assert (answer.status, answer.body["error"]["code"]) == (429, "too_many_at_once")
    assert (came_lately(made.pk), len(names(made))) == (2, 1)
    monkeypatch.setattr(settings, "AT_ONCE", 64)
    assert caller.post("/v1/customers", ANN).status == 201


def names(key: ApiKey) -> list[str]:
    """Return who made each customer of the key's company, as the record of changes has it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT actor_name FROM changes_change"
            " WHERE company_id = %s AND table_name = 'customers_customer' ORDER BY id",
            [key.company_id],
        )
        return [name for (name,) in cursor.fetchall()]


# --- Whoever comes ---


def test_two_companies_that_take_turns_each_see_their_own(company: Company) -> None:
    callers = {}
    for one in (company, make_company("other")):
        customer = ACustomer(company=one)
        _, text = create_api_key(one, name="key", scopes=["customers:read"])
        callers[f"cust_{customer.id.hex}"] = Caller({"X-API-Key": text})
    for _ in range(3):
        for own, caller in callers.items():
            assert [row["id"] for row in caller.get(LIST).body["data"]] == [own]
            for path in callers:
                assert caller.get(f"/v1/customers/{path}").status == (200 if path == own else 404)


def test_who_is_known_is_no_more_than_fits(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "MOST_KNOWN", 3)
    for number in range(7):
        _, text = create_api_key(company, name=f"k{number}", scopes=["customers:read"])
        assert Caller({"X-API-Key": text}).get(LIST).status == 200
        assert 1 <= len(admission._known) <= 3
        assert text not in str(admission._known)


# --- The way in for web servers ---


@pytest.fixture
def read(key: tuple[Caller, ApiKey]) -> Read:
    caller, _ = key
    application = Application()

    def ask() -> int:
        said: list[Any] = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": "/v1/customers", "QUERY_STRING": "limit=5",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(), "HTTP_X_API_KEY": caller.headers["X-API-Key"],
        }  # fmt: skip
        body = application(environ, lambda status, headers: said.append((status, dict(headers))))
        assert b"".join(body)
        if hasattr(body, "close"):
            body.close()
        status, headers = said[0]
        assert headers["Request-Id"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        return int(status.split()[0])

    return ask


def test_a_thread_keeps_its_connection_from_call_to_call_for_a_while(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read() == 200
    first = connection.connection
    assert [read(), read()] == [200, 200]
    assert connection.connection is first is not None
    passed = monotonic() + 61
    monkeypatch.setattr(wsgi.time, "monotonic", lambda: passed)
    returned: list[Any] = []
    monkeypatch.setattr(wsgi, "close_old_connections", lambda: returned.append(1))
    assert read() == 200
    assert returned, "it goes back to the pool, which ends it when it is old"


def test_threads_that_come_and_go_take_no_connection_along(read: Read) -> None:
    told: list[int] = []
    for _ in range(settings.THREADS + 4):
        thread = Thread(target=lambda: told.append(read()))
        thread.start()
        thread.join()
    assert told == [200] * (settings.THREADS + 4)


def test_a_connection_that_died_costs_one_answer_at_the_most(read: Read) -> None:
    assert [read(), read()] == [200, 200]
    assert connection.connection is not None
    own, dead = connection.get_connection_params(), connection.connection.info.backend_pid
    told = {name: own[name] for name in ("dbname", "user", "host", "port") if name in own}
    with psycopg.connect(**told, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [dead])
    assert [read() for _ in range(3)] == [503, 200, 200]
