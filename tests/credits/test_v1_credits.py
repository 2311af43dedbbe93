"""Coupons, redemptions, balances and eligibility on v1."""

import datetime
from typing import Any

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import redeem_credit
from credits.actions.ledger import close
from credits.models import Coupon, Credit, Entry
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACoupon, ACredit, ACustomer, APass, ASubscription
from tests.refusals import refusal, whole_refusal

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
LATER = datetime.datetime(2099, 1, 31, 10, tzinfo=datetime.UTC)


def uses(customer: Customer, credit: Credit) -> str:
    return f"/v1/customers/{customer.id}/credits/{credit.id}/redemptions"


def test_a_new_coupon_is_answered_in_full(integrator: Caller) -> None:
    asked = {
        "name": "Ten pounds", "description": "Sorry for the wait.", "code": "SORRY",
        "amount": 1_000, "valid_for": "P6M"
    }  # fmt: skip
    answer = integrator.post("/v1/coupons", asked)
    coupon = answer.body
    assert answer.status == 201
    assert coupon == asked | {
        "id": coupon["id"], "percentage": None, "offering": None, "offering_id": None,
        "multi_use": False, "currency": "GBP", "archived": False,
        "created_at": coupon["created_at"], "updated_at": coupon["updated_at"],
    }  # fmt: skip
    assert integrator.get(f"/v1/coupons/{coupon['id']}").body == coupon
    assert integrator.get("/v1/coupons").body == {
        "data": [coupon],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }


def test_a_coupon_gives_one_thing_that_can_be(integrator: Caller) -> None:
    missing = integrator.post("/v1/coupons", {"amount": 5})
    assert refusal(missing) == (400, "missing_field", "name")
    for terms, code, param in (
        ({}, "terms_unclear", None),
        ({"amount": 1, "percentage": 5}, "terms_unclear", None),
        ({"amount": 0}, "invalid", "amount"),
        ({"amount": "5"}, "invalid", "amount"),
        ({"percentage": 101}, "invalid", "percentage"),
        ({"amount": 5, "multi_use": True}, "amount_multi_use", "multi_use"),
        ({"amount": 5, "valid_for": "soon"}, "not_a_duration", "valid_for"),
        ({"amount": 5, "valid_for": "P0D"}, "not_a_duration", "valid_for"),
    ):
        answer = integrator.post("/v1/coupons", {"name": "x", **terms})
        assert refusal(answer) == (422, code, param), terms
    assert integrator.get("/v1/coupons").body["data"] == []


def test_a_coupon_is_changed(integrator: Caller, studio: Company) -> None:
    coupon = ACoupon(company=studio, name="Old", amount=500)
    path = f"/v1/coupons/{coupon.id}"
    changed = integrator.patch(path, {"name": "New", "amount": None, "offering": "Facial"})
    shown = (changed.status, changed.body["name"], changed.body["offering"])
    assert shown == (200, "New", "Facial")
    assert refusal(integrator.patch(path, {"offering": ""})) == (422, "terms_unclear", None)


def test_a_code_stands_once_among_live_coupons(integrator: Caller) -> None:
    body = {"name": "x", "amount": 5, "code": "HELLO"}
    first = integrator.post("/v1/coupons", body).body
    assert refusal(integrator.post("/v1/coupons", body)) == (409, "coupon_code_taken", "code")
    integrator.post(f"/v1/coupons/{first['id']}/archive")
    assert integrator.post("/v1/coupons", body).status == 201
    restored = integrator.post(f"/v1/coupons/{first['id']}/restore")
    assert refusal(restored) == (409, "coupon_code_taken", "code")


def test_a_redemption_is_answered_in_full_and_given_back(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=1_000)
    asked = {"reference": "till 7", "amount": 300, "reason": "Oil"}
    answer = integrator.post(uses(customer, credit), asked)
    made = answer.body
    assert answer.status == 201
    assert made == asked | {
        "id": made["id"],
        "credit_id": f"crd_{credit.id.hex}",
        "currency": "GBP",
        "reversed_at": None,
        "created_at": made["created_at"],
    }
    assert integrator.get(uses(customer, credit)).body["data"] == [made]
    assert answer.headers["Location"] == f"{uses(customer, credit)}/{made['id']}"
    assert integrator.get(answer.headers["Location"]).body == made
    other = ACredit(company=studio, customer=customer, amount=1_000)
    elsewhere = integrator.get(f"{uses(customer, other)}/{made['id']}")
    assert whole_refusal(elsewhere) == (404, "not_found", "No such use. Check the id.")
    undone = integrator.post(f"{uses(customer, credit)}/{made['id']}/reverse")
    reversed_at = undone.body["reversed_at"]
    assert (undone.status, undone.body) == (200, made | {"reversed_at": reversed_at})
    assert reversed_at is not None
    again = integrator.post(f"{uses(customer, credit)}/{made['id']}/reverse", {"reason": "x"})
    assert refusal(again) == (409, "already_reversed", None)


def test_a_use_that_cannot_be_is_refused(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    money = ACredit(company=studio, customer=customer, amount=1_000)
    tenth = ACredit(company=studio, customer=customer, percentage=10)
    integrator.post(uses(customer, money), {"reference": "taken", "amount": 1})
    for credit, body, expected in (
        (money, {"reference": "b", "amount": 1_000}, (409, "not_enough", None)),
        (money, {"reference": "b"}, (422, "amount_missing", "amount")),
        (money, {"reference": "b", "amount": 0}, (422, "invalid", "amount")),
        (money, {"reference": "b", "amount": -5}, (422, "invalid", "amount")),
        (money, {"reference": "taken", "amount": 1}, (409, "reference_taken", "reference")),
        (money, {"amount": 1}, (400, "missing_field", "reference")),
        (money, {"reference": "", "amount": 1}, (422, "invalid", "reference")),
        (tenth, {"reference": "b", "amount": 5}, (422, "amount_not_taken", "amount")),
    ):
        assert refusal(integrator.post(uses(customer, credit), body)) == expected
    assert integrator.get(uses(customer, tenth)).body["data"] == []


def test_a_credit_is_used_where_it_belongs_only(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    credit, second = (ACredit(company=studio, customer=customer) for _ in range(2))
    other = ACustomer(company=studio)
    assert integrator.post(uses(other, credit), {"reference": "a"}).status == 404
    assert integrator.get(uses(other, credit)).status == 404
    made = integrator.post(uses(customer, credit), {"reference": "a"}).body
    for path in (uses(other, credit), uses(customer, second)):
        assert integrator.post(f"{path}/{made['id']}/reverse").status == 404


def test_a_balance_sums_up_what_is_held_then_and_now(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    path = f"/v1/customers/{customer.id}/credits/balance"
    empty = integrator.get(path)
    assert empty.status == 200
    assert empty.body == {
        "as_of": empty.body["as_of"], "currency": "GBP", "amount": 0, "single_use": 0,
        "multi_use": 0, "visits": 0
    }  # fmt: skip
    money = ACredit(company=studio, customer=customer, amount=1_000)
    ACredit(company=studio, customer=customer)
    ACredit(company=studio, customer=customer, percentage=10, multi_use=True)
    APass(company=studio, customer=customer, visits=5)
    ACredit(company=studio, amount=77)
    full = integrator.get(path).body
    sums = {"amount": 1_000, "single_use": 1, "multi_use": 1, "visits": 5}
    assert full == empty.body | sums | {"as_of": full["as_of"]}
    integrator.post(uses(customer, money), {"reference": "a", "amount": 400})
    assert integrator.get(path).body["amount"] == 600
    assert integrator.get(f"{path}?as_of={full['as_of']}").body == full
    assert integrator.get(f"{path}?as_of=2020-01-01").body["amount"] == 0
    assert integrator.get(f"{path}?as_of=9999-01-01").body["amount"] == 600
    assert refusal(integrator.get(f"{path}?as_of=soon")) == (400, "invalid_parameter", "as_of")


def test_what_is_over_is_no_money(integrator: Caller, studio: Company, customer: Customer) -> None:
    ACredit(company=studio, customer=customer, amount=1_000, expires_at=LATER)
    path = f"/v1/customers/{customer.id}/credits/balance"
    for moment, amount in (
        ("2099-01-31T09:59:59.999999Z", 1_000),
        ("2099-01-31T10:00:00Z", 0),
        ("2099-02-02", 0),
    ):
        assert integrator.get(f"{path}?as_of={moment}").body["amount"] == amount, moment


def test_what_is_good_for_the_service_pays_for_all_of_it(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    money = ACredit(company=studio, customer=customer, name="Gift", amount=500)
    massage = ACredit(company=studio, customer=customer, name="A massage", expires_at=LATER)
    facial = ACredit(company=studio, customer=customer, name="A facial", offering="Facial")
    answer = integrator.post(
        f"/v1/customers/{customer.id}/eligibility", {"service": "massage", "amount": 6_000}
    )

    def shown(credit: Credit, name: str, expires_at: str | None, **more: Any) -> dict[str, Any]:
        own = {"type": "credit", "id": f"crd_{credit.id.hex}"}
        return {**own, "name": name, "expires_at": expires_at, **more}

    ends, other = (
        "2099-01-31T10:00:00.000000Z",
        "This credit or pass is good for other offerings. Use another.",
    )
    enough = "A credit or pass that ends sooner pays for all of it."
    assert answer.status == 200
    assert answer.body == {
        "covered": True,
        "remaining": 0,
        "currency": "GBP",
        "parts": [shown(massage, "A massage", ends, amount=6_000, currency="GBP", uses=1)],
        "others": [
            shown(facial, "A facial", None, code="other_offering", message=other),
            shown(money, "Gift", None, code="not_needed", message=enough),
        ],
    }


def test_a_percentage_comes_off_and_balances_pay_the_rest(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    ACredit(company=studio, customer=customer, name="lasting", amount=2_000)
    ACredit(company=studio, customer=customer, name="ending", amount=700, expires_at=LATER)
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
        Credit.objects.filter(pk=made["b"].pk).update(expires_at=LONG_AGO)
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
    soon = integrator.post(path, {"service": "Massage", "begins_at": "soon"})
    assert refusal(soon) == (422, "invalid", "begins_at")
    nothing = integrator.post(path, {"amount": 500}).body
    empty = {"parts": [], "others": []}
    assert nothing == {"covered": False, "remaining": 500, "currency": "GBP", **empty}


def credits_of(customer: Customer) -> str:
    return f"/v1/customers/{customer.id}/credits"


def test_a_credit_is_issued_read_listed_and_revoked(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    coupon = ACoupon(company=studio, name="Ten pounds", amount=1_000)
    subscription = ASubscription(company=studio, customer=customer)
    where = credits_of(customer)
    asked = {
        "coupon_id": f"{Coupon.id_prefix}{coupon.id.hex}",
        "subscription_id": f"mandate_{subscription.id.hex}",
        "expires_at": "2099-01-31T10:00:00Z",
        "revenue": 800,
        "reason": "Sorry for the wait.",
    }
    issued = integrator.post(where, asked)
    here = f"{where}/{issued.body['id']}"
    assert (issued.status, issued.headers["Location"]) == (201, here)
    assert issued.body == {
        "id": issued.body["id"],
        "customer_id": f"cust_{customer.id.hex}",
        "coupon_id": asked["coupon_id"],
        "coupon_name": "Ten pounds",
        "kind": "amount",
        "status": "live",
        "amount": 1_000,
        "balance": 1_000,
        "currency": "GBP",
        "percentage": None,
        "offering": None,
        "times_redeemed": 0,
        "expires_at": "2099-01-31T10:00:00.000000Z",
        "redeemed_at": None,
        "revoked_at": None,
        "subscription_id": asked["subscription_id"],
        "revenue": 800,
        "created_at": issued.body["created_at"],
        "updated_at": issued.body["updated_at"],
    }
    assert integrator.get(here).body == issued.body
    with acting_for(studio.id):
        assert Entry.objects.get(credit_id=issued.body["id"][4:]).reason == "Sorry for the wait."
    integrator.post(f"{here}/redemptions", {"reference": "a", "amount": 300})
    used = integrator.get(here).body
    assert (used["balance"], used["times_redeemed"], used["status"]) == (700, 1, "live")
    revoked = integrator.post(f"{here}/revoke", {"reason": "A mistake."})
    assert revoked.status == 200
    gone = {"status": "revoked", "balance": 0, "revoked_at": revoked.body["revoked_at"]}
    assert revoked.body == used | gone | {"updated_at": revoked.body["updated_at"]}
    assert integrator.post(f"{here}/revoke").body == revoked.body, "again changes nothing"


def test_credits_are_of_three_kinds_and_in_four_statuses(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    theirs: dict[str, Any] = {"company": studio, "customer": customer}
    ACredit(**theirs, amount=500)
    ACredit(**theirs, percentage=20, multi_use=True)
    used, revoked, expired, swept = (ACredit(**theirs) for _ in range(4))
    with acting_for(studio.id):
        redeem_credit(used, reference="a", actor=actor)
        for one in (expired, swept):
            Credit.objects.filter(pk=one.pk).update(expires_at=LONG_AGO)
        close(swept, Entry.EXPIRE, reason="", actor=actor)
    integrator.post(f"{credits_of(customer)}/{revoked.id}/revoke")

    def shown(query: str = "") -> list[tuple[Any, ...]]:
        listed = integrator.get(f"{credits_of(customer)}{query}").body["data"]
        return [(one["kind"], one["status"], one["balance"]) for one in listed]

    every = [
        ("single", "expired", None),
        ("single", "expired", None),
        ("single", "revoked", None),
        ("single", "redeemed", None),
        ("multi_use", "live", None),
        ("amount", "live", 500),
    ]
    assert shown() == every, "the newest stands first"
    for status in Credit.STATUSES:
        assert shown(f"?status={status}") == [one for one in every if one[1] == status]
    refused = refusal(integrator.get(f"{credits_of(customer)}?status=used"))
    assert refused == (400, "invalid_parameter", "status")


def test_a_credit_that_cannot_be_issued_or_revoked_is_refused(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    other = ACustomer(company=studio)
    coupon = {"coupon_id": str(ACoupon(company=studio).id)}
    foreign = {"subscription_id": str(ASubscription(company=studio, customer=other).id)}
    for body, expected in (
        ({}, (400, "missing_field", "coupon_id")),
        ({"coupon_id": "nonsense"}, (422, "invalid", "coupon_id")),
        (coupon | foreign, (422, "invalid", "subscription_id")),
        (coupon | {"expires_at": "2020-01-31"}, (422, "expiry_past", "expires_at")),
        (coupon | {"customer_id": str(customer.id)}, (400, "unknown_field", "customer_id")),
    ):
        assert refusal(integrator.post(credits_of(customer), body)) == expected, body
    used = ACredit(company=studio, customer=customer)
    with acting_for(studio.id):
        redeem_credit(used, reference="a", actor=actor)
    answer = integrator.post(f"{credits_of(customer)}/{used.id}/revoke")
    assert refusal(answer) == (409, "cannot_be_revoked", None)
    assert integrator.get(f"{credits_of(other)}/{used.id}").status == 404
    integrator.post(f"/v1/customers/{customer.id}/archive")
    answer = integrator.post(credits_of(customer), coupon)
    assert refusal(answer) == (409, "customer_archived", None)


def test_a_pass_that_was_bought_is_read(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    bought = APass(company=studio, customer=customer)
    where = f"/v1/customers/{customer.id}/passes"
    (shown,) = integrator.get(where).body["data"]
    assert integrator.get(f"{where}/{bought.id}").body == shown
    sold = integrator.post(where, {"pass_product_id": str(bought.product_id)})
    assert integrator.get(sold.headers["Location"]).body == sold.body
