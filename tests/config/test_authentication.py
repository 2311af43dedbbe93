"""Authentication and the first statement share one round trip; the cache alone is never trusted."""

import asyncio
from collections.abc import Callable, Iterator
from io import BytesIO
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from config.access.limits import came_lately
from config.access.models import ApiKey
from config.access.oauth import issue_token
from config.access.scopes import SCOPES
from config.api import authentication, handler
from config.api.authentication import Authentication
from config.api.handler import Application
from config.requests.models import ApiRequest, RequestCount
from config.requests.recorder import Recorder
from config.server.asgi import threads
from config.server.asgi.application import WebApplication
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.api_routes import fill, make_rows
from tests.callers import Caller
from tests.contract import operations
from tests.factories import ACustomer, make_api_client, make_api_key, make_company
from tests.threads import wait_until

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ANN = {"first_name": "Ann", "email": "ann@mail.example"}
LIST = "/v1/customers?limit=5"
Read = Callable[[], int]
Key = tuple[Caller, ApiKey]


@pytest.fixture
def company() -> Iterator[Company]:
    authentication._cache.clear()
    yield make_company("shop")
    # These tests commit, so this deletes their counts of requests.
    change("DELETE FROM access_counter")
    connection.close()


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The batches that were sent in one round trip with the authentication."""
    sent: list[Any] = []
    run = authentication.run_batches

    def note(*batches: Any) -> Any:
        sent.extend(batches[1:])
        return run(*batches)

    monkeypatch.setattr(authentication, "run_batches", note)
    return sent


def key_of(company: Company, *scopes: str) -> Key:
    made, text = make_api_key(company, name="key", scopes=["customers:read", *scopes])
    return Caller({"X-API-Key": text}), made


@pytest.fixture
def key(company: Company) -> Key:
    return key_of(company)


@pytest.fixture
def writer(company: Company) -> Key:
    return key_of(company, "customers:write")


def change(statement: str, *values: Any) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


def test_who_came_before_is_admitted_with_the_read(key: Key, together: list[Any]) -> None:
    caller, made = key
    answers = [caller.get(LIST) for _ in range(4)]
    assert [one.status for one in answers] == [200] * 4
    assert len(together) == 3, "all but the first"
    assert came_lately(made.pk) == 4
    left = [one.headers["RateLimit"].split(";")[1] for one in answers]
    assert left == [f"r={number}" for number in (11_999, 11_998, 11_997, 11_996)]


OF_KEY = "UPDATE access_apikey SET {} WHERE id = %s"
OF_COMPANY = (
    "UPDATE access_company SET {} WHERE id = (SELECT company_id FROM access_apikey WHERE id = %s)"
)


def test_what_has_changed_holds_for_the_next_read(company: Company, together: list[Any]) -> None:
    for statement, status in (
        (OF_KEY.format("revoked_at = now()"), 401),
        (OF_KEY.format("expires_at = now()"), 401),
        (OF_KEY.format("scopes = '{}'"), 403),
        (OF_KEY.format("requests_per_minute = 2"), 429),
        (OF_KEY.format("name = 'another'"), 200),
        (OF_COMPANY.format("archived_at = now()"), 401),
        (OF_COMPANY.format("requests_per_minute = 2"), 429),
    ):
        caller, made = key_of(make_company(f"other {len(together)}"))
        assert [caller.get(LIST).status for _ in range(2)] == [200, 200]
        change(statement, made.pk)
        sent = len(together)
        answer = caller.get(LIST)
        assert (answer.status, len(together)) == (status, sent + 1), statement
        assert ("data" in answer.body) is (status == 200)
        if status in (401, 429):
            assert caller.get(LIST).status == status
            assert came_lately(made.pk) == 2, "who is refused uses nothing up"


def test_a_request_is_logged_for_a_credential_that_is_valid_now(
    company: Company, log: Recorder
) -> None:
    for change_to, logged in (
        ("revoked_at = now()", []),
        ("expires_at = now()", []),
        ("scopes = '{}'", [403]),
        ("requests_per_minute = 2", [429]),
    ):
        caller, made = key_of(make_company(change_to))
        assert [caller.get(LIST).status for _ in range(2)] == [200, 200]
        change(OF_KEY.format(change_to), made.pk)
        caller.get(LIST)
        log.flush()
        with acting_for(made.company_id):
            assert [row.status for row in ApiRequest.objects.all()] == logged, change_to
            counted = {row.status: row.count for row in RequestCount.objects.all()}
        assert counted == {200: 2, **dict.fromkeys(logged, 1)}, change_to


def test_a_refused_request_is_counted_and_shows_nothing_to_a_revoked_key(key: Key) -> None:
    caller, made = key
    for path in ("/customers", "/v1/customers"):
        query = "&".join(f"a{number}=1" for number in range(1_001))
        before = came_lately(made.pk)
        assert caller.get(f"{path}?{query}").status == 400
        assert came_lately(made.pk) == before + 1, path
    change(OF_KEY.format("revoked_at = now()"), made.pk)
    assert [caller.get(f"{path}?{query}").status for path in ("/customers", "/v1/customers")] == [
        401
    ] * 2


def test_a_token_that_opens_no_more_reads_no_more(company: Company, together: list[Any]) -> None:
    for number, statement in enumerate(
        (
            "UPDATE access_apiclient SET suspended_at = now() WHERE id = %s",
            "UPDATE oauth2_provider_accesstoken SET expires = now() WHERE application_id = %s",
            "DELETE FROM oauth2_provider_accesstoken WHERE application_id = %s",
        )
    ):
        client, secret = make_api_client(company, name=f"{number}", scopes=["customers:read"])
        asked = {"client_id": client.client_id, "client_secret": secret}
        _, told = issue_token({"grant_type": "client_credentials", **asked}, "")
        caller = Caller({"Authorization": f"Bearer {told['access_token']}"})
        assert [caller.get(LIST).status for _ in range(2)] == [200, 200]
        change(statement, client.pk)
        sent = len(together)
        assert [caller.get(LIST).status for _ in range(2)] == [401, 401], statement
        assert len(together) == sent + 1, "the first read for nothing, the second did not"


def test_a_scope_that_was_granted_meanwhile_is_there(key: Key) -> None:
    caller, made = key
    caller.get(LIST)
    assert caller.get("/v1/invoices").status == 403
    change(OF_KEY.format("scopes = '{invoices:read}'"), made.pk)
    assert caller.get("/v1/invoices").status == 200
    assert caller.get(LIST).status == 403
    assert came_lately(made.pk) == 4, "each request was counted once"


def test_what_is_refused_before_a_read_is_counted(
    key: Key, together: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, made = key
    asked = [LIST, f"{LIST}&colour=red", "/v1/customers/nonsense", f"/v1/customers/{UUID(int=1)}"]
    assert [caller.get(path).status for path in asked] == [200, 400, 404, 404]
    assert (came_lately(made.pk), len(together)) == (4, 1)
    with monkeypatch.context() as full:
        full.setattr(settings, "AT_ONCE", 0)
        answer = caller.get(LIST)
    assert (answer.status, answer.body["error"]["code"]) == (429, "too_many_at_once")
    assert '"client";r=11995' in answer.headers["RateLimit"]
    assert came_lately(made.pk) == 5
    change(OF_KEY.format("revoked_at = now()"), made.pk)
    assert [caller.get(path).status for path in asked] == [401] * 4


def test_a_read_that_fails_is_counted(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    caller, made = key
    caller.get(LIST)
    monkeypatch.setattr(authentication, "_TAKE_PLACE", "SELECT pg_sleep(2)")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '300ms'")
        answer = caller.get(LIST)
        cursor.execute("RESET statement_timeout")
    assert answer.status == 503
    assert '"client";r=11998' in answer.headers["RateLimit"]
    assert came_lately(made.pk) == 2


def test_threads_that_look_up_at_once_never_mix_what_they_cache(
    key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other thread caches the credential as it was before its scopes were removed."""
    caller, made = key
    assert [caller.get(LIST).status for _ in range(2)] == [200, 200]
    (digest,) = authentication._cache
    before, accept = authentication._cache[digest], Authentication._accept

    def accept_both(self: Authentication, *given: Any) -> None:
        accept(self, *given)
        authentication._cache[digest] = before

    with monkeypatch.context() as racing:
        racing.setattr(Authentication, "_accept", accept_both)
        change(OF_KEY.format("scopes = '{}'"), made.pk)
        assert caller.get(LIST).status == 403
    assert [caller.get(LIST).status for _ in range(2)] == [403, 403]


# --- Writes ---


def test_a_change_goes_out_with_its_admission(
    writer: Key, together: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, made = writer
    answers = [caller.post("/v1/customers", ANN) for _ in range(3)]
    assert [one.status for one in answers] == [201] * 3
    assert len(together) == 2, "all but the first"
    assert (came_lately(made.pk), len(names(made))) == (3, 3)
    change(OF_KEY.format("name = 'another'"), made.pk)
    assert caller.post("/v1/customers", ANN).status == 201
    assert names(made) == [*["key"] * 3, "another"], "under their newest name"
    with monkeypatch.context() as full:
        full.setattr(settings, "AT_ONCE", 0)
        answer = caller.post("/v1/customers", ANN)
    assert (answer.status, answer.body["error"]["code"]) == (429, "too_many_at_once")
    assert (came_lately(made.pk), len(names(made))) == (5, 4), "it is counted and leaves nothing"
    assert caller.post("/v1/customers", ANN).status == 201


def test_nothing_is_changed_by_who_may_no_more(company: Company, together: list[Any]) -> None:
    for now, status in (
        ("revoked_at = now()", 401),
        ("scopes = '{customers:read}'", 403),
        ("requests_per_minute = 2", 429),
    ):
        caller, made = key_of(make_company(now), "customers:write")
        for _ in range(2):
            assert caller.post("/v1/customers", ANN).status == 201
        change(OF_KEY.format(now), made.pk)
        sent = len(together)
        assert caller.post("/v1/customers", ANN).status == status, now
        assert (len(together), len(names(made))) == (sent + 1, 2), now


def names(key: ApiKey) -> list[str]:
    """Return the author of each customer of the key's company, from the recorded changes."""
    asked = (
        "SELECT actor_name FROM changes_change"
        " WHERE company_id = %s AND table_name = 'customers_customer' ORDER BY id"
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute(asked, [key.company_id])
        return [name for (name,) in cursor.fetchall()]


# --- Every kind of caller ---


def test_every_answer_is_read_in_a_transaction_of_its_company(company: Company) -> None:
    """Other tests run inside one transaction, which would hide a read without a company."""
    _, text = make_api_key(company, name="key", scopes=SCOPES)
    rows, caller = make_rows(company), Caller({"X-API-Key": text})
    paths = [path for path, method, _ in operations() if method == "GET"]
    assert len(paths) > 50
    for path in paths:
        answer = caller.get(fill(path, rows))
        assert answer.status == 200, (path, answer)
        rows_of = answer.body.get("data", answer.body) if answer.is_json else answer.raw
        assert rows_of, f"{path} has rows"


def test_two_companies_that_take_turns_each_see_their_own(company: Company) -> None:
    callers = {}
    for one in (company, make_company("other")):
        customer = ACustomer(company=one)
        _, text = make_api_key(one, name="key", scopes=["customers:read"])
        callers[f"cust_{customer.id.hex}"] = Caller({"X-API-Key": text})
    for _ in range(3):
        for own, caller in callers.items():
            assert [row["id"] for row in caller.get(LIST).body["data"]] == [own]
            for path in callers:
                assert caller.get(f"/v1/customers/{path}").status == (200 if path == own else 404)


def test_only_so_many_are_remembered(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "MAX_CACHED", 3)
    for number in range(7):
        _, text = make_api_key(company, name=f"k{number}", scopes=["customers:read"])
        assert Caller({"X-API-Key": text}).get(LIST).status == 200
        assert 1 <= len(authentication._cache) <= 3
        assert text not in str(authentication._cache)


# --- The entry point of web servers ---


@pytest.fixture
def read(key: Key) -> Read:
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


def test_a_thread_keeps_its_connection_a_while(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read() == 200
    first = connection.connection
    assert [read(), read()] == [200, 200]
    assert connection.connection is first is not None
    passed = monotonic() + 61
    monkeypatch.setattr(handler.time, "monotonic", lambda: passed)
    returned: list[Any] = []
    monkeypatch.setattr(handler, "close_old_connections", lambda: returned.append(1))
    assert read() == 200
    assert returned, "it goes back to the pool, which ends it when it is old"


def test_threads_that_come_and_go_take_no_connection_along(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "SECONDS_IDLE", 0.01)
    give_back = WebApplication(read)._threads.at_end
    ended: list[None] = []
    one = threads.Threads(1, "request", lambda: (give_back(), ended.append(None)))

    async def ask() -> None:
        for turn in range(1, settings.THREADS + 5):
            assert await one.run(read).future == 200
            wait_until(lambda turn=turn: len(ended) == turn)

    asyncio.run(ask())


def test_a_connection_that_died_costs_one_answer_at_the_most(read: Read) -> None:
    assert [read(), read()] == [200, 200]
    assert connection.connection is not None
    own, dead = connection.get_connection_params(), connection.connection.info.backend_pid
    told = {name: own[name] for name in ("dbname", "user", "host", "port") if name in own}
    with psycopg.connect(**told, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [dead])
    assert [read() for _ in range(3)] == [503, 200, 200]
