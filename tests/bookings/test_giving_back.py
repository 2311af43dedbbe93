"""Cancelling gives back what a booking took: visits, credit, and its own share of the money."""

import datetime
from typing import Any

import pytest

from billing.actions import refund_payment, void_invoice
from billing.models import Invoice, Payment
from bookings.actions import book_places, cancel_booking, pay_booking
from bookings.errors import AlreadyPaid
from bookings.models import Booking, Transaction
from config.access.actors import Actor
from config.access.models import Company
from credits.actions import expire_holdings, reverse_use, revoke_credit
from credits.models import Credit, Entry, PassPurchase
from credits.proof import check_ledger
from customers.models import Customer
from tests.factories import (
    ACredit,
    ACustomer,
    AnAppointment,
    AnEventDate,
    APass,
    APayment,
    APlace,
)

from .test_paying import balance, cash, spent, standing, stored

pytestmark = pytest.mark.usefixtures("inside")

PAST = datetime.date(2020, 1, 1)


@pytest.fixture
def booking(studio: Company, customer: Customer) -> Booking:
    """A massage for 72.00, tax included, not paid yet."""
    return AnAppointment(company=studio, customer=customer)


def is_refunded(booking: Booking) -> bool:
    rows = Booking.objects.with_payment().values_list("is_refunded", flat=True)
    return rows.get(pk=booking.pk)


# --- Visits and credit ---


def test_the_visits_of_a_place_go_back_to_their_pass(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    ten = APass(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer, spaces=3, means=ten)
    assert (balance(ten), is_refunded(place)) == (7, False)
    cancel_booking(place, reason="Ill", actor=actor)
    assert (balance(ten), is_refunded(place), standing(place)) == (10, True, "PAID")
    assert Entry.objects.filter(kind=Entry.REVERSE).values_list("reason", flat=True).get() == "Ill"


def test_a_pass_used_up_can_be_used_again_after_a_cancellation(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    one = APass(company=studio, customer=customer, visits=1)
    place = APlace(company=studio, customer=customer, means=one)
    assert PassPurchase.objects.get().redeemed_at is not None
    cancel_booking(place, actor=actor)
    assert APlace(company=studio, customer=customer, means=one)


@pytest.mark.parametrize(
    ("terms", "before"),
    [
        ({"amount": 5_000}, 5_000),
        ({"amount": 10_000}, 10_000),
        ({"percentage": 10}, 1),
        ({"percentage": 10, "multi_use": True}, 1),
        ({"offering": "Massage"}, 1),
    ],
)
def test_every_kind_of_credit_is_given_back_as_it_was(
    studio: Company,
    booking: Booking,
    customer: Customer,
    actor: Actor,
    terms: dict[str, Any],
    before: int,
) -> None:
    credit = ACredit(company=studio, customer=customer, **terms)
    pay_booking(booking, means=credit, actor=actor)
    cancel_booking(booking, actor=actor)
    back = Credit.objects.get(pk=credit.pk)
    assert (back.balance, back.times_redeemed, back.redeemed_at) == (before, 0, None)
    assert is_refunded(booking)
    assert check_ledger(studio.id)[0] == []


@pytest.mark.parametrize("is_swept", [False, True])
def test_a_pass_that_expired_meanwhile_keeps_nobody_from_cancelling(
    studio: Company, customer: Customer, actor: Actor, is_swept: bool
) -> None:
    ten = APass(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer, means=ten)
    PassPurchase.objects.update(expiry_date=PAST)
    if is_swept:
        assert expire_holdings(studio.id, actor=actor) == 1
    cancel_booking(place, actor=actor)
    assert stored(place).status == "cancelled"
    assert balance(ten) == (0 if is_swept else 10)
    assert is_refunded(place) is not is_swept
    expire_holdings(studio.id, actor=actor)
    assert balance(ten) == 0, "what came back after the last day has ended as well"
    assert check_ledger(studio.id)[0] == []


def test_a_credit_revoked_meanwhile_keeps_nobody_from_cancelling(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=10_000)
    pay_booking(booking, means=credit, actor=actor)
    revoke_credit(credit, actor=actor)
    cancel_booking(booking, actor=actor)
    assert (stored(booking).status, balance(credit), is_refunded(booking)) == (
        "cancelled",
        0,
        False,
    )


def test_visits_given_back_by_hand_are_not_given_back_again(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    ten = APass(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer, means=ten)
    reverse_use(Entry.objects.uses().get(), actor=actor)
    assert (is_refunded(place), standing(place)) == (True, "PAID")
    cancel_booking(place, actor=actor)
    assert balance(ten) == 10


# --- Money ---


def test_money_goes_back_unless_it_is_to_be_kept(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    first, second = (AnAppointment(company=studio, customer=customer, means=cash()) for _ in "12")
    cancel_booking(first, actor=actor)
    assert (spent(customer), is_refunded(first), standing(first)) == (7_200, True, "PAID")
    refund = stored(first).refund
    assert refund is not None
    assert (refund.amount, refund.refunds) == (7_200, stored(first).payment)
    cancel_booking(second, refund=False, actor=actor)
    assert (spent(customer), is_refunded(second), stored(second).refund) == (7_200, False, None)


def test_credit_comes_back_where_money_is_kept(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=5_000)
    pay_booking(booking, means=credit, actor=actor)
    pay_booking(booking, means=cash(), actor=actor)
    cancel_booking(booking, refund=False, actor=actor)
    assert (balance(credit), spent(customer)) == (5_000, 2_200)


def test_credit_and_money_both_go_back(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, percentage=50)
    pay_booking(booking, means=credit, actor=actor)
    pay_booking(booking, means=cash(), actor=actor)
    assert spent(customer) == 3_600
    cancel_booking(booking, actor=actor)
    assert (balance(credit), spent(customer)) == (1, 0)


def test_of_places_bought_together_each_gives_back_its_own_share(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    date, friend = AnEventDate(company=studio), ACustomer(company=studio)
    places = [
        Booking(customer=customer, event_date=date),
        Booking(customer=friend, event_date=date, spaces=2),
    ]
    book_places(Transaction(customer=customer), places=places, means=cash(), actor=actor)
    mine, theirs = places
    cancel_booking(theirs, actor=actor)
    assert spent(customer) == 1_500
    assert [is_refunded(place) for place in places] == [False, True]
    assert [stored(place).status for place in places] == ["confirmed", "cancelled"]
    date.refresh_from_db()
    assert date.spaces_taken == 1
    cancel_booking(mine, actor=actor)
    assert (spent(customer), is_refunded(mine)) == (0, True)


def test_what_was_refunded_by_hand_is_not_refunded_again(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=cash())
    payment = stored(booking).payment
    refund_payment(Payment(refunds=payment, amount=7_000), actor=actor)
    assert not is_refunded(booking), "of a part, it is not"
    cancel_booking(booking, actor=actor)
    refund = stored(booking).refund
    assert refund is not None
    assert (refund.amount, spent(customer)) == (200, 0)


def test_what_was_refunded_in_full_by_hand_shows_so_and_is_cancelled(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=cash())
    refund_payment(Payment(refunds=stored(booking).payment), actor=actor)
    assert is_refunded(booking)
    cancel_booking(booking, actor=actor)
    assert (stored(booking).refund, spent(customer), is_refunded(booking)) == (None, 0, True)


def test_nothing_comes_back_of_what_was_not_paid(
    booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=cash(status="failed"), actor=actor)
    cancel_booking(booking, actor=actor)
    assert (is_refunded(booking), Payment.objects.given_back().count()) == (False, 0)


# --- Invoices ---


def test_an_invoice_that_nobody_paid_is_void_with_its_booking(
    studio: Company, booking: Booking, actor: Actor
) -> None:
    for refund in (True, False):
        one = AnAppointment(company=studio, means=Invoice())
        cancel_booking(one, refund=refund, actor=actor)
        invoice = stored(one).invoice
        assert invoice is not None
        assert invoice.status == "void"
        assert (is_refunded(one), standing(one)) == (False, "PENDING")


@pytest.mark.parametrize("parts", [[7_200], [7_000, 200]])
def test_an_invoice_that_was_paid_is_refunded_and_void(
    studio: Company, booking: Booking, customer: Customer, actor: Actor, parts: list[int]
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    for amount in parts:
        APayment(company=studio, invoice=stored(booking).invoice, amount=amount)
    assert spent(customer) == 7_200
    cancel_booking(booking, actor=actor)
    assert (spent(customer), Invoice.objects.get().status) == (0, "void")
    assert (is_refunded(booking), standing(booking)) == (True, "PAID")


def test_an_invoice_paid_in_part_is_refunded_as_far_as_it_was(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    APayment(company=studio, invoice=stored(booking).invoice, amount=1_000)
    cancel_booking(booking, actor=actor)
    assert (spent(customer), Invoice.objects.get().status) == (0, "void")
    assert (is_refunded(booking), standing(booking)) == (True, "PENDING")


@pytest.mark.parametrize(("amount", "status"), [(7_200, "paid"), (1_000, "pending")])
def test_an_invoice_whose_money_is_kept_stays(
    studio: Company, booking: Booking, customer: Customer, actor: Actor, amount: int, status: str
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    APayment(company=studio, invoice=stored(booking).invoice, amount=amount)
    cancel_booking(booking, refund=False, actor=actor)
    assert (spent(customer), Invoice.objects.get().status) == (amount, status)
    assert not is_refunded(booking)


def test_an_invoice_paid_over_the_booking_is_refunded_too(
    booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    pay_booking(booking, means=cash(), actor=actor)
    cancel_booking(booking, actor=actor)
    assert (spent(customer), Invoice.objects.get().status, is_refunded(booking)) == (
        0,
        "void",
        True,
    )


def test_money_that_came_in_after_an_invoice_was_void_goes_back(
    booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    void_invoice(stored(booking).invoice, actor=actor)  # type: ignore[arg-type]
    pay_booking(booking, means=cash(), actor=actor)
    assert (spent(customer), standing(booking)) == (7_200, "PAID")
    cancel_booking(booking, actor=actor)
    assert (spent(customer), is_refunded(booking)) == (0, True)


def test_an_invoice_refunded_by_hand_shows_on_the_booking(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    payment = APayment(company=studio, invoice=stored(booking).invoice, amount=7_200)
    refund_payment(Payment(refunds=payment, amount=7_000), actor=actor)
    assert not is_refunded(booking)
    refund_payment(Payment(refunds=payment), actor=actor)
    assert is_refunded(booking)
    with pytest.raises(AlreadyPaid):
        pay_booking(booking, means=cash(), actor=actor)
    void_invoice(stored(booking).invoice, actor=actor)  # type: ignore[arg-type]
    assert standing(booking) == "PENDING", "now it can be paid anew"
    pay_booking(booking, means=cash(), actor=actor)
    cancel_booking(booking, actor=actor)
    assert spent(customer) == 0
