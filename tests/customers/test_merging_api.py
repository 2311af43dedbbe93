"""Merges through the API, and the ids of merged customers on every surface."""

from typing import Any

import pytest

from config.tenancy.companies import Company
from customers.actions import cancel_erasure
from tests.api_routes import every_row
from tests.callers import Caller
from tests.factories import ACustomer, act

# These members differ: cursors and links name the path, and `as_of` is the time of the request.
BESIDE = ("links", "start_cursor", "end_cursor", "as_of")


@pytest.fixture
def pair(studio: Company) -> tuple[Any, Any]:
    """Two records of Ana: the first stays and has little, the second has a row of every kind."""
    kept = ACustomer(company=studio, first_name="Ana", last_name="Díaz", email="ana@example.com")
    rows = every_row(studio, "Anna")
    act(studio, cancel_erasure, rows["erasure"])
    return kept, rows["customer"]


def test_a_dry_run_tells_all_that_would_happen_and_its_plan_is_held(
    integrator: Caller, pair: tuple[Any, Any]
) -> None:
    kept, merged = pair
    path, body = f"/v1/customers/{kept.pk}/merge", {"merged_customer_id": str(merged.pk)}
    shown = integrator.post(f"{path}?dry_run=true", body)
    assert shown.status == 200, shown
    assert shown.headers["Dry-Run"] == "true"
    assert "customer.merged=2" in shown.headers["Dry-Run-Events"]
    plan = shown.body["plan"]
    names = {one["name"] for one in shown.body["fields_that_differ"]}
    assert names == {"first_name", "last_name", "name", "email", "external_id"}
    moved = {one["object"]: one["count"] for one in shown.body["moved"]}
    assert moved["booking"] == 2
    integrator.patch(f"/v1/customers/{merged.pk}", {"last_name": "Diaz"})
    stale = integrator.post(path, {**body, "plan": plan})
    assert (stale.status, stale.body["error"]["code"]) == (412, "merge_plan_changed")
    plan = integrator.post(f"{path}?dry_run=true", body).body["plan"]
    done = integrator.post(path, {**body, "plan": plan, "choices": {"last_name": "merged"}})
    assert done.status == 200, done
    assert integrator.get(f"/v1/customers/{kept.pk}").body["last_name"] == "Diaz"
    listed = integrator.get(f"/v1/customers/{kept.pk}/merges").body["data"]
    assert [one["id"] for one in listed] == [done.body["id"]]
    undone = integrator.post(f"/v1/customers/{kept.pk}/merges/{done.body['id']}/undo")
    assert undone.status == 200, undone
    assert undone.body["undone_at"]


def test_an_old_id_answers_as_the_one_that_stayed(
    integrator: Caller, pair: tuple[Any, Any]
) -> None:
    kept, merged = pair
    integrator.post(f"/v1/customers/{kept.pk}/merge", {"merged_customer_id": str(merged.pk)})
    stayed = f"cust_{kept.pk.hex}"
    for path in (
        "/v1/customers/{}",
        "/v1/customers/{}/state",
        "/v1/customers/{}/addresses",
        "/v1/customers/{}/bookings",
        "/customers/{}",
        "/customers/{}/users",
        "/customers/{}/payment-methods",
        "/customer/{}/profile",
        "/customer/{}/notes",
        "/customer/{}/bookings",
        "/customer/{}/packages",
        "/customers/customers/{}/credits",
        "/v1/customers/{}/credits/balance",
    ):
        old, new = integrator.get(path.format(merged.pk)), integrator.get(path.format(kept.pk))
        assert old.status == 200, (path, old)
        assert old.headers["Merged-Into"] == stayed, path
        assert "Merged-Into" not in new.headers, path
        shown = [
            {name: one for name, one in answer.body.items() if name not in BESIDE}
            for answer in (old, new)
        ]
        assert shown[0] == shown[1], path
    for path in (
        "/v1/bookings?customer_id={}",
        "/v1/invoices?customer_id={}",
        "/v1/payments?customer_id={}",
        "/v1/transactions?customer_id={}",
        "/v1/goodwill?customer_id={}",
        "/v1/credit-notes?customer_id={}",
    ):
        old, new = integrator.get(path.format(merged.pk)), integrator.get(path.format(kept.pk))
        assert old.body["data"] == new.body["data"] != [], path
    for path in (
        "/customers",
        "/v1/customers",
        "/v1/customers?status=deactivated",
        "/v1/customers?search=anna",
        "/v1/customers?email=anna@anna.example",
        "/customers?archived=true",
    ):
        assert merged.pk.hex not in integrator.get(path).raw.decode(), path
