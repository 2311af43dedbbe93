"""Coupons, redemptions, balances and eligibility on v1 (issue 3, beyond the documents)."""

import datetime
from typing import Any

import pytest

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import redeem_credit
from credits.actions.ledger import local_today
from credits.models import Credit
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACoupon, ACredit, ACustomer, APass


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio)


def uses(customer: Customer, credit: Credit) -> str:
    return f"/v1/customers/{customer.id}/credits/{credit.id}/redemptions"


def refusal(answer: Any) -> tuple[int, str, str | None]:
    error = answer.body["error"]
    return answer.status, error["code"], error.get("param")


# --- Coupons ---


def test_a_new_coupon_is_answered_in_full(integrator: Caller) -> None:
    answer = integrator.post(
        "/v1/coupons",
        {
            "name": "Ten pounds",
            "description": "Sorry for the wait.",
            "code": "SORRY",
            "amount": 1_000,
            "valid_for": "P6M",
        },
    )
    coupon = answer.body
    assert (answer.status, coupon) == (
        201,
        {
            "id": coupon["id"],
            "name": "Ten pounds",
            "description": "Sorry for the wait.",
            "code": "SORRY",
            "amount": 1_000,
            "percentage": None,
            "offering": None,
            "multi_use": False,
            "valid_for": "P6M",
            "currency": "GBP",
            "archived": False,
            "created_at": coupon["created_at"],
            "updated_at": coupon["updated_at"],
        },
    )
    assert integrator.get(f"/v1/coupons/{coupon['id']}").body == coupon
    assert integrator.get("/v1/coupons").body == {
        "data": [coupon],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "missing_field", "name")),
        ({"name": "x"}, (422, "terms_unclear", None)),
        ({"name": "x", "amount": 1, "percentage": 5}, (422, "terms_unclear", None)),
        ({"name": "x", "amount": 0}, (422, "invalid", "amount")),
        ({"name": "x", "percentage": 101}, (422, "invalid", "percentage")),
        ({"name": "x", "amount": 5, "multi_use": True}, (422, "amount_multi_use", "multi_use")),
        ({"name": "x", "amount": 5, "valid_for": "soon"}, (422, "not_a_duration", "valid_for")),
        ({"name": "x", "amount": 5, "valid_for": "P0D"}, (422, "not_a_duration", "valid_for")),
        ({"name": "x", "amount": 5, "currency": "USD"}, (400, "bad_request", "currency")),
        ({"name": "x", "amount": "5"}, (422, "invalid", "amount")),
    ],
)
def test_a_coupon_gives_one_thing_that_can_be(
    integrator: Caller, body: dict[str, Any], expected: tuple[int, str, str | None]
) -> None:
    assert refusal(integrator.post("/v1/coupons", body)) == expected
    assert integrator.get("/v1/coupons").body["data"] == []


def test_a_coupon_is_changed_archived_and_restored(integrator: Caller, studio: Company) -> None:
    coupon = ACoupon(company=studio, name="Old", amount=500)
    path = f"/v1/coupons/{coupon.id}"
    changed = integrator.patch(path, {"name": "New", "amount": None, "offering": "Facial"})
    assert (changed.status, changed.body["name"], changed.body["offering"]) == (
        200,
        "New",
        "Facial",
    )
    assert refusal(integrator.patch(path, {"offering": ""})) == (422, "terms_unclear", None)
    archived = integrator.post(f"{path}/archive")
    assert (archived.status, archived.body["archived"]) == (200, True)
    assert refusal(integrator.post(f"{path}/archive")) == (400, "already_archived", None)
    assert refusal(integrator.patch(path, {"name": "x"})) == (400, "already_archived", None)
    assert integrator.get("/v1/coupons?archived=false").body["data"] == []
    assert integrator.get("/v1/coupons?archived=true").body["data"] == [archived.body]
    assert integrator.post(f"{path}/restore").body["archived"] is False
    assert refusal(integrator.post(f"{path}/restore")) == (400, "not_archived", None)


def test_a_code_stands_once_among_live_coupons(integrator: Caller) -> None:
    body = {"name": "x", "amount": 5, "code": "HELLO"}
    first = integrator.post("/v1/coupons", body).body
    assert refusal(integrator.post("/v1/coupons", body)) == (409, "coupon_code_taken", "code")
    integrator.post(f"/v1/coupons/{first['id']}/archive")
    assert integrator.post("/v1/coupons", body).status == 201
    restored = integrator.post(f"/v1/coupons/{first['id']}/restore")
    assert refusal(restored) == (409, "coupon_code_taken", "code")


# --- Redemptions ---


def test_a_redemption_is_answered_in_full_and_given_back(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=1_000)
    answer = integrator.post(
        uses(customer, credit), {"reference": "till 7", "amount": 300, "reason": "Oil"}
    )
    made = answer.body
    assert (answer.status, made) == (
        201,
        {
            "id": made["id"],
            "credit_id": f"crd_{credit.id.hex}",
            "amount": 300,
            "reference": "till 7",
            "reason": "Oil",
            "reversed_at": None,
            "created_at": made["created_at"],
        },
    )
    assert integrator.get(uses(customer, credit)).body["data"] == [made]
    undone = integrator.post(f"{uses(customer, credit)}/{made['id']}/reversal")
    reversed_at = undone.body["reversed_at"]
    assert (undone.status, undone.body) == (200, made | {"reversed_at": reversed_at})
    assert reversed_at is not None
    again = integrator.post(f"{uses(customer, credit)}/{made['id']}/reversal", {"reason": "x"})
    assert refusal(again) == (409, "already_reversed", None)


def test_each_reason_to_refuse_a_use_is_told(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    money = ACredit(company=studio, customer=customer, amount=1_000)
    used, gone, old = (ACredit(company=studio, customer=customer) for _ in range(3))
    with acting_for(studio.id):
        redeem_credit(used, reference="a", actor=actor)
        Credit.objects.filter(pk=old.pk).update(expiry_date=datetime.date(2020, 1, 1))
    integrator.delete(f"/customers/customers/{customer.id}/credits/{gone.id}")
    integrator.post(uses(customer, money), {"reference": "taken", "amount": 1})
    for credit, body, expected in (
        (money, {"reference": "b", "amount": 1_000}, (409, "not_enough", None)),
        (money, {"reference": "b"}, (422, "amount_missing", "amount")),
        (money, {"reference": "b", "amount": 0}, (422, "invalid", "amount")),
        (money, {"reference": "b", "amount": -5}, (422, "invalid", "amount")),
        (money, {"reference": "taken", "amount": 1}, (409, "reference_taken", "reference")),
        (money, {"amount": 1}, (400, "missing_field", "reference")),
        (money, {"reference": "", "amount": 1}, (422, "invalid", "reference")),
        (used, {"reference": "b"}, (409, "used_up", None)),
        (used, {"reference": "b", "amount": 1}, (422, "amount_not_taken", "amount")),
        (gone, {"reference": "b"}, (409, "revoked", None)),
        (old, {"reference": "b"}, (409, "expired", None)),
    ):
        assert refusal(integrator.post(uses(customer, credit), body)) == expected
    integrator.delete(f"/customers/{customer.id}")
    refused = integrator.post(uses(customer, money), {"reference": "c", "amount": 1})
    assert refusal(refused) == (409, "customer_archived", None)


def test_a_credit_is_used_where_it_belongs_only(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    credit, other = ACredit(company=studio, customer=customer), ACustomer(company=studio)
    assert integrator.post(uses(other, credit), {"reference": "a"}).status == 404
    assert integrator.get(uses(other, credit)).status == 404
    made = integrator.post(uses(customer, credit), {"reference": "a"}).body
    path = f"{uses(other, credit)}/{made['id']}/reversal"
    assert integrator.post(path).status == 404
    second = ACredit(company=studio, customer=customer)
    path = f"{uses(customer, second)}/{made['id']}/reversal"
    assert integrator.post(path).status == 404


# --- Balances ---


def test_a_balance_sums_up_what_is_held_then_and_now(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    path = f"/v1/customers/{customer.id}/credits/balance"
    empty = integrator.get(path)
    assert (empty.status, empty.body) == (
        200,
        {
            "as_of": empty.body["as_of"],
            "currency": "GBP",
            "amount": 0,
            "single_use": 0,
            "multi_use": 0,
            "visits": 0,
        },
    )
    money = ACredit(company=studio, customer=customer, amount=1_000)
    ACredit(company=studio, customer=customer)
    ACredit(company=studio, customer=customer, percentage=10, multi_use=True)
    APass(company=studio, customer=customer, visits=5)
    ACredit(company=studio, amount=77)
    full = integrator.get(path).body
    assert {name: full[name] for name in ("amount", "single_use", "multi_use", "visits")} == {
        "amount": 1_000,
        "single_use": 1,
        "multi_use": 1,
        "visits": 5,
    }
    integrator.post(uses(customer, money), {"reference": "a", "amount": 400})
    assert integrator.get(path).body["amount"] == 600
    assert integrator.get(f"{path}?as_of={full['as_of']}").body == full
    assert integrator.get(f"{path}?as_of=2020-01-01").body["amount"] == 0
    assert integrator.get(f"{path}?as_of=9999-01-01").body["amount"] == 600
    assert refusal(integrator.get(f"{path}?as_of=soon")) == (400, "bad_request", "as_of")


def test_what_is_past_its_last_day_is_no_balance(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=1_000)
    today = local_today(studio.id)
    with acting_for(studio.id):
        Credit.objects.filter(pk=credit.pk).update(expiry_date=today)
    path = f"/v1/customers/{customer.id}/credits/balance"
    assert integrator.get(path).body["amount"] == 1_000
    later = today + datetime.timedelta(days=2)
    assert integrator.get(f"{path}?as_of={later}").body["amount"] == 0


# --- Eligibility ---


def test_what_is_good_for_the_service_pays_for_all_of_it(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    later = local_today(studio.id) + datetime.timedelta(days=30)
    money = ACredit(company=studio, customer=customer, name="Gift", amount=500)
    massage = ACredit(company=studio, customer=customer, name="A massage", expiry_date=later)
    facial = ACredit(company=studio, customer=customer, name="A facial", offering="Facial")
    answer = integrator.post(
        f"/v1/customers/{customer.id}/eligibility", {"service": "massage", "amount": 6_000}
    )

    def named(credit: Credit, name: str, day: datetime.date | None = None) -> dict[str, Any]:
        ends = day and day.isoformat()
        return {"type": "credit", "id": f"crd_{credit.id.hex}", "name": name, "expiry_date": ends}

    assert (answer.status, answer.body) == (
        200,
        {
            "covered": True,
            "remaining": 0,
            "parts": [{**named(massage, "A massage", later), "amount": 6_000, "uses": 1}],
            "others": [
                {
                    **named(facial, "A facial"),
                    "code": "other_offering",
                    "message": "This is good for something else.",
                },
                {
                    **named(money, "Gift"),
                    "code": "not_needed",
                    "message": "What ends sooner pays for all of it.",
                },
            ],
        },
    )


def test_a_percentage_comes_off_and_balances_pay_the_rest(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    soon = local_today(studio.id) + datetime.timedelta(days=3)
    ACredit(company=studio, customer=customer, name="lasting", amount=2_000)
    ACredit(company=studio, customer=customer, name="ending", amount=700, expiry_date=soon)
    ACredit(company=studio, customer=customer, name="tenth", percentage=10)
    ACredit(company=studio, customer=customer, name="half", percentage=50)
    answer = integrator.post(f"/v1/customers/{customer.id}/eligibility", {"amount": 1_005}).body
    assert [(part["name"], part["amount"], part["uses"]) for part in answer["parts"]] == [
        ("tenth", 101, 1),
        ("ending", 700, None),
        ("lasting", 204, None),
    ]
    assert (answer["covered"], answer["remaining"]) == (True, 0)
    assert [(one["name"], one["code"]) for one in answer["others"]] == [("half", "one_percentage")]


def test_what_a_use_would_be_refused_for_is_what_eligibility_says(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    made = {name: ACredit(company=studio, customer=customer, name=name) for name in "abc"}
    spent = ACredit(company=studio, customer=customer, name="spent", amount=5)
    visits = APass(company=studio, customer=customer, visits=1)
    with acting_for(studio.id):
        redeem_credit(made["a"], reference="r", actor=actor)
        redeem_credit(spent, amount=5, reference="r", actor=actor)
        Credit.objects.filter(pk=made["b"].pk).update(expiry_date=datetime.date(2020, 1, 1))
    integrator.delete(f"/customers/customers/{customer.id}/credits/{made['c'].id}")
    pass_uses = f"/v1/customers/{customer.id}/passes/{visits.id}/uses"
    integrator.post(pass_uses, {"reference": "r"})
    answer = integrator.post(
        f"/v1/customers/{customer.id}/eligibility", {"service": "Massage"}
    ).body
    told = {one["id"]: one["code"] for one in answer["others"]}
    assert (answer["covered"], answer["parts"], answer["remaining"]) == (False, [], None)
    for credit in (*made.values(), spent):
        body = {"reference": "s"} | ({"amount": 1} if credit is spent else {})
        met = integrator.post(uses(customer, credit), body).body["error"]["code"]
        assert told[f"crd_{credit.id.hex}"] == met
    met = integrator.post(pass_uses, {"reference": "s"}).body["error"]["code"]
    assert told[f"pkg_{visits.id.hex}"] == met == "used_up"


def test_eligibility_is_for_something(integrator: Caller, customer: Customer) -> None:
    path = f"/v1/customers/{customer.id}/eligibility"
    assert refusal(integrator.post(path, {})) == (422, "nothing_asked_for", None)
    nothing = integrator.post(path, {"amount": 500}).body
    assert nothing == {"covered": False, "remaining": 500, "parts": [], "others": []}
