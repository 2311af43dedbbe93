"""A cancellation returns what paid for the booking: visits, credit, and its share of the money."""

from typing import Any

import pytest

from billing.actions import refund_payment, take_payment, void_invoice
from billing.models import Invoice, Payment
from bookings.actions import book_places, cancel_booking, pay_booking
from bookings.errors import AlreadyPaid
from bookings.models import Booking, Transaction
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from credits.actions import expire_holdings, reverse_use, revoke_credit
from credits.models import Entry, PassPurchase
from credits.proof import check_ledger
from customers.models import Customer
from tests.factories import ACredit, ACustomer, AnAppointment, AnEventDate, APass, APayment, APlace
from tests.shares import undone

from .support import LONG_AGO, balance, cash, facts, spent, standing, stored

pytestmark = pytest.mark.usefixtures("inside")


def is_refunded(booking: Booking) -> bool:
    rows = Booking.objects.with_payment().values_list("is_refunded", flat=True)
    return rows.get(pk=booking.pk)


# --- Visits and credit ---


def test_visits_go_back_to_a_pass_once(studio: Company, customer: Customer, actor: Actor) -> None:
    ten = APass(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer, spaces=3, means=ten)
    assert (balance(ten), is_refunded(place)) == (7, False)
    with undone():
        reverse_use(Entry.objects.uses().get(), actor=actor)
        assert (balance(ten), is_refunded(place), standing(place)) == (10, True, "PAID")
        cancel_booking(place, actor=actor)
        assert balance(ten) == 10, "they were given back by hand"
    cancel_booking(place, reason="Ill", actor=actor)
    assert (balance(ten), is_refunded(place), standing(place)) == (10, True, "PAID")
    assert Entry.objects.get(kind=Entry.REVERSE).reason == "Ill"


def test_every_kind_of_credit_and_a_pass_is_given_back_as_it_was(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    terms: dict[str, Any]
    for terms in (
        {"amount": 5_000},
        {"amount": 10_000},
        {"percentage": 10},
        {"percentage": 10, "multi_use": True},
        {"offering": "Massage"},
        {"visits": 1},
    ):
        made: Any = APass if "visits" in terms else ACredit
        means = made(company=studio, customer=customer, **terms)
        before = facts(means, "balance", "times_redeemed", "redeemed_at")
        assert before == [terms.get("amount", 1), 0, None]
        with undone():
            pay_booking(booking, means=means, actor=actor)
            assert facts(means, "times_redeemed") == [1]
            cancel_booking(booking, actor=actor)
            assert facts(means, "balance", "times_redeemed", "redeemed_at") == before, terms
            assert is_refunded(booking)
            assert check_ledger(studio.id)[0] == []


def test_a_pass_that_expired_meanwhile_keeps_nobody_from_cancelling(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    ten = APass(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer, means=ten)
    PassPurchase.objects.update(expires_at=LONG_AGO)
    for is_swept in (False, True):
        with undone():
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
    assert facts(booking, "status") == ["cancelled"]
    assert (balance(credit), is_refunded(booking)) == (0, False)


# --- Money ---


def test_money_goes_back_unless_it_is_to_be_kept_or_never_came(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    first, second = (AnAppointment(**own, means=cash()) for _ in range(2))
    failed = AnAppointment(**own, means=cash(status="failed"))
    cancel_booking(first, actor=actor)
    assert (spent(customer), is_refunded(first), standing(first)) == (7_200, True, "PAID")
    refund = stored(first).refund
    assert refund is not None
    assert (refund.amount, refund.refunds) == (7_200, stored(first).payment)
    cancel_booking(second, refund=False, actor=actor)
    cancel_booking(failed, actor=actor)
    assert spent(customer) == 7_200
    for kept in (second, failed):
        assert (is_refunded(kept), stored(kept).refund) == (False, None)


def test_credit_goes_back_with_the_money_or_without_it(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, percentage=50)
    pay_booking(booking, means=credit, actor=actor)
    pay_booking(booking, means=cash(), actor=actor)
    assert (balance(credit), spent(customer)) == (0, 3_600)
    for refund, kept in ((False, 3_600), (True, 0)):
        with undone():
            cancel_booking(booking, refund=refund, actor=actor)
            assert (balance(credit), spent(customer)) == (1, kept)


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


def test_a_refund_by_hand_is_not_redone(studio: Company, customer: Customer, actor: Actor) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=cash())
    payment = stored(booking).payment
    refund_payment(Payment(refunds=payment, amount=7_000), actor=actor)
    assert not is_refunded(booking), "of a part, it is not"
    with undone():
        cancel_booking(booking, actor=actor)
        refund = stored(booking).refund
        assert refund is not None
        assert (refund.amount, spent(customer)) == (200, 0)
    refund_payment(Payment(refunds=payment), actor=actor)
    assert is_refunded(booking), "in full, it shows so"
    cancel_booking(booking, actor=actor)
    assert (stored(booking).refund, spent(customer), is_refunded(booking)) == (None, 0, True)


# --- Invoices ---


def test_an_invoice_is_void_with_its_booking_unless_its_money_is_kept(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    invoice = stored(booking).invoice
    for parts, refund, status, shown in (
        ([], True, "void", "PENDING"),
        ([], False, "void", "PENDING"),
        ([7_200], True, "void", "PAID"),
        ([7_000, 200], True, "void", "PAID"),
        ([1_000], True, "void", "PENDING"),
        ([7_200], False, "paid", "PAID"),
        # The cancellation reduces the balance of the booking's invoice to 0.
        ([1_000], False, "paid", "PAID"),
    ):
        with undone():
            for amount in parts:
                APayment(company=studio, invoice=invoice, amount=amount)
            assert spent(customer) == sum(parts)
            cancel_booking(booking, refund=refund, actor=actor)
            assert spent(customer) == (0 if refund else sum(parts)), (parts, refund)
            assert (Invoice.objects.get().status, standing(booking)) == (status, shown)
            assert is_refunded(booking) is (refund and bool(parts))


def test_money_for_the_booking_goes_back_whether_or_not_its_invoice_is_void(
    booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=Invoice(), actor=actor)
    invoice = Invoice.objects.get()
    for is_void in (False, True):
        with undone():
            if is_void:
                void_invoice(invoice, actor=actor)
            pay_booking(booking, means=cash(), actor=actor)
            assert (spent(customer), standing(booking)) == (7_200, "PAID")
            cancel_booking(booking, actor=actor)
            assert (spent(customer), is_refunded(booking)) == (0, True), is_void
            assert Invoice.objects.get().status == "void"


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
    void_invoice(Invoice.objects.get(), actor=actor)
    assert standing(booking) == "PENDING", "now it can be paid anew"
    pay_booking(booking, means=cash(), actor=actor)
    cancel_booking(booking, actor=actor)
    assert spent(customer) == 0


def test_what_was_refunded_on_an_invoice_is_to_be_paid_again_once_that_is_voided(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=Invoice())
    invoice = Invoice.objects.get()
    payment = take_payment(Payment(invoice=invoice, amount=7_200, method="cash"), actor=actor)
    refund_payment(Payment(refunds=payment), actor=actor)
    assert (is_refunded(booking), standing(booking)) == (True, "PAID")
    void_invoice(invoice, actor=actor)
    assert (is_refunded(booking), standing(booking)) == (False, "PENDING")
    assert Booking.objects.to_pay().get() == booking
