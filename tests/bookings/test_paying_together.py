"""Several places paid at once, invoices for bookings, and the forecast of both."""

from contextlib import suppress
from typing import Any

import pytest

from billing.actions import void_invoice
from billing.models import Invoice, Payment
from bookings.actions import Means, add_pricing_option, book_places, pay_booking
from bookings.errors import AlreadyInvoiced
from bookings.models import Booking, PricingOption, Transaction
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from credits.eligibility import forecast_payment
from credits.errors import OtherCurrency, OtherOffering, UsedUp
from customers.models import Customer
from tests.factories import ACredit, ACustomer, AnEventDate, APass
from tests.shares import undone

from .support import balance, cash, facts, standing, stored

pytestmark = pytest.mark.usefixtures("inside")


# --- Several places at once ---


def places_of(studio: Company, *people: Customer) -> list[Booking]:
    date = AnEventDate(company=studio)
    return [Booking(customer=person, event_date=date) for person in people]


def test_the_buyer_pays_for_all_places(studio: Company, customer: Customer, actor: Actor) -> None:
    own, friends = {"company": studio, "customer": customer}, [ACustomer(company=studio)] * 2
    ten, credit = APass(**own), ACredit(**own, amount=2_000)
    means: Means
    for means, dues, standings in (
        (cash(), [1_500, 1_500, 1_500], ["PAID"] * 3),
        (ten, [0, 0, 0], ["PAID"] * 3),
        (credit, [0, 1_000, 1_500], ["PAID", "PENDING", "PENDING"]),
    ):
        with undone():
            places = places_of(studio, customer, *friends)
            book_places(Transaction(customer=customer), places=places, means=means, actor=actor)
            assert [stored(place).due for place in places] == dues, means
            assert [standing(place) for place in places] == standings, means
            if isinstance(means, Payment):
                payment = Payment.objects.get()
                assert (payment.amount, payment.customer) == (4_500, customer)
                assert {stored(place).payment for place in places} == {payment}, "once"
            else:
                assert balance(means) == (7 if means is ten else 0)
    one = ACredit(**own, offering="Yoga")
    with pytest.raises(UsedUp):
        book_places(
            Transaction(customer=customer),
            places=places_of(studio, *friends),
            means=one,
            actor=actor,
        )
    assert (balance(one), Booking.objects.count()) == (1, 0), "a credit for one pays not for two"


def test_a_free_place_is_passed_over(studio: Company, customer: Customer, actor: Actor) -> None:
    date = AnEventDate(company=studio)
    child = add_pricing_option(PricingOption(event=date.event, name="Child", price=0), actor=actor)
    places = [
        Booking(customer=customer, event_date=date, pricing_option=child),
        Booking(customer=customer, event_date=date),
    ]
    book_places(Transaction(customer=customer), places=places, means=cash(), actor=actor)
    assert Payment.objects.get().amount == 1_500
    assert [stored(place).payment is None for place in places] == [True, False]


def test_two_currencies_are_not_mixed(studio: Company, customer: Customer, actor: Actor) -> None:
    (here,) = places_of(studio, customer)
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    (there,) = places_of(studio, customer)
    with pytest.raises(OtherCurrency, match="one by one"):
        book_places(Transaction(customer=customer), places=[here, there], means=cash(), actor=actor)


# --- An invoice ---


def test_a_failed_attempt_at_an_invoice_leaves_it_open(booking: Booking, actor: Actor) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    pay_booking(booking, means=cash(status="failed"), actor=actor)
    assert (standing(booking), Invoice.objects.get().status) == ("FAILED", "pending")
    pay_booking(booking, means=cash(), actor=actor)
    assert (standing(booking), Invoice.objects.get().status) == ("PAID", "paid")


def test_a_booking_with_an_invoice_is_paid_with_money_alone_until_it_is_void(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    ten = APass(company=studio, customer=customer)
    for means in (ten, ACredit(company=studio, customer=customer, amount=100), Invoice()):
        with pytest.raises(AlreadyInvoiced):
            pay_booking(booking, means=means, actor=actor)
    first = Invoice.objects.get()
    void_invoice(first, actor=actor)
    with undone():
        pay_booking(booking, means=ten, actor=actor)
        assert (standing(booking), balance(ten)) == ("PAID", 9)
    pay_booking(booking, means=Invoice(), actor=actor)
    second = Invoice.objects.exclude(pk=first.pk).get()
    assert facts(booking, "invoice", "invoice__voided_at") == [second.pk, None]


def test_each_place_has_its_own_invoice(studio: Company, customer: Customer, actor: Actor) -> None:
    places = places_of(studio, customer, ACustomer(company=studio))
    book_places(Transaction(customer=customer), places=places, means=Invoice(), actor=actor)
    invoices = [stored(place).invoice for place in places]
    assert [(one.customer, one.total) for one in invoices if one] == [(customer, 1_500)] * 2
    assert len(set(invoices)) == 2


# --- The forecast ---


def test_the_forecast_says_what_paying_does(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    terms: dict[str, Any] | None
    for terms in (
        {"amount": 5_000},
        {"amount": 10_000},
        {"percentage": 33},
        {"percentage": 100},
        {"offering": "Massage"},
        {"offering": "Massage", "multi_use": True},
        {"offering": "Facial"},
        None,
    ):
        with undone():
            made: Any = APass if terms is None else ACredit
            means = made(company=studio, customer=customer, **(terms or {}))
            forecast = forecast_payment(customer, service="Massage", amount=7_200, actor=actor)
            with suppress(OtherOffering):
                pay_booking(booking, means=means, actor=actor)
            assert stored(booking).due == forecast.remaining, terms
            assert (standing(booking) == "PAID") is forecast.is_covered, terms
