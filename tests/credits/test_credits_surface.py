"""The credits surface (contract, section 4): whole answers, every status."""

import datetime
from typing import Any

import pytest

from billing.models import Plan
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import archive_coupon, expire_holdings, redeem_credit
from credits.models import Coupon, Credit
from customers.models import Customer
from tests.callers import Caller, call_as, nobody
from tests.factories import ACoupon, ACredit, ACustomer

NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio)


@pytest.fixture
def coupon(studio: Company) -> Coupon:
    return ACoupon(company=studio, name="Facial", description="60 minutes", offering="Facial")


def path(customer: Customer, credit: Credit | str = "") -> str:
    base = f"/customers/customers/{customer.id}/credits"
    return f"{base}/{getattr(credit, 'id', credit)}" if credit else base


def names(answer: Any) -> list[str]:
    return [one["coupon"]["name"] for one in answer.body["data"]]


def expire(credit: Credit) -> None:
    with acting_for(credit.company_id):
        Credit.objects.filter(pk=credit.pk).update(expiry_date=datetime.date(2020, 1, 1))


def test_a_new_credit_is_answered_in_full(
    integrator: Caller, customer: Customer, coupon: Coupon
) -> None:
    answer = integrator.post(
        path(customer),
        {
            "coupon_id": str(coupon.id),
            "customer_id": str(customer.id),
            "expiry_date": "2999-12-31",
            "revenue": 4_500,
        },
    )
    credit = answer.body["data"]
    assert (answer.status, credit) == (
        201,
        {
            "id": credit["id"],
            "coupon_id": str(coupon.id),
            "coupon": {"id": str(coupon.id), "name": "Facial", "description": "60 minutes"},
            "customer_id": str(customer.id),
            "membership_id": None,
            "multi_use": False,
            "times_redeemed": 0,
            "expiry_date": "2999-12-31",
            "redeemed_at": None,
            "revoked_at": None,
            "revenue": 4_500,
            "currency": "GBP",
            "created_at": credit["created_at"],
            "updated_at": credit["updated_at"],
        },
    )
    assert integrator.get(path(customer, credit["id"])).body == answer.body
    assert integrator.get(path(customer)).body["data"] == [credit]


def test_ids_are_good_with_a_prefix_too(
    integrator: Caller, customer: Customer, coupon: Coupon
) -> None:
    body = {"coupon_id": f"cpn_{coupon.id.hex}", "customer_id": f"cust_{customer.id.hex}"}
    answer = integrator.post(f"/customers/customers/cust_{customer.id.hex}/credits", body)
    assert (answer.status, answer.body["data"]["coupon_id"]) == (201, str(coupon.id))


def test_a_moment_as_the_last_day_is_taken_as_its_day(
    integrator: Caller, customer: Customer, coupon: Coupon
) -> None:
    body = {"coupon_id": str(coupon.id), "customer_id": str(customer.id)}
    answer = integrator.post(path(customer), body | {"expiry_date": "2999-12-31T10:00:00Z"})
    assert answer.body["data"]["expiry_date"] == "2999-12-31"


def test_a_credit_can_belong_to_a_membership(
    integrator: Caller, studio: Company, customer: Customer, coupon: Coupon
) -> None:
    made = integrator.post(
        "/v1/plans", {"name": "Gold", "price": 5_000, "billing_period": "P1M"}
    ).body
    mandate = integrator.post(
        f"/v1/customers/{customer.id}/subscriptions", {"plan_id": made["id"]}
    ).body
    other = ACustomer(company=studio)
    for owner, status in ((customer, 201), (other, 422)):
        answer = integrator.post(
            path(owner),
            {
                "coupon_id": str(coupon.id),
                "customer_id": str(owner.id),
                "membership_id": mandate["id"],
            },
        )
        assert answer.status == status
    assert answer.body == {
        "message": "membership_id: Must be one of the customer's.",
        "errors": {"membership_id": ["Must be one of the customer's."]},
    }
    with acting_for(studio.id):
        assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"coupon_id": None}, {"coupon_id": ["This field may not be null."]}),
        ({"coupon_id": "nonsense"}, {"coupon_id": ["There is no such thing."]}),
        ({"coupon_id": NOWHERE}, {"coupon_id": ["There is no such thing."]}),
        ({"customer_id": NOWHERE}, {"customer_id": ["Must be the customer of the path."]}),
        ({"membership_id": NOWHERE}, {"membership_id": ["There is no such thing."]}),
        ({"expiry_date": "2020-01-01"}, {"expiry_date": ["The last day is over already."]}),
        (
            {"expiry_date": "tomorrow"},
            {"expiry_date": ["This is no day; write it as 2026-01-31."]},
        ),
        (
            {"expiry_date": "2026-02-31T10:00:00Z"},
            {"expiry_date": ["This is no day; write it as 2026-01-31."]},
        ),
        ({"revenue": -1}, {"revenue": ["Ensure this value is greater than or equal to 0."]}),
        ({"revenue": "1"}, {"revenue": ["A valid integer is required."]}),
        ({"revenue": 1.5}, {"revenue": ["A valid integer is required."]}),
        (
            {"revenue": 10**30},
            {"revenue": ["Ensure this value is less than or equal to 1000000000000."]},
        ),
    ],
)
def test_each_field_that_is_not_valid_has_its_list(
    integrator: Caller,
    customer: Customer,
    coupon: Coupon,
    change: dict[str, Any],
    errors: dict[str, list[str]],
) -> None:
    body = {"coupon_id": str(coupon.id), "customer_id": str(customer.id)} | change
    answer = integrator.post(path(customer), body)
    assert (answer.status, answer.body["errors"]) == (422, errors)
    assert integrator.get(path(customer)).body["data"] == []


def test_what_is_missing_is_a_422_too(integrator: Caller, customer: Customer) -> None:
    answer = integrator.post(path(customer), {})
    assert (answer.status, answer.body) == (
        422,
        {
            "message": "coupon_id: This field is required.",
            "errors": {
                "coupon_id": ["This field is required."],
                "customer_id": ["This field is required."],
            },
        },
    )


def test_the_body_names_the_customer_of_the_path(
    integrator: Caller, studio: Company, customer: Customer, coupon: Coupon
) -> None:
    other = ACustomer(company=studio)
    answer = integrator.post(
        path(customer), {"coupon_id": str(coupon.id), "customer_id": str(other.id)}
    )
    sentence = "Must be the customer of the path."
    assert (answer.status, answer.body["errors"]) == (422, {"customer_id": [sentence]})


def test_neither_archived_coupons_nor_archived_customers_are_issued(
    integrator: Caller, studio: Company, customer: Customer, coupon: Coupon, actor: Actor
) -> None:
    gone = ACustomer(company=studio, archived=True)
    body = {"coupon_id": str(coupon.id), "customer_id": str(gone.id)}
    refused = integrator.post(path(gone), body)
    assert (refused.status, refused.body) == (
        422,
        {
            "message": "This customer is archived.",
            "errors": {"customer_id": ["This customer is archived."]},
        },
    )
    with acting_for(studio.id):
        archive_coupon(coupon, actor=actor)
    body["customer_id"] = str(customer.id)
    refused = integrator.post(path(customer), body)
    assert (refused.status, refused.body["errors"]) == (
        422,
        {"coupon_id": ["This coupon is archived."]},
    )


def test_a_list_includes_what_has_ended_only_when_asked(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    made = {
        name: ACredit(company=studio, customer=customer, name=name, multi_use=name == "many")
        for name in ("live", "many", "used", "gone", "old", "swept")
    }
    with acting_for(studio.id):
        redeem_credit(made["used"], reference="a", actor=actor)
    integrator.delete(path(customer, made["gone"]))
    expire(made["swept"])
    expire_holdings(studio.id, actor=actor)
    expire(made["old"])
    for query, expected in (
        ("", ["many", "live"]),
        ("?redeemed=true", ["used", "many", "live"]),
        ("?revoked=true", ["gone", "many", "live"]),
        ("?expired=true", ["swept", "old", "many", "live"]),
        ("?redeemed=false", ["many", "live"]),
        ("?multi_use=true", ["many"]),
        ("?multi_use=false", ["live"]),
        ("?multi_use=false&redeemed=true", ["used", "live"]),
        ("?redeemed=true&revoked=true&expired=true", [*made][::-1]),
    ):
        assert names(integrator.get(path(customer) + query)) == expected, query


def test_pages_are_linked_and_silently_capped(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    coupon = ACoupon(company=studio)
    for _ in range(5):
        ACredit(company=studio, customer=customer, coupon=coupon)
    answer = integrator.get(f"{path(customer)}?per_page=2&page=2&redeemed=true")
    base = f"http://localhost:8000{path(customer)}?per_page=2&redeemed=true&page="
    assert answer.body["links"] == {
        "first": f"{base}1",
        "last": f"{base}3",
        "prev": f"{base}1",
        "next": f"{base}3",
    }
    assert answer.body["meta"] == {
        "current_page": 2,
        "from": 3,
        "to": 4,
        "total": 5,
        "per_page": 2,
        "last_page": 3,
    }
    capped = integrator.get(f"{path(customer)}?per_page=5000").body
    assert (capped["meta"]["per_page"], len(capped["data"])) == (100, 5)
    assert (capped["links"]["prev"], capped["links"]["next"]) == (None, None)
    whole = integrator.get(path(customer)).body["meta"]
    assert (whole["per_page"], whole["current_page"]) == (15, 1)


def test_an_empty_list_has_one_page_with_nothing_on_it(
    integrator: Caller, customer: Customer
) -> None:
    answer = integrator.get(path(customer))
    assert answer.body["data"] == []
    assert answer.body["meta"] == {
        "current_page": 1,
        "from": None,
        "to": None,
        "total": 0,
        "per_page": 15,
        "last_page": 1,
    }


@pytest.mark.parametrize("query", ["page=0", "per_page=0", "per_page=x", "redeemed=yes", "sort=id"])
def test_a_parameter_that_cannot_be_is_a_400_in_one_sentence(
    integrator: Caller, customer: Customer, query: str
) -> None:
    answer = integrator.get(f"{path(customer)}?{query}")
    assert (answer.status, list(answer.body)) == (400, ["message"])
    assert query.partition("=")[0] in answer.body["message"]


def test_revoking_answers_with_the_credit_and_again_with_the_same(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=1_000)
    with acting_for(studio.id):
        redeem_credit(credit, amount=1, reference="a", actor=actor)
    before = integrator.get(path(customer, credit)).body["data"]
    first = integrator.delete(path(customer, credit))
    changed = {name: first.body["data"][name] for name in ("revoked_at", "updated_at")}
    assert (first.status, first.body["data"]) == (200, before | changed)
    assert changed["revoked_at"] is not None
    assert integrator.delete(path(customer, credit)).raw == first.raw


def test_what_cannot_be_revoked_is_a_400(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    used, old = (ACredit(company=studio, customer=customer) for _ in range(2))
    gone = ACustomer(company=studio)
    kept = ACredit(company=studio, customer=gone)
    with acting_for(studio.id):
        redeem_credit(used, reference="a", actor=actor)
    expire(old)
    integrator.delete(f"/customers/{gone.id}")
    for owner, credit, message in (
        (customer, used, "This credit has been redeemed and cannot be revoked."),
        (customer, old, "This credit has expired and cannot be revoked."),
        (gone, kept, "This customer is archived. Restore the customer first."),
    ):
        answer = integrator.delete(path(owner, credit))
        assert (answer.status, answer.body) == (400, {"message": message})


def test_another_customers_credit_is_not_there(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    credit = ACredit(company=studio)
    for method in ("GET", "DELETE"):
        answer = integrator(method, path(customer, credit))
        assert (answer.status, answer.body) == (404, {"message": "There is nothing here."})
    body = {"coupon_id": NOWHERE, "customer_id": NOWHERE}
    assert integrator.post(f"/customers/customers/{NOWHERE}/credits", body).status == 404


def test_the_credits_surface_words_its_other_refusals(studio: Company, customer: Customer) -> None:
    without = nobody().get(path(customer))
    assert (without.status, without.body) == (
        401,
        {"message": "Send a valid access token or API key."},
    )
    reader = call_as(studio, ["credits:read"], "reader")
    refused = reader.post(path(customer), {})
    assert (refused.status, refused.body) == (
        403,
        {"message": "This needs the scope credits:write."},
    )
    method = reader.put(path(customer), {})
    assert (method.status, method.body) == (
        405,
        {"message": "This address does not take this method."},
    )
    unknown = reader.get(f"{path(customer)}/x/y")
    assert (unknown.status, unknown.body) == (404, {"message": "There is nothing here."})
    body = call_as(studio, ["credits:write"], "writer").post(path(customer), {"colour": "red"})
    assert (body.status, body.body) == (400, {"message": "colour: There is no such field."})
