"""The credits surface (contract, section 4): whole answers, every status."""

import datetime
from typing import Any

import pytest

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import archive_coupon, expire_holdings, redeem_credit
from credits.models import Coupon, Credit
from customers.models import Customer
from tests.callers import Caller, call_as, nobody
from tests.factories import ACoupon, ACredit, ACustomer, ASubscription, act
from tests.refusals import GRANT_IT, NO_CREDENTIAL

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
NOWHERE = "00000000-0000-7000-8000-000000000000"


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
        Credit.objects.filter(pk=credit.pk).update(expires_at=LONG_AGO)


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
    assert answer.status == 201
    assert credit == {
        "id": credit["id"],
        "coupon_id": str(coupon.id),
        "coupon": {"id": str(coupon.id), "name": "Facial", "description": "60 minutes"},
        "coupon_name": "Facial",
        "coupon_description": "60 minutes",
        "coupon_code": None,
        "customer_id": str(customer.id),
        "membership_id": None,
        "multi_use": False,
        "times_redeemed": 0,
        "expiry_date": "2999-12-31T23:59:59.000000Z",
        "expires_at": "2999-12-31T23:59:59.000000Z",
        "issued_at": credit["created_at"],
        "redeemed_at": None,
        "revoked_at": None,
        "revenue": 4_500,
        "currency": "GBP",
        "created_at": credit["created_at"],
        "updated_at": credit["updated_at"],
    }
    assert integrator.get(path(customer, credit["id"])).body == answer.body
    assert integrator.get(path(customer)).body["data"] == [credit]


def test_a_credit_can_belong_to_a_membership(
    integrator: Caller, studio: Company, customer: Customer, coupon: Coupon
) -> None:
    mandate = str(ASubscription(company=studio, customer=customer).id)
    body = {"coupon_id": f"cpn_{coupon.id.hex}", "membership_id": mandate}
    own = integrator.post(path(customer), {**body, "customer_id": f"cust_{customer.id.hex}"})
    assert (own.status, own.body["data"]["membership_id"]) == (201, mandate)
    other = ACustomer(company=studio)
    answer = integrator.post(path(other), {**body, "customer_id": str(other.id)})
    assert answer.status == 422
    assert answer.body == {
        "message": "membership_id: Must be a membership of the same customer.",
        "errors": {"membership_id": ["Must be a membership of the same customer."]},
    }


def test_each_field_that_is_missing_or_not_valid_has_its_list(
    integrator: Caller, studio: Company, customer: Customer, coupon: Coupon
) -> None:
    missing = integrator.post(path(customer), {})
    assert missing.status == 422
    assert missing.body == {
        "message": "coupon_id: Send this field: it is required.",
        "errors": {
            "coupon_id": ["Send this field: it is required."],
            "customer_id": ["Send this field: it is required."],
        },
    }
    body = {"coupon_id": str(coupon.id), "customer_id": str(customer.id)}
    whole = (
        "Must be a whole number from 0 to 1,000,000,000,000, in the smallest unit of the currency"
    )
    foreign = "Must be the customer of the path."
    closed = "This coupon is archived. Restore it, or name another."
    archived = ACoupon(company=studio)
    act(studio, archive_coupon, archived)
    for field, value, sentence in (
        ("coupon_id", str(archived.id), closed),
        ("coupon_id", None, "Must be the id of a coupon; got “null”."),
        ("coupon_id", "nonsense", "No such coupon. Check the id."),
        ("coupon_id", NOWHERE, "No such coupon. Check the id."),
        ("customer_id", NOWHERE, foreign),
        ("customer_id", str(ACustomer(company=studio).id), foreign),
        ("membership_id", NOWHERE, "No such subscription. Check the id."),
        ("revenue", -1, f"{whole}; got “-1”."),
        ("revenue", "1", f"{whole}; got “1”."),
        ("revenue", 1.5, f"{whole}; got “1.5”."),
        ("revenue", 10**30, f"{whole}; got “{10**30}”."),
    ):
        answer = integrator.post(path(customer), body | {field: value})
        assert (answer.status, answer.body["errors"]) == (422, {field: [sentence]}), value
    gone = ACustomer(company=studio, archived=True)
    refused = integrator.post(path(gone), body | {"customer_id": str(gone.id)})
    assert refused.status == 422
    sentence = "This customer is archived. Restore the customer first."
    assert refused.body == {"message": sentence, "errors": {"customer_id": [sentence]}}
    empty = integrator.get(path(customer)).body
    assert empty["data"] == []
    assert empty["meta"] == {
        "current_page": 1, "from": None, "to": None, "total": 0, "per_page": 15, "last_page": 1
    }  # fmt: skip


def test_a_list_includes_what_has_ended_only_when_asked(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    made = {
        name: ACredit(company=studio, customer=customer, name=name, multi_use=name == "many")
        for name in ("live", "many", "used", "gone", "old", "swept")
    }
    act(studio, redeem_credit, made["used"], reference="a")
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


def test_pages_link_and_are_capped(integrator: Caller, studio: Company, customer: Customer) -> None:
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
        "current_page": 2, "from": 3, "to": 4, "total": 5, "per_page": 2, "last_page": 3
    }  # fmt: skip
    capped = integrator.get(f"{path(customer)}?per_page=5000").body
    assert (capped["meta"]["per_page"], len(capped["data"])) == (100, 5)
    assert (capped["links"]["prev"], capped["links"]["next"]) == (None, None)
    for query in ("page=0", "per_page=0", "per_page=x", "redeemed=yes", "revokd=1"):
        answer = integrator.get(f"{path(customer)}?{query}")
        assert (answer.status, list(answer.body)) == (400, ["message"])
        assert query.partition("=")[0] in answer.body["message"]


def test_revoking_answers_with_the_credit_and_again_with_the_same_unless_it_is_over(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=1_000)
    act(studio, redeem_credit, credit, amount=1, reference="a")
    before = integrator.get(path(customer, credit)).body["data"]
    first = integrator.delete(path(customer, credit))
    changed = {name: first.body["data"][name] for name in ("revoked_at", "updated_at")}
    assert (first.status, first.body["data"]) == (200, before | changed)
    assert changed["revoked_at"] is not None
    assert integrator.delete(path(customer, credit)).raw == first.raw
    used, old = (ACredit(company=studio, customer=customer) for _ in range(2))
    act(studio, redeem_credit, used, reference="a")
    expire(old)
    for other, fact in ((used, "been redeemed"), (old, "expired")):
        refused = integrator.delete(path(customer, other))
        message = f"This credit has {fact} and cannot be revoked."
        assert (refused.status, refused.body) == (400, {"message": message})


def test_anothers_credit_is_a_404(integrator: Caller, studio: Company, customer: Customer) -> None:
    credit = ACredit(company=studio)
    for method in ("GET", "DELETE"):
        answer = integrator(method, path(customer, credit))
        assert (answer.status, answer.body) == (404, {"message": "No such credit. Check the id."})
    body = {"coupon_id": NOWHERE, "customer_id": NOWHERE}
    assert integrator.post(f"/customers/customers/{NOWHERE}/credits", body).status == 404


def test_the_credits_surface_words_its_other_refusals(studio: Company, customer: Customer) -> None:
    reader = call_as(studio, ["credits:read"], "reader")
    writer = call_as(studio, ["credits:write"], "writer")
    lost = f"No such endpoint: GET {path(customer)}/x/y. See /docs/reference/."
    typed = "expird_date: There is no such field. Did you mean expiry_date?"
    missing = [f"{name}: Send this field: it is required." for name in ("coupon_id", "customer_id")]
    for answer, status, message in (
        (nobody().get(path(customer)), 401, NO_CREDENTIAL),
        (reader.post(path(customer), {}), 403, f"This needs the scope credits:write. {GRANT_IT}"),
        (reader.put(path(customer), {}), 405, "This path does not take PUT. Send GET, HEAD, POST."),
        (reader.get(f"{path(customer)}/x/y"), 404, lost),
        (writer.post(path(customer), {"expird_date": None}), 400, " ".join((typed, *missing))),
    ):
        assert (answer.status, answer.body) == (status, {"message": message})
