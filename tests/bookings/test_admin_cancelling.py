"""The confirmation page of a cancellation, and v1, list the money and credits to be returned."""

import datetime

from django.utils import timezone

from billing.actions import refund_payment, void_invoice
from billing.models import Invoice, Payment
from bookings.actions import pay_booking
from bookings.models import Booking, Event, EventDate
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.backoffice import Browser, fresh, only, said
from tests.callers import Caller
from tests.factories import ACredit, AnAppointment, APayment, APlace, make_staff
from tests.shares import undone

from .support import ask, cash

SOON = timezone.now() + datetime.timedelta(hours=3)
NOT_PAID = "Nothing was paid, so nothing is kept: the £72.00 is no longer to be paid."


def rule(company: Company, keeps: str, fee: int = 0, refund_limit: int | None = None) -> None:
    Company.objects.filter(pk=company.pk).update(
        late_cancellation_hours=24,
        late_cancellation_keeps=keeps,
        late_cancellation_fee=fee,
        refund_limit=refund_limit,
    )


def soon(company: Company, customer: Customer, means: object = None) -> Booking:
    """Book a massage for 72.00 that begins in three hours."""
    return AnAppointment(company=company, customer=customer, starts_at=SOON, means=means)


def desk_of(company: Company) -> Browser:
    return Browser(make_staff(company, email="d@studio.example", role="front_desk"))


# --- A date ---


def test_a_date_asks_about_the_money_that_its_invoices_took(
    browser: Browser, studio: Company, date: EventDate, actor: Actor
) -> None:
    for spaces in (1, 2):
        place = APlace(company=studio, event_date=date, spaces=spaces, means=Invoice())
        APayment(company=studio, invoice=place.invoice, amount=1_000)
    own = APlace(company=studio, event_date=date, means=cash())
    with acting_for(studio.id):
        refund_payment(Payment(refunds=own.payment, amount=300), actor=actor)
    page = browser.get(ask(date, "cancel")).text
    assert "Give £32.00 back" in page, "twice £10.00, and £12.00 of £15.00"
    for refund, left in (({"refund": "on"}, 0), ({}, 3_200)):
        with undone():
            form = browser.form(ask(date, "cancel")).values
            form.pop("refund", None)
            browser.post(ask(date, "cancel"), **form | {"reason": "Ill"} | refund)
            with acting_for(studio.id):
                assert sum(Payment.objects.values_list("signed_amount", flat=True)) == left


def test_a_date_tells_of_the_credits_that_paid_its_invoices(
    browser: Browser, studio: Company, customer: Customer, date: EventDate, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=500)
    place = APlace(company=studio, event_date=date, customer=customer)
    with acting_for(studio.id):
        pay_booking(place, means=[credit, Invoice()], actor=actor)
    page = browser.get(ask(date, "cancel")).text
    assert "1 of them gets a credit back." in page
    browser.send(ask(date, "cancel"), reason="Ill")
    assert fresh(credit).balance == 500


# --- Credits that paid the invoice ---


def test_credits_that_paid_for_the_invoice_are_told_on_the_page_and_on_v1(
    browser: Browser, integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=2_000)
    booking = AnAppointment(company=studio, customer=customer)
    path = f"/v1/bookings/{booking.pk}"
    with acting_for(studio.id):
        pay_booking(booking, means=[credit, Invoice()], actor=actor)
    assert "£20.00 goes back to the credit" in browser.get(ask(booking, "cancel")).text
    assert integrator.get(f"{path}/cancellation").body["holding_returned"] is True
    integrator.post(f"{path}/cancel", {"reason": "Ill"})
    assert fresh(credit).balance == 2_000
    assert integrator.get(f"{path}/cancellation").body["holding_returned"] is True


def test_v1_shows_the_refund_of_what_was_paid_after_its_invoice_was_voided(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=Invoice())
    with acting_for(studio.id):
        void_invoice(only(Invoice, studio), actor=actor)
        pay_booking(booking, means=cash(), actor=actor)
    path = f"/v1/bookings/{booking.pk}"
    integrator.post(f"{path}/cancel", {"reason": "Ill"})
    assert integrator.get(f"{path}/cancellation").body["money_returned"] == 7_200


# --- Refunds above the limit of front desk ---


def test_a_waiver_that_could_give_nothing_back_is_not_offered(
    studio: Company, customer: Customer
) -> None:
    booking, desk = soon(studio, customer, cash()), desk_of(studio)
    rule(studio, "fee", 1_000, refund_limit=2_000)
    page = desk.get(ask(booking, "cancel")).text
    assert "£62.00 is above the limit of front desk, which is £20.00 to refund" in page
    assert "No money goes back: £72.00 is kept." in page
    assert "£62.00 goes back" not in page
    assert 'name="waive_fee"' not in page
    rule(studio, "fee", 1_000, refund_limit=6_500)
    page = desk.get(ask(booking, "cancel")).text
    assert "£62.00 goes back" in page
    assert 'name="waive_fee"' not in page, "everything is £72.00"
    rule(studio, "fee", 1_000, refund_limit=7_200)
    assert 'name="waive_fee"' in desk.get(ask(booking, "cancel")).text


def test_what_was_refunded_of_an_invoice_counts_against_the_limit(
    studio: Company, booking: Booking, actor: Actor
) -> None:
    desk = desk_of(studio)
    with acting_for(studio.id):
        pay_booking(booking, means=Invoice(), actor=actor)
        payment = APayment(company=studio, invoice=only(Invoice, studio), amount=7_200)
        refund_payment(Payment(refunds=payment, amount=5_000), actor=actor)
    Company.objects.filter(pk=studio.pk).update(refund_limit=3_000)
    page = desk.get(ask(booking, "cancel")).text
    assert "£22.00, with £50.00 before it, is above the limit of front desk" in page
    desk.send(ask(booking, "cancel"), reason="Ill")
    assert fresh(booking).status == "cancelled"


def test_front_desk_is_told_of_its_limit_before_it_lets_go_of_what_is_unpaid(
    studio: Company, customer: Customer
) -> None:
    yesterday = timezone.now() - datetime.timedelta(days=1)
    own = {"company": studio, "customer": customer}
    booking, desk = AnAppointment(**own, starts_at=yesterday), desk_of(studio)
    Company.objects.filter(pk=studio.pk).update(refund_limit=7_199)
    limit = "£72.00 is above the limit of front desk, which is £71.99 to void an invoice."
    page = desk.get(ask(booking, "cancel"))
    assert limit in page.text
    assert page.context["form"].is_blocked
    assert not page.context["form"].fields
    (told,) = said(desk.post(ask(booking, "cancel")))
    assert told.startswith(limit), "the action holds it too"
    assert fresh(booking).status == "confirmed"
    desk.get(ask(booking, "cancel"))  # This page shows the message of the refusal.
    Company.objects.filter(pk=studio.pk).update(refund_limit=7_200)
    page = desk.get(ask(booking, "cancel"))
    assert (limit in page.text, page.context["form"].is_blocked) == (False, False)
    desk.send(ask(booking, "cancel"))
    assert fresh(booking).status == "cancelled"


# --- Several currencies ---


def test_a_date_adds_up_the_money_of_each_currency_by_itself(
    browser: Browser, studio: Company, date: EventDate
) -> None:
    APlace(company=studio, event_date=date, means=cash())
    with acting_for(studio.id):
        Event.objects.update(currency="EUR")
    APlace(company=studio, event_date=date, means=cash())
    euros = APlace(company=studio, event_date=date, spaces=2, means=Invoice())
    APayment(company=studio, invoice=euros.invoice, amount=1_000)
    assert "Give €25.00 + £15.00 back" in browser.get(ask(date, "cancel")).text


# --- Nothing was paid ---


def test_a_late_cancellation_of_what_nobody_paid_keeps_nothing(
    browser: Browser, studio: Company, customer: Customer, actor: Actor
) -> None:
    booking = soon(studio, customer, Invoice())
    rule(studio, "visit")
    page = browser.get(ask(booking, "cancel")).text
    invoice = only(Invoice, studio)
    for text in (NOT_PAID, f"Invoice {invoice.number} is voided"):
        assert text in page
    assert "what was paid for it is kept" not in page
    with undone():
        browser.send(ask(booking, "cancel"))
        assert fresh(invoice).voided_at is not None
    APayment(company=studio, invoice=invoice, amount=1_000)
    page = browser.get(ask(booking, "cancel")).text
    assert (NOT_PAID in page, "what was paid for it is kept" in page) == (False, True)
