"""Goodwill on v1, whole answers."""

from typing import Any

from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller, call_as
from tests.factories import ACustomer, AGoodwill
from tests.refusals import UNKNOWN_FIELD, refusal, whole_error, whole_refusal


def path_of(customer: Customer) -> str:
    return f"/v1/customers/cust_{customer.pk.hex}/goodwill"


def shown(goodwill: Any, **more: Any) -> dict[str, Any]:
    """Return waiting goodwill as v1 shows it; `more` overrides fields."""
    return {
        "id": f"gw_{goodwill.pk.hex}",
        "customer_id": f"cust_{goodwill.customer_id.hex}",
        "status": "waiting",
        "amount": 1_500,
        "currency": "GBP",
        "reason": "A cold room",
        "credit_id": None,
        "asked_by": "Noor",
        "decided_by": None,
        "decided_at": None,
        "decision_reason": None,
        **more,
    }


def own_name(caller: Caller) -> str:
    return caller.get("/v1/me").body["credential"]["name"]


def without_times(body: dict[str, Any]) -> dict[str, Any]:
    assert body["updated_at"] >= body["created_at"]
    return {name: one for name, one in body.items() if name not in ("created_at", "updated_at")}


def test_a_client_gives_goodwill_at_once(integrator: Caller, customer: Customer) -> None:
    answer = integrator.post(path_of(customer), {"amount": 2_500, "reason": "A cold room"})
    body = answer.body
    assert answer.status == 201
    assert answer.headers["Location"] == f"/v1/goodwill/{body['id']}"
    assert integrator.get(answer.headers["Location"]).body == body
    credit = integrator.get(f"/v1/customers/{customer.pk}/credits/{body['credit_id']}").body
    assert (credit["kind"], credit["balance"], credit["coupon_name"]) == (
        "amount",
        2_500,
        "Goodwill",
    )
    name = own_name(integrator)
    assert without_times(body) == {
        "id": body["id"],
        "customer_id": f"cust_{customer.pk.hex}",
        "status": "given",
        "amount": 2_500,
        "currency": "GBP",
        "reason": "A cold room",
        "credit_id": credit["id"],
        "asked_by": name,
        "decided_by": name,
        "decided_at": body["decided_at"],
        "decision_reason": None,
    }
    assert integrator.get("/v1/coupons").body["data"] == [], "its coupon is archived"
    assert integrator.get(f"/v1/coupons/{credit['coupon_id']}").body["archived"] is True


def test_what_waits_is_approved_once(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    goodwill = AGoodwill(company=studio, customer=customer)
    path = f"/v1/goodwill/gw_{goodwill.pk.hex}"
    assert without_times(integrator.get(path).body) == shown(goodwill)
    answer = integrator.post(f"{path}/approve")
    body = answer.body
    assert (answer.status, without_times(body)) == (
        200,
        shown(
            goodwill,
            status="approved",
            credit_id=body["credit_id"],
            decided_by=own_name(integrator),
            decided_at=body["decided_at"],
        ),
    )
    assert body["credit_id"].startswith("crd_")
    name = body["decided_by"]
    told = f"This goodwill was approved by {name} already. Leave it as it is."
    for verb in ("approve", "refuse"):
        again = integrator.post(f"{path}/{verb}")
        assert whole_refusal(again) == (409, "goodwill_decided", told)
    assert len(integrator.get(f"/v1/customers/{customer.pk}/credits").body["data"]) == 1


def test_what_waits_is_refused_with_a_reason(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    goodwill = AGoodwill(company=studio, customer=customer)
    answer = integrator.post(f"/v1/goodwill/{goodwill.pk}/refuse", {"reason": "Too much"})
    body = answer.body
    assert (answer.status, without_times(body)) == (
        200,
        shown(
            goodwill,
            status="refused",
            decided_by=own_name(integrator),
            decided_at=body["decided_at"],
            decision_reason="Too much",
        ),
    )


def test_goodwill_is_listed_by_status_and_customer(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    other = ACustomer(company=studio)
    first, given = (
        AGoodwill(company=studio, customer=one, given=is_given)
        for one, is_given in ((customer, False), (other, True))
    )
    last = AGoodwill(company=studio, customer=customer)
    for path, expected in (
        ("/v1/goodwill", [last, given, first]),
        ("/v1/goodwill?status=waiting", [last, first]),
        ("/v1/goodwill?status=given", [given]),
        (f"/v1/goodwill?customer_id={customer.pk}", [last, first]),
        (path_of(customer), [last, first]),
        (f"{path_of(other)}?status=waiting", []),
    ):
        listed = [one["id"] for one in integrator.get(path).body["data"]]
        assert listed == [f"gw_{one.pk.hex}" for one in expected], path


def test_goodwill_that_is_not_valid_is_told_all_at_once(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    answer = integrator.post(path_of(customer), {"amount": 0, "colour": "red"})
    money = "a whole number from 1 to 1,000,000,000,000, in the smallest unit of the currency"
    assert (answer.status, answer.body) == (
        400,
        whole_error(
            ("colour", "unknown_field", UNKNOWN_FIELD),
            ("reason", "missing_field", "Send this field: it is required."),
            ("amount", "invalid", f"Must be {money}; got “0”."),
        ),
    )
    archived = ACustomer(company=studio, archived=True)
    refused = integrator.post(path_of(archived), {"amount": 5, "reason": "x"})
    assert refusal(refused)[:2] == (409, "customer_archived")
    reader = call_as(studio, ["credits:read"], "reader")
    assert reader.post(path_of(customer), {"amount": 5, "reason": "x"}).status == 403


def test_changes_of_goodwill_are_events(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    goodwill = AGoodwill(company=studio, customer=customer)
    integrator.post(f"/v1/goodwill/{goodwill.pk}/approve")
    AGoodwill(company=studio, customer=customer, given=True)
    refused = AGoodwill(company=studio, customer=customer)
    integrator.post(f"/v1/goodwill/{refused.pk}/refuse")
    listed = integrator.get("/v1/changes?types=goodwill.*").body["data"]
    assert [one["type"] for one in listed] == [
        "goodwill.requested",
        "goodwill.approved",
        "goodwill.given",
        "goodwill.requested",
        "goodwill.refused",
    ]
