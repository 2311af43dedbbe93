"""Several places paid for at once, invoices for bookings, and what the forecast says of both."""

import datetime
from contextlib import suppress
from typing import Any

import pytest

from billing.actions import void_invoice
from billing.errors import DueBeforeIssued
from billing.models import Invoice, Payment
from bookings.actions import (
    add_pricing_option,
    book_places,
    pay_booking,
)
from bookings.errors import (
    AlreadyInvoiced,
    AlreadyPaid,
)
from bookings.models import Booking, PricingOption, Transaction
from config.access.actors import Actor
from config.access.models import Company
from credits.eligibility import forecast_payment
from credits.errors import OtherCurrency, OtherOffering, UsedUp
from customers.models import Customer
from tests.factories import (
    ACredit,
    ACustomer,
    AnAppointment,
    AnEventDate,
    APass,
    APayment,
)

from .tills import balance, cash, spent, standing, stored

pytestmark = pytest.mark.usefixtures("inside")


# --- Several places at once ---


def places_of(studio: Company, *people: Customer, spaces: int = 1) -> list[Booking]:
    date = AnEventDate(company=studio)
    return [Booking(customer=person, event_date=date, spaces=spaces) for person in people]


def test_money_is_taken_once_for_places_bought_together(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    places = places_of(studio, customer, *(ACustomer(company=studio) for _ in range(2)))
    book_places(Transaction(customer=customer), places=places, means=cash(), actor=actor)
    payment = Payment.objects.get()
    assert (payment.amount, payment.customer) == (4_500, customer)
    assert {stored(place).payment for place in places} == {payment}


def test_money_on_a_credit_goes_as_far_as_it_does(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=2_000)
    places = places_of(studio, *(ACustomer(company=studio) for _ in range(3)))
    book_places(Transaction(customer=customer), places=places, means=credit, actor=actor)
    assert [stored(place).due for place in places] == [0, 1_000, 1_500]
    assert [standing(place) for place in places] == ["PAID", "PENDING", "PENDING"]
    assert balance(credit) == 0


def test_a_credit_for_one_does_not_pay_for_two(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, offering="Yoga")
    places = places_of(studio, customer, ACustomer(company=studio))
    with pytest.raises(UsedUp):
        book_places(Transaction(customer=customer), places=places, means=credit, actor=actor)
    assert (balance(credit), Booking.objects.count()) == (1, 0)


def test_a_free_place_among_others_is_passed_over(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    date = AnEventDate(company=studio)
    child = add_pricing_option(PricingOption(event=date.event, name="Child", price=0), actor=actor)
    places = [
        Booking(customer=customer, event_date=date, pricing_option=child),
        Booking(customer=customer, event_date=date),
    ]
    book_places(Transaction(customer=customer), places=places, means=cash(), actor=actor)
    assert Payment.objects.get().amount == 1_500
    assert [stored(place).payment is None for place in places] == [True, False]


def test_prices_in_two_currencies_are_not_paid_at_once(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    (here,) = places_of(studio, customer)
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    (there,) = places_of(studio, customer)
    with pytest.raises(OtherCurrency, match="one by one"):
        book_places(Transaction(customer=customer), places=[here, there], means=cash(), actor=actor)


# --- An invoice ---


def test_an_invoice_asks_for_what_the_booking_comes_to(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    due = datetime.date(2099, 1, 1)
    booking = AnAppointment(
        company=studio, customer=customer, discount=1_000, means=Invoice(due_on=due)
    )
    invoice = stored(booking).invoice
    assert invoice is not None
    assert (invoice.customer, invoice.total, invoice.discount) == (customer, 6_000, 1_000)
    assert (invoice.status, invoice.due_on) == ("pending", due)
    (line,) = invoice.lines.all()
    assert (line.description, line.quantity, line.unit_price) == ("Massage", 1, 6_000)
    assert standing(booking) == "PENDING"


def test_a_booking_is_paid_when_its_invoice_is(
    studio: Company, booking: Booking, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    invoice = stored(booking).invoice
    APayment(company=studio, invoice=invoice, amount=7_000)
    assert standing(booking) == "PENDING"
    APayment(company=studio, invoice=invoice, amount=200)
    assert standing(booking) == "PAID"
    with pytest.raises(AlreadyPaid):
        pay_booking(booking, means=cash(), actor=actor)


def test_money_for_a_booking_with_an_invoice_pays_what_is_owed_on_that(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    invoice = stored(booking).invoice
    assert invoice is not None
    APayment(company=studio, invoice=invoice, amount=7_000)
    pay_booking(booking, means=cash(), actor=actor)
    assert Payment.objects.order_by("id").values_list("amount", flat=True)[1] == 200
    assert Invoice.objects.get().status == "paid"
    assert (standing(booking), spent(customer)) == ("PAID", 7_200)


def test_a_failed_attempt_at_an_invoice_leaves_it_open(booking: Booking, actor: Actor) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    pay_booking(booking, means=cash(status="failed"), actor=actor)
    assert (standing(booking), Invoice.objects.get().status) == ("FAILED", "pending")
    pay_booking(booking, means=cash(), actor=actor)
    assert (standing(booking), Invoice.objects.get().status) == ("PAID", "paid")


def test_a_booking_with_an_invoice_is_paid_with_money_alone(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    ten = APass(company=studio, customer=customer)
    for means in (ten, ACredit(company=studio, customer=customer, amount=100), Invoice()):
        with pytest.raises(AlreadyInvoiced):
            pay_booking(booking, means=means, actor=actor)
    void_invoice(stored(booking).invoice, actor=actor)  # type: ignore[arg-type]
    pay_booking(booking, means=ten, actor=actor)
    assert (standing(booking), balance(ten)) == ("PAID", 9)


def test_after_a_void_invoice_another_can_be_written(booking: Booking, actor: Actor) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    first = stored(booking).invoice
    assert first is not None
    void_invoice(first, actor=actor)
    pay_booking(booking, means=Invoice(), actor=actor)
    second = stored(booking).invoice
    assert second is not None
    assert (second.pk != first.pk, second.status) == (True, "pending")


def test_an_invoice_is_not_due_before_it_is_written(booking: Booking, actor: Actor) -> None:
    with pytest.raises(DueBeforeIssued):
        pay_booking(booking, means=Invoice(due_on=datetime.date(2020, 1, 1)), actor=actor)
    assert stored(booking).invoice is None


def test_each_place_has_an_invoice_of_its_own(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    places = places_of(studio, customer, ACustomer(company=studio))
    book_places(Transaction(customer=customer), places=places, means=Invoice(), actor=actor)
    invoices = [stored(place).invoice for place in places]
    assert [(one.customer, one.total) for one in invoices if one] == [(customer, 1_500)] * 2
    assert len(set(invoices)) == 2


# --- What was foretold ---


@pytest.mark.parametrize(
    "terms",
    [
        {"amount": 5_000},
        {"amount": 10_000},
        {"percentage": 33},
        {"percentage": 100},
        {"offering": "Massage"},
        {"offering": "Massage", "multi_use": True},
        {"offering": "Facial"},
        None,
    ],
)
def test_the_forecast_says_what_paying_does(
    studio: Company,
    booking: Booking,
    customer: Customer,
    actor: Actor,
    terms: dict[str, Any] | None,
) -> None:
    made: Any = APass if terms is None else ACredit
    means = made(company=studio, customer=customer, **(terms or {}))
    forecast = forecast_payment(customer, service="Massage", amount=7_200, actor=actor)
    with suppress(OtherOffering):
        pay_booking(booking, means=means, actor=actor)
    assert stored(booking).due == forecast.remaining
    assert (standing(booking) == "PAID") is forecast.is_covered
