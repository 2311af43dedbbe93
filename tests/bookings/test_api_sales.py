"""Sales and debts of a customer that are paid together: `/v1/customers/{id}/sales`."""

from typing import Any

import pytest

from billing.models import Invoice, Payment, Subscription
from bookings.models import Booking, MediaPurchase
from config.access.scopes import SCOPES
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.models import PassPurchase
from customers.models import Customer
from tests.backoffice import count
from tests.callers import Caller, call_as
from tests.factories import (
    ACredit,
    ACustomer,
    AMediaPurchase,
    AMedium,
    AnAppointment,
    AnInvoice,
    APass,
    APlace,
    APlan,
)
from tests.refusals import refusal

from .support import balance


@pytest.fixture
def path(customer: Customer) -> str:
    return f"/v1/customers/{customer.pk}/sales"


@pytest.fixture
def things(studio: Company, customer: Customer) -> dict[str, Any]:
    """One item of every kind that can be sold or owed."""
    own: dict[str, Any] = {"company": studio, "customer": customer}
    sold = APass(company=studio, customer=ACustomer(company=studio)).product
    return {
        "passes": [{"pass_product_id": str(sold.pk)}],
        "media": [{"media_id": str(AMedium(company=studio).pk), "expires_on": "2099-01-31"}],
        "subscriptions": [{"plan_id": str(APlan(company=studio).pk)}],
        "owed": [
            {"booking_id": str(AnAppointment(**own).pk)},
            {"invoice_id": str(AnInvoice(**own, amount=900).pk)},
            {"media_purchase_id": str(AMediaPurchase(**own).pk)},
        ],
    }


def test_everything_at_once_is_paid_by_several_means(
    integrator: Caller, studio: Company, customer: Customer, path: str, things: dict[str, Any]
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=500)
    parts = [{"credit_id": str(credit.pk)}, {"method": "cash", "amount": 700}, {"method": "card"}]
    answer = integrator.post(path, things | {"payments": parts})
    assert (answer.status, answer.headers.get("Location")) == (201, None), answer
    body = answer.body
    names = ("pass_ids", "media_purchase_ids", "subscription_ids", "invoices")
    assert list(body) == list(names)
    for name, prefix, model in (
        ("pass_ids", "pkg_", PassPurchase),
        ("media_purchase_ids", "media_", MediaPurchase),
        ("subscription_ids", "mandate_", Subscription),
    ):
        (id,) = body[name]
        assert id.startswith(prefix)
        with acting_for(studio.id):
            assert model.objects.filter(pk=id.removeprefix(prefix), customer=customer).exists()
    with acting_for(studio.id):
        stored = {f"inv_{one.pk.hex}": one for one in Invoice.objects.filter(customer=customer)}
        taken = list(Payment.objects.values_list("method", "amount"))
        assert Booking.objects.paid().count() == 1
    assert len(body["invoices"]) == len(stored) == 6
    for one in body["invoices"]:
        number, total = stored[one["id"]].number, stored[one["id"]].total
        known = {"id": one["id"], "number": number, "total": total, "currency": "GBP"}
        assert one == known | {"status": "paid", "balance": 0}
    total = sum(one["total"] for one in body["invoices"])
    assert sum(amount for _, amount in taken) == total - 500
    assert sum(amount for method, amount in taken if method == "cash") == 700


def test_what_the_payments_leave_is_to_be_paid_later(
    integrator: Caller, path: str, things: dict[str, Any]
) -> None:
    body = things | {"payments": [{"method": "cash", "amount": 1_000}], "due_on": "2099-01-31"}
    sold = integrator.post(path, body).body["invoices"]
    assert [one["status"] for one in sold] == ["paid", *["pending"] * 5]
    assert sum(one["total"] - one["balance"] for one in sold) == 1_000
    new = integrator.get(f"/v1/invoices/{sold[-1]['id']}").body
    assert new["due_on"] == "2099-01-31"
    later = integrator.post(path, {"passes": things["passes"]}).body
    assert [one["status"] for one in later["invoices"]] == ["pending"]


def test_a_pass_pays_for_the_places_that_it_is_good_for(
    integrator: Caller, studio: Company, customer: Customer, path: str
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    ten, place = APass(**own), APlace(**own)
    body = {"owed": [{"booking_id": str(place.pk)}], "payments": [{"pass_id": str(ten.pk)}]}
    assert integrator.post(path, body).body["invoices"] == []
    with acting_for(studio.id):
        assert balance(ten) == 9


def test_a_sale_is_recorded_as_a_whole_or_not_at_all(
    integrator: Caller, studio: Company, path: str, things: dict[str, Any]
) -> None:
    assert refusal(integrator.post(path, {})) == (422, "nothing_sold", None)
    too_much = things | {"payments": [{"method": "cash", "amount": 10**9}]}
    assert refusal(integrator.post(path, too_much))[:2] == (409, "more_than_owed")
    kept = integrator.post(f"{path}?dry_run=true", things)
    assert (kept.status, len(kept.body["invoices"])) == (201, 6)
    assert count(Payment, studio) == count(Subscription, studio) == 0
    assert count(Invoice, studio) == 1
    both = {"booking_id": things["owed"][0]["booking_id"], **things["owed"][1]}
    for owed in ({}, both):
        assert integrator.post(path, {"owed": [owed]}).status in (400, 422), owed
    unknown = integrator.post(path, things | {"coupon": 5})
    assert refusal(unknown)[0] == 400
    many = things | {"passes": things["passes"] * 51}
    assert refusal(integrator.post(path, many))[0] == 422


def test_what_another_customer_pays_for_is_refused(
    integrator: Caller, studio: Company, path: str
) -> None:
    other = AnAppointment(company=studio, customer=ACustomer(company=studio))
    answer = integrator.post(path, {"owed": [{"booking_id": str(other.pk)}]})
    assert refusal(answer)[1] == "not_their_holding"


@pytest.mark.parametrize(
    ("things_sold", "scope"),
    [
        ("passes", "packages:write"),
        ("media", "videos:write"),
        ("subscriptions", "subscription-mandates:write"),
        ("owed", "bookings:write"),
        ("owed", "videos:write"),
        ("passes", "payments:write"),
    ],
)
def test_a_sale_needs_the_scope_of_each_thing(
    studio: Company, path: str, things: dict[str, Any], things_sold: str, scope: str
) -> None:
    body = {things_sold: things[things_sold]}
    without = call_as(studio, [one for one in SCOPES if one != scope])
    answer = without.post(path, body)
    assert refusal(answer) == (403, "missing_scope", None)
    assert f"This needs the scope {scope}." in answer.body["error"]["message"]
    assert count(PassPurchase, studio) == 1, "the one that made the product"


def test_one_key_sells_once(
    integrator: Caller, studio: Company, path: str, things: dict[str, Any]
) -> None:
    answers = [integrator.post(path, things, Idempotency_Key="sale-1") for _ in range(2)]
    assert answers[0].raw == answers[1].raw
    assert count(Subscription, studio) == 1
