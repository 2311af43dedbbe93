"""A credit pays the invoice of a booking only if it ends after the booking begins."""

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from billing.models import Invoice
from bookings.actions import change_booking, pay_booking, pay_invoice
from bookings.models import Booking, Service
from bookings.models.bookings import BookingQuerySet
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.errors import EndsTooSoon, OnePercentage
from credits.models import Credit
from customers.models import Customer
from tests.backoffice import Browser, page_of, said
from tests.callers import Caller
from tests.credits.test_ends_races import WAITING
from tests.credits.test_v1_credits import refusal
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    AMediaPurchase,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APlace,
)

from .support import DAY, balance, facts, refusal_of

END = datetime.datetime(2099, 2, 1, 10, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def booking(studio: Company, customer: Customer, service: Service) -> Booking:
    """An appointment with an invoice, which begins when the credit ends."""
    own: dict[str, Any] = {"company": studio, "customer": customer, "service": service}
    return AnAppointment(**own, starts_at=END, means=Invoice())


@pytest.fixture
def invoice(booking: Booking) -> Invoice:
    assert booking.invoice is not None
    return booking.invoice


@pytest.fixture
def credit(studio: Company, customer: Customer) -> Credit:
    return ACredit(company=studio, customer=customer, amount=50_000, expires_at=END)


def move(booking: Booking, begins: datetime.datetime, actor: Actor) -> None:
    with acting_for(booking.company_id):
        change_booking(booking, changes={"starts_at": begins}, actor=actor)


# --- The action ---


@pytest.mark.usefixtures("inside")
def test_moving_the_booking_changes_what_pays_for_its_invoice(
    studio: Company, customer: Customer, booking: Booking, invoice: Invoice, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer, "expires_at": END}
    tenth = ACredit(**own, coupon=ACoupon(company=studio, entitlement="percentage", percentage=10))
    for credit in (tenth, ACredit(**own, amount=50_000), ACredit(**own, multi_use=True)):
        found = refusal_of(pay_invoice, invoice, means=[credit], actor=actor)
        assert found == (EndsTooSoon,), credit
    move(booking, END - SECOND, actor)
    assert pay_invoice(invoice, means=[tenth], actor=actor).covered > 0
    changes: dict[str, Any] = {"starts_at": END}
    assert refusal_of(change_booking, booking, changes=changes, actor=actor) == (EndsTooSoon,)
    move(booking, END - DAY, actor)


@pytest.mark.usefixtures("inside")
def test_a_credit_without_an_end_or_with_a_later_one_pays(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    later = ACredit(**own, amount=100, expires_at=END + SECOND)
    endless = ACredit(**own, amount=50_000)
    assert pay_invoice(invoice, means=[later, endless], actor=actor).status == "paid"


@pytest.mark.usefixtures("inside")
def test_what_begins_at_once_is_paid_while_the_credit_lasts(
    studio: Company, customer: Customer, credit: Credit, actor: Actor
) -> None:
    video = AMediaPurchase(company=studio, customer=customer, means=Invoice())
    assert video.invoice is not None
    assert pay_invoice(video.invoice, means=[credit], actor=actor).status == "paid"


@pytest.mark.usefixtures("inside")
def test_one_percentage_pays_for_a_booking_also_through_its_invoice(
    studio: Company, customer: Customer, service: Service, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    coupon = ACoupon(company=studio, entitlement="percentage", percentage=10)
    first, second = (ACredit(**own, coupon=coupon) for _ in range(2))
    booking = AnAppointment(**own, service=service, means=first)
    pay_booking(booking, means=Invoice(), actor=actor)
    invoice = Invoice.objects.get()
    assert refusal_of(pay_invoice, invoice, means=[second], actor=actor)[0] is OnePercentage


# --- Other entry points ---


def test_v1_refuses_the_credit_until_the_booking_begins_earlier(
    integrator: Caller, booking: Booking, invoice: Invoice, credit: Credit, actor: Actor
) -> None:
    path = f"/v1/invoices/{invoice.pk}/pay"
    parts = [{"method": "cash", "amount": 100}, {"credit_id": str(credit.pk)}]
    answer = integrator.post(path, {"payments": parts})
    assert refusal(answer) == (409, "ends_too_soon", None)
    assert "Sun 1 Feb 2099, 10:00 and the booking begins" in answer.body["error"]["message"]
    assert integrator.get(f"/v1/invoices/{invoice.pk}").body["amount_paid"] == 0, "all or none"
    move(booking, END - SECOND, actor)
    assert integrator.post(path, {"payments": parts}).body["status"] == "paid"


def test_the_till_refuses_the_credit_for_an_invoice_of_a_later_booking(
    browser: Browser, customer: Customer, booking: Booking, invoice: Invoice, credit: Credit,
    actor: Actor,
) -> None:  # fmt: skip
    till = f"{page_of(customer).replace('change', 'till')}?owed=invoice:{invoice.pk}"
    answer = browser.send(till, paid_1=f"credit:{credit.pk}")
    assert answer.text.count("This credit ends on Sun 1 Feb 2099, 10:00 and the booking") == 1
    move(booking, END - SECOND, actor)
    (told,) = said(browser.send(till, paid_1=f"credit:{credit.pk}"))
    assert told.endswith(": paid.")


# --- Concurrency ---


def lock_nothing(rows: BookingQuerySet, **_how: Any) -> BookingQuerySet:
    return rows


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("is_guarded", [True, False])
def test_a_payment_waits_for_a_booking_that_is_moved(
    studio: Company, actor: Actor, monkeypatch: pytest.MonkeyPatch, is_guarded: bool
) -> None:
    """The negative control, without the booking's lock, pays for a booking that begins too late."""
    payer, event = ACustomer(company=studio), AnEvent(company=studio)
    early, late = (
        AnEventDate(company=studio, event=event, starts_at=at) for at in (END - DAY, END)
    )
    place = APlace(
        company=studio,
        customer=ACustomer(company=studio),
        purchased_by=payer,
        event_date=early,
        means=Invoice(),
    )
    assert place.invoice is not None
    credit = ACredit(company=studio, customer=payer, amount=50_000, expires_at=END)
    pay = paying(place.invoice, credit, actor)
    with acting_for(studio.id), transaction.atomic(), connection.cursor() as cursor:
        change_booking(place, changes={"event_date": late}, actor=actor)
        if not is_guarded:
            monkeypatch.setattr(BookingQuerySet, "select_for_update", lock_nothing)
        waiting = threading.Thread(target=pay)
        waiting.start()
        while is_guarded and cursor.execute(WAITING).fetchone() == (0,):
            assert waiting.is_alive(), "it waits for the booking that is moved"
        if not is_guarded:
            waiting.join(10)
    waiting.join(10)
    with acting_for(studio.id):
        assert (balance(credit) == 50_000, facts(place, "starts_at")) == (is_guarded, [END])


def paying(invoice: Invoice, credit: Credit, actor: Actor) -> Callable[[], None]:
    def pay() -> None:
        try:
            with acting_for(invoice.company_id):
                refusal_of(pay_invoice, invoice, means=[credit], actor=actor)
        finally:
            connection.close()

    return pay
