"""The log of API requests: its content, how it is written, and how long it is kept."""

import logging
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, ProgrammingError
from psycopg import errors as pg

from config.api.resource import Resource
from config.requests import actions, recorder
from config.requests.actions import CountedRequest, NotedRequest, record_requests
from config.requests.models import DAYS_KEPT, ApiRequest, RequestCount
from config.requests.recorder import Recorder
from config.requests.tasks import remove_old
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import new_id
from config.tenancy.scoping import acting_for
from config.times import database_now
from tests.backoffice import count
from tests.callers import Caller, call_as, nobody
from tests.factories import ACustomer, AnApiRequest, make_api_client, make_api_key

UNKNOWN = f"cust_{UUID(int=7).hex}"
HOUR = timedelta(hours=1)


def logged(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    """Return the log as a caller reads it, oldest first."""
    return caller.get(f"/v1/requests?{query}").body["data"][::-1]


def counts(company: Company) -> dict[tuple[str, str, int], int]:
    """Return the number of requests for each operation, status and scope."""
    with acting_for(company.id):
        return {
            (one.operation, one.scope, one.status): one.count for one in RequestCount.objects.all()
        }


def actor_of(company: Company, name: str = "App") -> Actor:
    return Actor("client", name, company.id, company.country, new_id())


def note(log: Recorder, actor: Actor, request_id: str) -> None:
    log.note(
        actor,
        request_id=request_id,
        operation="v1_plans_read",
        method="GET",
        path="/v1/plans/{id}",
        status=404,
        error_code="not_found",
        seconds=0.005,
    )


# --- Content ---


def test_a_write_is_logged_whole(log: Recorder, studio: Company) -> None:
    client, secret = make_api_client(studio, name="Sync", scopes=["customers:write"])
    token = nobody().post("/token", {"client_id": client.client_id, "client_secret": secret})
    caller = Caller({"Authorization": f"Bearer {token.body['access_token']}"})
    made = caller.post(
        "/v1/customers", {"first_name": "Ann", "email": "ann@lee.example"}, Request_Id="sync-1"
    )
    log.flush()
    (one,) = logged(call_as(studio))
    with acting_for(studio.id):
        row = ApiRequest.objects.get()
        age = database_now() - row.created_at
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert 0 <= one["duration_milliseconds"] < 60_000
    assert one == {
        "id": f"req_{row.id.hex}",
        "created_at": row.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "request_id": made.headers["Request-Id"],
        "operation": "v1_customers_create",
        "method": "POST",
        "path": "/v1/customers",
        "status": 201,
        "error_code": None,
        "duration_milliseconds": one["duration_milliseconds"],
        "credential": {"kind": "client", "id": str(client.pk), "name": "Sync"},
    }
    assert one["request_id"] == "sync-1"


def test_writes_and_refusals_are_logged_without_what_was_typed(
    log: Recorder, integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    reader = call_as(studio, ["customers:read"], "reader")
    path = f"/v1/customers/{customer.id}"
    secret = "ann@secret.example"
    for caller, method, address, body in (
        (integrator, "GET", f"/v1/customers?search={secret}", None),
        (integrator, "POST", f"{path}/eligibility", {"amount": 5}),
        (integrator, "PATCH", f"{path}?{secret}=1", {"first_name": secret}),
        (integrator, "PATCH", path, {"first_name": secret, "emial": secret}),
        (integrator, "GET", f"/v1/customers/{secret}", None),
        (integrator, "GET", f"/customer/{UNKNOWN}/profile", None),
        (integrator, "PUT", path, {}),
        (reader, "PATCH", path, {}),
        (nobody(), "GET", path, None),
        (integrator, "GET", "/v1/nothing", None),
    ):
        caller(method, address, body)
    log.flush()
    names = ("method", "path", "status", "operation", "error_code")
    assert [tuple(one[name] for name in names) for one in logged(integrator)] == [
        ("PATCH", path, 400, "v1_customers_change", "unknown_parameter"),
        ("PATCH", path, 400, "v1_customers_change", "unknown_field"),
        ("GET", "/v1/customers/{id}", 404, "v1_customers_read", "not_found"),
        ("GET", f"/customer/{UNKNOWN}/profile", 404, "m2m_customer_profile_read", "not_found"),
        ("PUT", path, 405, None, "method_not_allowed"),
        ("PATCH", path, 403, "v1_customers_change", "missing_scope"),
    ]
    assert secret not in str(logged(integrator))
    assert counts(studio) == {
        ("v1_customers_list", "customers:read", 200): 1,
        ("v1_customers_eligibility", "credits:read", 200): 1,
        ("v1_customers_change", "customers:write", 400): 2,
        ("v1_customers_read", "customers:read", 404): 1,
        ("m2m_customer_profile_read", "profile:read", 404): 1,
        ("", "", 405): 1,
        ("v1_customers_change", "customers:write", 403): 1,
    }


def test_a_failure_and_a_stream_are_logged_and_counted(
    log: Recorder, integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert integrator.get("/customers").status == 200
    with monkeypatch.context() as broken:
        broken.setattr(Resource, "retrieve", lambda *args, **kwargs: 1 / 0)
        integrator.client.raise_request_exception = False
        integrator.client.get(f"/v1/plans/{UNKNOWN[5:]}", headers=integrator.headers)
    log.flush()
    with acting_for(studio.id):
        assert [(one.status, one.error_code) for one in ApiRequest.objects.all()] == [
            (500, "internal_error")
        ]
    assert counts(studio) == {
        ("accounts_customers_list", "customers:read", 200): 1,
        ("v1_plans_read", "plans:read", 500): 1,
    }


def test_of_requests_past_a_limit_all_are_counted_and_one_a_batch_is_logged(
    log: Recorder, studio: Company
) -> None:
    terms = {"scopes": ["customers:read"], "requests_per_minute": 2}
    _, text = make_api_key(studio, name="limited", **terms)
    caller = Caller({"X-API-Key": text})
    for _ in range(2):
        statuses = [caller.get("/v1/customers").status for _ in range(4)]
        log.flush()
    assert statuses == [429] * 4
    assert [(one["status"], one["error_code"]) for one in logged(call_as(studio))] == [
        (429, "too_many_requests")
    ] * 2
    assert counts(studio) == {
        ("v1_customers_list", "customers:read", 200): 2,
        ("v1_customers_list", "customers:read", 429): 6,
    }


def test_the_log_is_filtered_and_paged(integrator: Caller, studio: Company) -> None:
    client = new_id()
    for number, status in enumerate((201, 404, 409, 503)):
        AnApiRequest(
            company=studio, request_id=f"r{number}", status=status, operation=f"v1_plans_{number}",
            credential_id=client if number < 2 else new_id(),
        )  # fmt: skip
    for query, found in {
        "": [0, 1, 2, 3],
        "request_id=r2": [2],
        "status=404": [1],
        "status=4xx": [1, 2],
        "status=5xx": [3],
        "operation=v1_plans_0": [0],
        f"credential_id={client}": [0, 1],
        "created_after=2020-01-01T00:00:00Z": [0, 1, 2, 3],
        "created_before=2020-01-01T00:00:00Z": [],
    }.items():
        assert [one["request_id"] for one in logged(integrator, query)] == [
            f"r{number}" for number in found
        ], query
    page = integrator.get("/v1/requests?limit=3").body
    assert [one["request_id"] for one in page["data"]] == ["r3", "r2", "r1"]
    rest = integrator.get(f"/v1/requests?after={page['end_cursor']}").body
    assert [one["request_id"] for one in rest["data"]] == ["r0"]
    refused = integrator.get("/v1/requests?status=4x").body["error"]
    assert refused["message"] == (
        "status: Must be a status such as 404, or a class such as 4xx; got “4x”."
    )


def test_a_company_reads_its_own_log_alone(
    log: Recorder, integrator: Caller, stranger: Caller, studio: Company, rival: Company
) -> None:
    theirs = AnApiRequest(company=rival, request_id="theirs")
    stranger.get(f"/v1/customers/{UNKNOWN}", Request_Id="theirs-too")
    log.flush()
    assert [one["request_id"] for one in logged(stranger)] == ["theirs", "theirs-too"]
    for query in ("", "request_id=theirs", f"credential_id={theirs.credential_id}"):
        assert logged(integrator, query) == []


# --- Writing ---


def counted(company: Company, minute: int, credential: UUID) -> CountedRequest:
    return CountedRequest(company.id, credential, "v1_plans_list", "plans:read", 200, minute)


def test_counts_add_up_within_an_hour(studio: Company) -> None:
    credential, now = new_id(), int(monotonic() / 60)
    three_hours = {counted(studio, now - age, credential): 1 for age in range(180)}
    for _ in range(2):
        record_requests(studio.id, [], three_hours)
    with acting_for(studio.id):
        rows = RequestCount.objects.order_by("hour")
        found = {one.hour: one.count for one in rows}
    hours = [*found]
    assert [hour - hours[0] for hour in hours] == [number * HOUR for number in range(len(hours))]
    assert (hours[0].minute, hours[0].second, hours[0].microsecond) == (0, 0, 0)
    assert sum(found.values()) == 360
    assert [*found.values()][1:-1] == [120] * (len(found) - 2)


def test_a_batch_that_is_written_twice_is_logged_once(studio: Company) -> None:
    row = AnApiRequest(company=studio)
    names = [name for name in NotedRequest._fields if name != "answered_at"]
    again = NotedRequest(answered_at=monotonic(), **{name: getattr(row, name) for name in names})
    record_requests(studio.id, [again], {})
    assert count(ApiRequest, studio) == 1


def test_what_waits_for_the_database_is_written_once_when_it_is_back(
    log: Recorder, studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = actor_of(studio), actor_of(rival)
    write, tried = recorder.record_requests, []

    def fail(company_id: UUID, *batch: Any) -> None:
        tried.append(company_id)
        raise OperationalError("the connection is lost")

    for actor in (one, other):
        note(log, actor, "before")
        log.count(actor, "v1_plans_read", "plans:read", 404)
    monkeypatch.setattr(recorder, "record_requests", fail)
    log.flush()
    assert tried == [studio.id], "without a database no other company is tried"
    note(log, one, "meanwhile")
    log.count(one, "v1_plans_read", "plans:read", 404)
    log.flush()
    monkeypatch.setattr(recorder, "record_requests", write)
    log.flush()
    log.flush()
    assert [one["request_id"] for one in logged(call_as(studio))] == ["before", "meanwhile"]
    assert [one["request_id"] for one in logged(call_as(rival))] == ["before"]
    assert counts(studio) == {("v1_plans_read", "plans:read", 404): 2}
    assert counts(rival) == {("v1_plans_read", "plans:read", 404): 1}


def test_a_company_that_fails_stops_no_other(
    log: Recorder, studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    write = recorder.record_requests
    locked = OperationalError("locked")
    locked.__cause__ = pg.LockNotAvailable()
    for error, kept in ((ValueError("ann@secret.example"), 0), (locked, 1)):

        def fail_for_the_first(company_id: UUID, *batch: Any, error: Exception = error) -> None:
            if company_id == studio.id:
                raise error
            write(company_id, *batch)

        for actor in (actor_of(studio), actor_of(rival)):
            note(log, actor, type(error).__name__)
        monkeypatch.setattr(recorder, "record_requests", fail_for_the_first)
        log.flush()
        assert count(ApiRequest, studio) == 0
        monkeypatch.setattr(recorder, "record_requests", write)
        log.flush()
        assert count(ApiRequest, studio) == kept, "an error that would come again is not kept"
    assert count(ApiRequest, rival) == 2
    assert f"API requests of company {studio.id} are not logged: ValueError" in caplog.text
    assert "ann@secret.example" not in caplog.text


def test_memory_is_bounded_and_the_oldest_are_dropped_and_told(
    log: Recorder, studio: Company, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(recorder, "MOST_KEPT", 3)
    actor, write = actor_of(studio), recorder.record_requests

    def fail(*batch: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(recorder, "record_requests", fail)
    for number in range(5):
        note(log, actor, f"r{number}")
        log.count(actor, f"v1_plans_{number}", "plans:read", 200)
        if number == 1:
            log.flush()
    monkeypatch.setattr(recorder, "record_requests", write)
    with caplog.at_level(logging.WARNING):
        log.flush()
    assert [one["request_id"] for one in logged(call_as(studio))] == ["r2", "r3", "r4"]
    assert {operation for operation, _, _ in counts(studio)} == {f"v1_plans_{n}" for n in (2, 3, 4)}
    assert "The log of API requests is 4 requests short" in caplog.text


@pytest.mark.parametrize("is_fair", [True, False])
def test_a_flood_of_one_company_costs_no_other_company_an_entry(
    log: Recorder, studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch, is_fair: bool
) -> None:
    """The negative control drops the oldest entries of any company."""
    monkeypatch.setattr(recorder, "MOST_KEPT", 5)
    if not is_fair:
        monkeypatch.setattr(recorder, "_longest", lambda kept: next(one for one in kept if one))
    quiet, loud, write = actor_of(studio), actor_of(rival), recorder.record_requests

    def fail(*batch: Any) -> None:
        raise OperationalError

    for number in range(2):
        note(log, quiet, f"quiet-{number}")
        log.count(quiet, f"v1_plans_{number}", "plans:read", 200)
    for number in range(20):
        note(log, loud, f"loud-{number}")
        log.count(loud, f"v1_plans_{number}", "plans:read", 200)
        if number == 9:
            monkeypatch.setattr(recorder, "record_requests", fail)
            log.flush()
            monkeypatch.setattr(recorder, "record_requests", write)
    log.flush()
    kept = [one["request_id"] for one in logged(call_as(studio))]
    assert (kept == ["quiet-0", "quiet-1"]) is is_fair
    assert (len(counts(studio)) == 2) is is_fair
    if is_fair:
        loudest = [one["request_id"] for one in logged(call_as(rival))]
        assert loudest == ["loud-17", "loud-18", "loud-19"]
        assert len(counts(rival)) == 3


def test_what_is_older_than_thirty_days_is_removed(
    studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "REMOVED_AT_ONCE", 2)
    for company in (studio, rival):
        row = AnApiRequest(company=company)
        for days in (DAYS_KEPT - 1, *range(DAYS_KEPT + 1, DAYS_KEPT + 6)):
            at = database_now() - timedelta(days=days)
            names = set(NotedRequest._fields) - {"id", "answered_at"}
            facts = {name: getattr(row, name) for name in names}
            with acting_for(company.id):
                ApiRequest.objects.create(created_at=at, **facts)
                RequestCount.objects.create(
                    company_id=company.id, credential_id=new_id(), status=200, hour=at, count=1
                )
    remove_old(timestamp=0)
    for company in (studio, rival):
        assert (count(ApiRequest, company), count(RequestCount, company)) == (2, 1)


def test_nobody_changes_what_is_logged(studio: Company) -> None:
    row = AnApiRequest(company=studio)
    with pytest.raises(ProgrammingError, match="permission denied"), acting_for(studio.id):
        ApiRequest.objects.filter(pk=row.pk).update(status=200)
