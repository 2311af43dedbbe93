"""The totals that customers pay for prices with and without tax, on every surface."""

from typing import Any

import pytest

from bookings.models import Booking, MediaPurchase
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.factories import (
    MORNING,
    AMediaPurchase,
    AMedium,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APass,
    APlace,
    APlan,
    AService,
    ASubscription,
)

IN, ON = "inclusive", "exclusive"


@pytest.mark.parametrize(("behavior", "paid", "tax"), [(IN, 6_000, 1_000), (ON, 7_200, 1_200)])
def test_an_appointment_costs_what_its_service_says(
    studio: Company, customer: Customer, integrator: Caller, behavior: str, paid: int, tax: int
) -> None:
    service = AService(company=studio, tax_behavior=behavior)
    booking = AnAppointment(company=studio, customer=customer, service=service)
    assert (booking.tax, booking.total) == (tax, paid)
    shown = integrator.get(f"/v1/bookings/{booking.id}").body["pricing"]
    assert shown == {
        "subtotal": 6_000,
        "discount": 0,
        "tax": tax,
        "total": paid,
        "tax_rate": 20,
        "tax_behavior": behavior,
    }
    # The booking keeps its price when the service changes.
    other = {"tax_behavior": ON if behavior == IN else IN, "tax_rate": 5}
    assert integrator.patch(f"/v1/services/{service.id}", other).status == 200
    assert integrator.get(f"/v1/bookings/{booking.id}").body["pricing"] == shown
    assert integrator.post(f"/v1/bookings/{booking.id}/payments", {"invoice": True}).status == 200
    (invoice,) = integrator.get(f"/v1/customers/{customer.id}/invoices").body["data"]
    assert invoice["taxes"] == [
        {"tax_rate": 20, "tax_behavior": behavior, "amount": 6_000, "tax": tax}
    ]
    assert (invoice["subtotal"], invoice["total"]) == (6_000, paid)


def test_a_place_has_the_tax_of_its_pricing_option(
    studio: Company, customer: Customer, integrator: Caller
) -> None:
    event = AnEvent(company=studio, price=1_200, tax_rate=20, tax_behavior=IN)
    date = AnEventDate(company=studio, event=event)
    path = f"/v1/events/{event.id}"
    asked = {"name": "Club", "price": 1_000, "tax_rate": 5, "tax_behavior": ON}
    club = integrator.post(f"{path}/pricing-options", asked).body
    assert [club[name] for name in ("gross_price", "tax_rate")] == [1_050, 5]
    first = APlace(company=studio, customer=customer, event_date=date, spaces=2)
    assert (first.subtotal, first.tax, first.total) == (2_400, 400, 2_400)
    body = {"customer_id": str(customer.id), "event_date_id": str(date.id)}
    second = integrator.post("/v1/bookings", body | {"pricing_option_id": club["id"]}).body
    assert second["pricing"]["total"] == 1_050
    places = integrator.get(f"/customer/{customer.id}/bookings").body["data"]
    prices = [one["payment"] for sale in places for one in sale["bookings"]]
    names = ("base100gross_price", "base100net_price")
    assert sorted(tuple(price[name] for name in names) for price in prices) == [
        (1_050, 1_000), (2_400, 2_000)
    ]  # fmt: skip


@pytest.mark.parametrize(("behavior", "paid", "tax"), [(IN, 900, 150), (ON, 1_080, 180)])
def test_passes_media_and_plans_cost_what_they_say(
    studio: Company, customer: Customer, integrator: Caller, behavior: str, paid: int, tax: int
) -> None:
    terms: dict[str, Any] = {"price": 900, "tax_rate": 20, "tax_behavior": behavior}
    medium = AMediaPurchase(
        company=studio, customer=customer, media=AMedium(company=studio, **terms)
    )
    bought = APass(company=studio, customer=customer, **terms)
    ASubscription(company=studio, customer=customer, plan=APlan(company=studio, **terms))
    assert (medium.total, medium.tax, medium.subtotal) == (paid, tax, 900)
    assert (bought.price, bought.tax, bought.total) == (900, tax, paid)
    owner = f"/v1/customers/{customer.id}"
    for what in ("media-purchases", "passes"):
        (shown,) = integrator.get(f"{owner}/{what}").body["data"]
        facts = {name: shown[name] for name in ("price", "tax", "tax_rate", "tax_behavior")}
        assert facts == {"price": paid, "tax": tax, "tax_rate": 20, "tax_behavior": behavior}
    for what in ("media", "pass-products", "plans"):
        (shown,) = integrator.get(f"/v1/{what}").body["data"]
        assert (shown["price"], shown["gross_price"]) == (900, paid), what
    (video,) = integrator.get(f"/customer/{customer.id}/videos").body["data"]
    assert video["payment"]["base100_price"] == paid
    mandates = integrator.get(f"/customer/{customer.id}/subscription-mandates").body["data"]
    assert [one["plan"]["base100_price"] for one in mandates] == [paid]


def test_new_prices_have_the_tax_of_their_company(studio: Company, integrator: Caller) -> None:
    Company.objects.filter(pk=studio.pk).update(tax_rate=20, tax_behavior=IN)
    event = {"name": "Yoga", "pricing_options": [{"name": "Drop-in", "price": 600}]}
    for what, asked in (
        ("services", {"duration_minutes": 60, "price": 600}),
        ("media", {"price": 600}),
        ("plans", {"price": 600, "billing_period": "P1M"}),
        ("pass-products", {"price": 600, "visits": 3}),
        ("events", event),
    ):
        body = {"name": "x", **asked}
        made = integrator.post(f"/v1/{what}", body).body
        for one in (made, *made.get("pricing_options", [])):
            assert (one["tax_rate"], one["tax_behavior"]) == (20, IN), what
        plain = integrator.post(f"/v1/{what}", body | {"name": "y", "tax_rate": 0}).body
        assert (plain["tax_rate"], plain["tax_behavior"]) == (0, IN), what


def test_a_credit_covers_what_is_paid(studio: Company, customer: Customer) -> None:
    service = AService(company=studio, price=1_200, tax_behavior=IN)
    bought = APass(company=studio, customer=customer)
    AnAppointment(company=studio, customer=customer, service=service, means=bought)
    with acting_for(studio.id):
        booking = Booking.objects.get(customer=customer)
        assert (booking.starts_at, booking.covered, booking.due) == (MORNING, 1_200, 0)
        assert not MediaPurchase.objects.exists()
