"""Late cancellation: by the company's rule it costs the visit or a fee, unless staff waive it."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from billing.actions import take_payment, void_invoice
from billing.models import Invoice, Payment
from bookings.actions import (
    cancel_booking,
    cancel_event_date,
    pay_booking,
    pay_media,
    wind_down_customer,
)
from bookings.errors import WaiverUnexplained
from bookings.late_cancellation import forecast_cancellation, money_kept
from bookings.models import Booking, LateCancellation, MediaPurchase
from bookings.shapes.cancellations import described
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import AboveRoleLimit
from credits.actions.paying import CreditPart
from credits.proof import check_ledger
from customers.actions import archive_customer
from customers.models import Customer
from tests.factories import (
    ACredit,
    AMediaPurchase,
    AnAppointment,
    AnEventDate,
    APass,
    APlace,
    make_staff,
)

from .support import balance, cash, facts, spent, stored

pytestmark = pytest.mark.usefixtures("inside")

SOON = timezone.now() + datetime.timedelta(hours=3)


def rule(company: Company, keeps: str = "visit", fee: int = 0, hours: int | None = 24) -> None:
    Company.objects.filter(pk=company.pk).update(
        late_cancellation_hours=hours, late_cancellation_keeps=keeps, late_cancellation_fee=fee
    )


def noted(booking: Booking) -> tuple[str, int, int]:
    """Return what a late cancellation kept: its kind, the money, and the fee that is due."""
    late = LateCancellation.objects.get(booking=booking)
    return late.keeps, late.kept, late.fee


def soon(studio: Company, customer: Customer, means: Any = None) -> Booking:
    """Book a massage for 72.00 that begins in three hours."""
    return AnAppointment(company=studio, customer=customer, starts_at=SOON, means=means)


@pytest.mark.parametrize(("hours", "is_late"), [(None, False), (2, False), (4, True), (720, True)])
def test_it_is_late_within_the_hours_of_the_company(
    studio: Company, customer: Customer, actor: Actor, hours: int | None, is_late: bool
) -> None:
    rule(studio, hours=hours)
    booking = soon(studio, customer, cash())
    forecast = forecast_cancellation(booking, actor=actor)
    assert (forecast.is_late, forecast.refund) == (is_late, 0 if is_late else 7_200)
    assert forecast.late_from == (hours and SOON - datetime.timedelta(hours=hours))
    cancel_booking(booking, actor=actor)
    assert spent(customer) == (7_200 if is_late else 0)
    assert LateCancellation.objects.exists() is is_late


def test_the_visit_is_kept_however_it_was_paid(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio)
    ten = APass(company=studio, customer=customer)
    credit = ACredit(company=studio, customer=customer, amount=5_000)
    by_pass, by_credit, by_cash = (soon(studio, customer, one) for one in (ten, credit, cash()))
    for booking in (by_pass, by_credit, by_cash):
        cancel_booking(booking, actor=actor)
        assert stored(booking).status == "cancelled"
    assert (balance(ten), balance(credit), spent(customer)) == (9, 0, 7_200)
    assert noted(by_pass) == noted(by_credit) == ("visit", 0, 0)
    assert noted(by_cash) == ("visit", 7_200, 0)
    assert check_ledger(studio.id)[0] == []


def test_where_the_visit_is_kept_nothing_more_is_asked_of_who_did_not_pay(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio)
    unpaid, invoiced = soon(studio, customer), soon(studio, customer, Invoice())
    for booking in (unpaid, invoiced):
        cancel_booking(booking, actor=actor)
        assert noted(booking) == ("visit", 0, 0)
    assert Invoice.objects.get().voided_at is not None


@pytest.mark.parametrize("keeps", ["visit", "nothing"])
def test_a_cancelled_booking_asks_for_nothing_more_where_a_part_was_paid_and_is_kept(
    studio: Company, customer: Customer, actor: Actor, keeps: str
) -> None:
    rule(studio, hours=24 if keeps == "visit" else None)
    booking = soon(studio, customer)
    pay_booking(booking, means=[cash(amount=2_000)], actor=actor)
    cancel_booking(booking, refund=keeps == "visit", actor=actor)
    invoice = Invoice.objects.with_amounts().get()
    assert (invoice.reduced, vars(invoice)["balance"], invoice.status) == (5_200, 0, "paid")
    assert spent(customer) == 2_000
    assert check_ledger(studio.id)[0] == []


def test_the_fee_is_what_was_shown_where_tax_is_added_to_prices(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(tax_rate=20, tax_behavior="exclusive")
    rule(studio, "fee", 1_200)
    booking = soon(studio, customer)
    assert forecast_cancellation(booking, actor=actor).fee == 1_200
    cancel_booking(booking, actor=actor)
    invoice = Invoice.objects.get()
    assert (invoice.total, invoice.tax) == (1_200, 200)


def test_credits_that_paid_an_invoice_count_against_the_limit_of_who_waives(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio)
    credit = ACredit(company=studio, customer=customer, amount=7_200)
    booking = soon(studio, customer, Invoice())
    pay_booking(booking, means=[CreditPart(credit, 7_000), cash(amount=200)], actor=actor)
    Company.objects.filter(pk=studio.pk).update(refund_limit=7_199)
    desk = make_staff(studio, email="d@studio.example").actor_in(studio, "front_desk")
    with pytest.raises(AboveRoleLimit):
        cancel_booking(booking, waive_fee=True, reason="A storm", actor=desk)


def test_a_fee_is_kept_of_the_money_and_the_rest_goes_back(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 1_000)
    booking = soon(studio, customer, cash())
    cancel_booking(booking, reason="A cold", actor=actor)
    refund = stored(booking).refund
    assert refund is not None
    assert (refund.amount, spent(customer)) == (6_200, 1_000)
    assert noted(booking) == ("fee", 1_000, 0)
    assert not Invoice.objects.exists()


def test_money_that_was_paid_after_an_invoice_was_voided_pays_the_fee(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 1_000)
    booking = soon(studio, customer, Invoice())
    void_invoice(Invoice.objects.get(), actor=actor)
    pay_booking(booking, means=cash(), actor=actor)
    forecast = forecast_cancellation(stored(booking), actor=actor)
    assert (forecast.kept, forecast.refund, forecast.fee) == (1_000, 6_200, 0)
    cancel_booking(booking, reason="A cold", actor=actor)
    assert (noted(booking), spent(customer)) == (("fee", 1_000, 0), 1_000)
    assert Invoice.objects.count() == 1
    assert described(stored(booking), actor=actor)["money_returned"] == 6_200


def test_the_money_of_what_was_sold_on_an_invoice_is_told(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    medium = AMediaPurchase(company=studio, customer=customer, means=Invoice())
    pay_media(medium, means=[cash(amount=400)], actor=actor)
    assert money_kept(MediaPurchase.objects.get(), actor) == 400


def test_a_fee_is_asked_for_by_an_invoice_where_no_money_is_there(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 1_000)
    ten = APass(company=studio, customer=customer)
    for means in (None, ten, ACredit(company=studio, customer=customer, amount=9_000)):
        booking = soon(studio, customer, means)
        cancel_booking(booking, actor=actor)
        assert noted(booking) == ("fee", 0, 1_000)
        invoice = LateCancellation.objects.get(booking=booking).invoice
        assert invoice is not None
        assert (invoice.total, invoice.tax, invoice.customer) == (1_000, 0, customer)
        assert invoice.issued_at is not None
        assert str(invoice.lines.get().description) == "Late cancellation: Massage"
        if means is not None:
            assert balance(means) == (10 if means is ten else 9_000), "visits and credit go back"
    assert check_ledger(studio.id)[0] == []


def test_what_money_does_not_reach_of_a_fee_is_asked_for(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 8_000)
    booking = soon(studio, customer, cash())
    cancel_booking(booking, actor=actor)
    assert (noted(booking), spent(customer)) == (("fee", 7_200, 800), 7_200)
    assert Invoice.objects.get().total == 800


def test_a_paid_invoice_keeps_the_fee_and_one_paid_in_part_is_voided(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 1_000)
    paid, partly = soon(studio, customer, Invoice()), soon(studio, customer, Invoice())
    pay_booking(paid, means=cash(), actor=actor)
    part = Payment(invoice=stored(partly).invoice, amount=2_000, method="cash")
    take_payment(part, actor=actor)
    cancel_booking(paid, actor=actor)
    assert (noted(paid), spent(customer)) == (("fee", 1_000, 0), 1_000 + 2_000)
    cancel_booking(partly, actor=actor)
    assert (noted(partly), spent(customer)) == (("fee", 0, 1_000), 1_000)
    invoices = [one.voided_at is None for one in Invoice.objects.order_by("id")]
    assert invoices == [True, False, True], "the paid one, the void one, and that of the fee"


def test_money_that_is_to_be_kept_pays_the_fee(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 1_000)
    booking = soon(studio, customer, cash())
    cancel_booking(booking, refund=False, actor=actor)
    assert (noted(booking), spent(customer)) == (("fee", 7_200, 0), 7_200)


def test_it_is_waived_for_a_reason(studio: Company, customer: Customer, actor: Actor) -> None:
    for keeps, fee in (("visit", 0), ("fee", 1_000)):
        rule(studio, keeps, fee)
        ten = APass(company=studio, customer=customer)
        bookings = [soon(studio, customer, one) for one in (ten, cash())]
        for booking in bookings:
            for reason in ("", " "):
                with pytest.raises(WaiverUnexplained):
                    cancel_booking(booking, waive_fee=True, reason=reason, actor=actor)
            cancel_booking(booking, waive_fee=True, reason="A storm", actor=actor)
            assert noted(booking) == ("waived", 0, 0)
        late = LateCancellation.objects.filter(booking=bookings[0]).get()
        assert (late.reason, late.actor_name) == ("A storm", actor.name)
        assert (balance(ten), spent(customer)) == (10, 0)
    rule(studio, hours=1)
    booking = soon(studio, customer)
    cancel_booking(booking, waive_fee=True, actor=actor)
    assert facts(booking, "status") == ["cancelled"], "what is not late needs no reason"


def test_front_desk_waives_up_to_its_limit(studio: Company, customer: Customer) -> None:
    rule(studio, "fee", 1_000)
    desk = make_staff(studio, email="d@studio.example").actor_in(studio, "front_desk")
    booking = soon(studio, customer)
    Company.objects.filter(pk=studio.pk).update(refund_limit=999)
    with pytest.raises(AboveRoleLimit, match="waive what a late cancellation costs"):
        cancel_booking(booking, waive_fee=True, reason="A storm", actor=desk)
    Company.objects.filter(pk=studio.pk).update(refund_limit=1_000)
    cancel_booking(booking, waive_fee=True, reason="A storm", actor=desk)
    assert noted(booking) == ("waived", 0, 0)


def test_what_the_company_cancels_costs_nothing(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    for keeps, fee in (("visit", 0), ("fee", 1_000)):
        rule(studio, keeps, fee)
        date = AnEventDate(company=studio, starts_at=SOON)
        ten = APass(company=studio, customer=customer)
        APlace(company=studio, customer=customer, event_date=date, means=ten)
        cancel_event_date(date, actor=actor)
        assert balance(ten) == 10
    soon(studio, customer, cash())
    wind_down_customer(customer, end_open=True, actor=actor)
    assert spent(customer) == 0
    assert not LateCancellation.objects.exists()
    assert not Invoice.objects.exists()


def test_an_archived_customer_gets_no_invoice_of_a_fee(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 1_000)
    booking = soon(studio, customer)
    archive_customer(customer, actor=actor)
    cancel_booking(booking, actor=actor)
    assert noted(booking) == ("fee", 0, 0)
    assert not Invoice.objects.exists()


def test_what_costs_nothing_is_never_late(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 1_000)
    booking = AnAppointment(company=studio, customer=customer, starts_at=SOON, subtotal=0)
    cancel_booking(booking, actor=actor)
    assert not LateCancellation.objects.exists()


def test_a_payment_of_two_bookings_keeps_the_fee_of_each(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    rule(studio, "fee", 500)
    date = AnEventDate(company=studio, starts_at=SOON)
    places = [
        APlace(company=studio, customer=customer, event_date=date, means=cash()) for _ in range(2)
    ]
    for place in places:
        cancel_booking(place, actor=actor)
        assert noted(place) == ("fee", 500, 0)
    assert spent(customer) == 1_000
