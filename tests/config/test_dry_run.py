"""`?dry_run=true`: the whole answer and the effects, without any change."""

from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from billing.models import Invoice
from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.api_routes import fill, make_rows
from tests.callers import Caller
from tests.contract import operations, query_parameters

NEW = {"first_name": "Zoë", "last_name": "Ng", "email": "zoe@example.com"}
MADE_ANEW = ("id", "created_at", "updated_at")


def without(names: tuple[str, ...], document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def traces(company: Company) -> tuple[int, ...]:
    with acting_for(company.id):
        jobs = ProcrastinateJob.objects.filter(args__company_id=str(company.id))
        return Change.objects.count(), Customer.objects.count(), jobs.count()


def test_a_dry_run_answers_as_the_write_would_and_says_what_would_follow(
    studio: Company, integrator: Caller
) -> None:
    before = traces(studio)
    body = NEW | {"address": {"street": "1 High Street"}}
    dry = integrator.post("/v1/customers?dry_run=true", body, Idempotency_Key="zoe")
    assert dry.status == 201
    assert dry.headers["Dry-Run"] == "true"
    assert dry.headers["Dry-Run-Events"] == "customer.created=1, address.created=1"
    assert dry.headers["Dry-Run-Emails"] == "invitation=1"
    assert "Location" not in dry.headers
    assert "ETag" not in dry.headers
    assert traces(studio) == before
    assert integrator.get(f"/v1/customers/{dry.body['id']}").status == 404
    real = integrator.post("/v1/customers", body, Idempotency_Key="zoe")
    assert real.status == 201, "the key was not used up"
    assert "Dry-Run" not in real.headers
    addresses = [without(("id",), one) for one in real.body["addresses"]]
    assert [without(("id",), one) for one in dry.body["addresses"]] == addresses
    names = (*MADE_ANEW, "addresses")
    assert without(names, dry.body) == without(names, real.body)
    assert traces(studio) > before


def test_a_dry_run_is_refused_as_the_write_would_be(integrator: Caller) -> None:
    for body, status in (({}, 422), ({"frist_name": "x"}, 400)):
        dry = integrator.post("/v1/customers?dry_run=1", body)
        real = integrator.post("/v1/customers", body)
        assert (dry.status, dry.body) == (status, real.body)
        assert "Dry-Run" not in dry.headers
    assert integrator.post("/v1/customers?dry_run=perhaps", NEW).status == 400
    long_key = integrator.post("/v1/customers?dry_run=true", NEW, Idempotency_Key="k" * 256)
    assert long_key.status == 400
    assert integrator.post("/v1/customers?dry_run=false", NEW).status == 201


def test_a_dry_run_takes_no_number(studio: Company, integrator: Caller) -> None:
    customer = integrator.post("/v1/customers", NEW).body["id"]
    line = {"description": "Mat", "unit_price": 900}
    body = {"customer_id": customer, "line_items": [line]}
    dry = [integrator.post("/v1/invoices?dry_run=true", body).body["number"] for _ in "ab"]
    assert integrator.post("/v1/invoices", body).body["number"] == dry[0] == dry[1]
    with acting_for(studio.id):
        assert Invoice.objects.count() == 1


def test_a_dry_run_is_had_by_each_write_of_v1_but_where_a_secret_is_shown(
    subtests: pytest.Subtests, studio: Company, integrator: Caller
) -> None:
    secret = {
        ("/v1/webhooks", "POST"),
        *((f"/v1/webhooks/{{id}}/{verb}", "POST") for verb in ("rotate-secret", "restore")),
    }
    with_it = {
        (path, method)
        for path, method, operation in operations()
        if "dry_run" in query_parameters(operation)
    }
    writes = {
        (path, method)
        for path, method, _ in operations()
        if path.startswith("/v1/") and method != "GET"
    }
    assert writes - with_it == secret | {("/v1/customers/{id}/eligibility", "POST")}
    assert with_it <= writes
    rows = make_rows(studio)
    for path, method in sorted(secret):
        with subtests.test(path):
            assert integrator(method, f"{fill(path, rows)}?dry_run=true").status == 400


def test_nothing_is_made_where_a_dry_run_is_asked_for_in_vain(
    studio: Company, integrator: Caller
) -> None:
    before = traces(studio)
    for path in ("/customers", "/v1/webhooks"):
        answer = integrator.post(f"{path}?dry_run=true", {"name": "x", "url": "https://x.example"})
        assert answer.status in (400, 422), path
        assert "There is no dry run of this request." in answer.raw.decode(), path
    assert traces(studio) == before
