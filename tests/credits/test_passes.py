"""Passes on M2M and v1, and the credits that plans grant (contract, section 1)."""

import datetime

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.models import Entry, PassPurchase
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACoupon, ACustomer, APass, APlan
from tests.refusals import refusal, whole_refusal


def test_a_pass_that_was_bought_is_answered_in_full_on_m2m(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    bought = APass(company=studio, customer=customer, name="Ten visits", visits=10)
    for name in ("packages", "passes"):
        answer = integrator.get(f"/customer/{customer.id}/{name}")
        assert answer.status == 200
        assert answer.body == {
            "data": [
                {
                    "id": f"pkg_{bought.id.hex}",
                    "type": "pass_purchase",
                    "pass": {
                        "id": f"pass_{bought.product_id.hex}",
                        "type": "pass",
                        "name": "Ten visits",
                    },
                    "credits_total": 10,
                    "credits_remaining": 10,
                    "status": "ACTIVE",
                    "purchased_at": answer.body["data"][0]["purchased_at"],
                    "expires_on": None,
                }
            ],
            "total": 1,
            "page": 0,
            "pageSize": 30,
        }


def test_the_status_of_a_pass_follows_what_happened(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    bought = APass(company=studio, customer=customer, visits=2)
    path = f"/customer/{customer.id}/passes"
    uses = f"/v1/customers/{customer.id}/passes/pkg_{bought.id.hex}/uses"

    def seen() -> tuple[str, int]:
        one = integrator.get(path).body["data"][0]
        return one["status"], one["credits_remaining"]

    integrator.post(uses, {"reference": "a"})
    assert seen() == ("ACTIVE", 1)
    last = integrator.post(uses, {"reference": "b"}).body
    assert seen() == ("USED_UP", 0)
    integrator.post(f"{uses}/{last['id']}/reverse")
    assert seen() == ("ACTIVE", 1)
    with acting_for(studio.id):
        PassPurchase.objects.update(expires_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert seen() == ("EXPIRED", 1)


def test_a_pass_is_put_on_sale_and_changed(integrator: Caller) -> None:
    asked = {"name": "Ten visits", "visits": 10, "price": 9_000, "offerings": ["Yoga"]}
    answer = integrator.post("/v1/pass-products", asked)
    product = answer.body
    assert answer.status == 201
    assert product == asked | {
        "id": product["id"],
        "tax_rate": 0,
        "tax_behavior": "exclusive",
        "gross_price": 9_000,
        "currency": "GBP",
        "offering_ids": [],
        "valid_for": None,
        "archived": False,
        "created_at": product["created_at"],
        "updated_at": product["updated_at"],
    }
    path = f"/v1/pass-products/{product['id']}"
    changed = integrator.patch(path, {"price": 9_500, "valid_for": "P1Y"}).body
    assert (changed["price"], changed["valid_for"], changed["visits"]) == (9_500, "P1Y", 10)
    assert integrator.get(path).body == changed


def test_a_pass_that_cannot_be_is_refused(integrator: Caller) -> None:
    body = {"name": "Ten visits", "visits": 10, "price": 9_000}
    for change, code, param in (
        ({"name": None}, "invalid", "name"),
        ({"visits": 0}, "invalid", "visits"),
        ({"price": -1}, "invalid", "price"),
        ({"valid_for": "P1H"}, "not_a_duration", "valid_for"),
        ({"offerings": "Yoga"}, "invalid", "offerings"),
        ({"offerings": [""]}, "invalid", "offerings.0"),
    ):
        answer = integrator.post("/v1/pass-products", body | change)
        assert refusal(answer) == (422, code, param), change


def test_a_purchase_is_answered_in_full(integrator: Caller, customer: Customer) -> None:
    product = integrator.post(
        "/v1/pass-products", {"name": "Five", "visits": 5, "price": 4_000}
    ).body
    path = f"/v1/customers/{customer.id}/passes"
    answer = integrator.post(path, {"pass_product_id": product["id"], "expires_on": "2999-01-31"})
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"],
        "pass_product_id": product["id"],
        "name": "Five",
        "visits": 5,
        "visits_left": 5,
        "status": "active",
        "offerings": [],
        "price": 4_000,
        "tax_rate": 0,
        "tax_behavior": "exclusive",
        "tax": 0,
        "currency": "GBP",
        "expires_on": "2999-01-31",
        "expires_at": "2999-01-31T23:59:59.000000Z",
        "revoked_at": None,
        "invoice_id": answer.body["invoice_id"],
        "purchased_at": answer.body["purchased_at"],
    }
    assert answer.body["invoice_id"] is not None
    assert integrator.get(path).body["data"] == [answer.body]
    integrator.post(f"/v1/pass-products/{product['id']}/archive")
    late = {"pass_product_id": product["id"], "expires_on": "2020-01-01"}
    for body, expected in (
        ({"pass_product_id": product["id"]}, (422, "pass_archived", "pass_product_id")),
        ({"pass_product_id": "nonsense"}, (422, "invalid", "pass_product_id")),
        ({}, (400, "missing_field", "pass_product_id")),
        (late, (422, "pass_archived", "pass_product_id")),
    ):
        assert refusal(integrator.post(path, body)) == expected
    integrator.post(f"/v1/pass-products/{product['id']}/restore")
    assert refusal(integrator.post(path, late)) == (422, "expiry_past", "expires_on")


def test_what_is_left_of_a_pass_is_revoked(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    path = f"/v1/customers/{customer.id}/passes"
    bought = APass(company=studio, customer=customer, visits=3)
    integrator.post(f"{path}/{bought.id}/uses", {"reference": "a"})
    before = integrator.get(f"{path}/{bought.id}").body
    answer = integrator.post(f"{path}/{bought.id}/revoke", {"reason": "Chargeback"})
    revoked_at = answer.body["revoked_at"]
    facts = {"status": "revoked", "visits_left": 0, "revoked_at": revoked_at}
    assert (answer.status, answer.body) == (200, before | facts)
    assert revoked_at is not None
    assert integrator.get(f"{path}/{bought.id}").body == answer.body
    (m2m,) = integrator.get(f"/customer/{customer.id}/passes").body["data"]
    assert (m2m["status"], m2m["credits_remaining"]) == ("EXPIRED", 0)
    again = integrator.post(f"{path}/{bought.id}/revoke")
    assert (again.status, again.body) == (200, answer.body), "it changes nothing"
    with acting_for(studio.id):
        entry = Entry.objects.get(purchase=bought, kind=Entry.REVOKE)
        assert (entry.amount, entry.reason) == (-2, "Chargeback")
    used_up = APass(company=studio, customer=customer, visits=1)
    integrator.post(f"{path}/{used_up.id}/uses", {"reference": "b"})
    message = "This pass is used up and cannot be revoked."
    refused = integrator.post(f"{path}/{used_up.id}/revoke")
    assert whole_refusal(refused) == (409, "cannot_be_revoked", message)


def test_a_use_is_answered_in_full(integrator: Caller, studio: Company, customer: Customer) -> None:
    bought = APass(company=studio, customer=customer, visits=3)
    path = f"/v1/customers/{customer.id}/passes/{bought.id}/uses"
    asked = {"reference": "class 9", "visits": 2, "reason": "With a friend"}
    answer = integrator.post(path, asked)
    assert answer.status == 201
    assert answer.body == asked | {
        "id": answer.body["id"],
        "pass_id": f"pkg_{bought.id.hex}",
        "reversed_at": None,
        "created_at": answer.body["created_at"],
    }
    assert integrator.get(path).body["data"] == [answer.body]
    assert answer.headers["Location"] == f"{path}/{answer.body['id']}"
    assert integrator.get(answer.headers["Location"]).body == answer.body
    for body, expected in (
        ({"reference": "b", "visits": 2}, (409, "not_enough", None)),
        ({"reference": "class 9"}, (409, "reference_taken", "reference")),
        ({"reference": "b", "visits": 0}, (422, "invalid", "visits")),
        ({"visits": 1}, (400, "missing_field", "reference")),
    ):
        assert refusal(integrator.post(path, body)) == expected
    back = integrator.post(f"{path}/{answer.body['id']}/reverse", {"reason": "Cancelled"})
    assert (back.status, back.body["reversed_at"] is None) == (200, False)
    again = integrator.post(f"{path}/{answer.body['id']}/reverse")
    assert refusal(again) == (409, "already_reversed", None)
    other = ACustomer(company=studio)
    assert integrator.get(f"/v1/customers/{other.id}/passes/{bought.id}/uses").status == 404


def test_a_plan_says_what_it_grants(integrator: Caller, studio: Company) -> None:
    plan, coupon = APlan(company=studio), ACoupon(company=studio)
    path = f"/v1/plans/{plan.id}/credit-rules"
    answer = integrator.post(path, {"coupon_id": str(coupon.id), "every": "billing_cycle"})
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"],
        "plan_id": f"plan_{plan.id.hex}",
        "coupon_id": f"cpn_{coupon.id.hex}",
        "every": "billing_cycle",
        "on_sign_up": True,
        "rolls_over": False,
        "archived": False,
        "created_at": answer.body["created_at"],
    }
    assert integrator.get(path).body["data"] == [answer.body]
    for body, expected in (
        ({"coupon_id": str(coupon.id), "every": "P2M"}, (422, "invalid", "every")),
        ({"every": "P1M"}, (400, "missing_field", "coupon_id")),
        ({"coupon_id": str(plan.id), "every": "P1M"}, (422, "invalid", "coupon_id")),
    ):
        assert refusal(integrator.post(path, body)) == expected
    integrator.post(f"/v1/coupons/{coupon.id}/archive")
    archived = integrator.post(path, {"coupon_id": str(coupon.id), "every": "P1M"})
    assert refusal(archived) == (422, "coupon_archived", "coupon_id")
    ended = integrator.post(f"{path}/{answer.body['id']}/archive")
    assert (ended.status, ended.body) == (200, answer.body | {"archived": True})
    assert integrator.get(path).body["data"] == []
