"""A pass or a credit pays only for bookings that begin before it ends."""

import datetime
from typing import Any

import pytest

from billing.models import Invoice, Payment
from bookings.actions import (
    Sale,
    book_places,
    change_booking,
    move_event_date,
    pay_booking,
    take_sale,
)
from bookings.models import Booking, EventDate, Service, Transaction
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from credits.actions.paying import CreditPart
from credits.errors import EndsTooSoon
from credits.models import Credit, PassPurchase
from customers.models import Customer
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.factories import ACredit, AnAppointment, AnEvent, AnEventDate, APass, APlace
from tests.shares import undone

from .support import DAY, facts, refusal_of

pytestmark = pytest.mark.usefixtures("inside")

END = datetime.datetime(2099, 2, 1, 10, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def holdings(studio: Company, customer: Customer) -> list[Credit | PassPurchase]:
    """A pass, a credit of money and a credit for massages, all of which end at END."""
    own = {"company": studio, "customer": customer}
    bought = APass(**own)
    PassPurchase.objects.filter(pk=bought.pk).update(expires_at=END)
    money = ACredit(**own, amount=50_000, expires_at=END)
    return [bought, money, ACredit(**own, multi_use=True, expires_at=END)]


@pytest.fixture
def dates(studio: Company) -> list[EventDate]:
    """Dates of a massage event: three days before END, a second before END, and at END."""
    event = AnEvent(company=studio, name="Massage")
    return [
        AnEventDate(company=studio, event=event, starts_at=at)
        for at in (END - 3 * DAY, END - SECOND, END)
    ]


def test_a_holding_pays_only_for_what_begins_before_its_end(
    studio: Company,
    customer: Customer,
    service: Service,
    dates: list[EventDate],
    holdings: list[Credit | PassPurchase],
    actor: Actor,
) -> None:
    own = {"company": studio, "customer": customer}
    there, late = (AnAppointment(**own, service=service, starts_at=END + n * DAY) for n in (-1, 0))
    _, early, at_end = dates
    for holding in holdings:
        with undone():
            paid = {**own, "means": holding}
            for begins in (END, END + SECOND, END + 300 * DAY):
                found = refusal_of(AnAppointment, **paid, service=service, starts_at=begins)
                assert found == (EndsTooSoon,), (holding, begins)
            assert refusal_of(APlace, **paid, event_date=at_end) == (EndsTooSoon,), holding
            together = [Booking(customer=customer, event_date=date) for date in (early, at_end)]
            purchase = Transaction(customer=customer)
            means = {"means": holding, "actor": actor}
            assert refusal_of(book_places, purchase, places=together, **means) == (EndsTooSoon,)
            assert refusal_of(pay_booking, late, **means) == (EndsTooSoon,), holding
            assert set(Booking.objects.all()) == {there, late}
            AnAppointment(**paid, service=service, starts_at=END - SECOND)
            APlace(**paid, event_date=early)
            pay_booking(there, means=holding, actor=actor)
            assert facts(holding, "times_redeemed") == [3]


@pytest.mark.parametrize("is_invoiced", [False, True])
def test_a_credit_pays_at_the_till_only_for_what_begins_before_its_end(
    studio: Company, customer: Customer, service: Service, actor: Actor, is_invoiced: bool
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    money = ACredit(**own, amount=50_000, expires_at=END)
    late, early = (
        AnAppointment(**own, service=service, starts_at=END - n * SECOND) for n in (0, 9_999)
    )

    def sale(booking: Booking) -> Sale:
        if not is_invoiced:
            return Sale(customer, unpaid=[booking])
        pay_booking(booking, means=Invoice(), actor=actor)
        return Sale(customer, invoices=[Invoice.objects.latest("issued_at")])

    part = CreditPart(money, 100)
    for means in ([money], [part, Payment(method="cash")]):
        with undone():
            assert refusal_of(take_sale, sale(late), means=means, actor=actor) == (EndsTooSoon,)
    take_sale(sale(early), means=[money], actor=actor)
    assert Booking.objects.paid().get() == early


def test_what_a_holding_paid_for_is_not_moved_past_its_end(
    studio: Company,
    customer: Customer,
    service: Service,
    dates: list[EventDate],
    holdings: list[Credit | PassPurchase],
    actor: Actor,
) -> None:
    own = {"company": studio, "customer": customer}
    first, second, third = dates
    for holding in holdings:
        early = {"service": service, "starts_at": END - 3 * DAY}
        booking = AnAppointment(**own, **early, means=holding)
        for begins, is_refused in (
            *((END, True), (END + 30 * DAY, True), (END - SECOND, False), (END - 4 * DAY, False)),
        ):
            changes: dict[str, Any] = {"starts_at": begins}
            found = refusal_of(change_booking, booking, changes=changes, actor=actor)
            assert found == ((EndsTooSoon,) if is_refused else ()), (holding, begins)
        assert facts(booking, "starts_at") == [END - 4 * DAY]
        place = APlace(**own, event_date=first, means=holding)
        for date, is_refused in ((third, True), (second, False)):
            changes = {"event_date": date}
            found = refusal_of(change_booking, place, changes=changes, actor=actor)
            assert found == ((EndsTooSoon,) if is_refused else ()), (holding, date)
        # Other fields can be changed, and an unpaid booking can be moved.
        change_booking(booking, changes={"notes": "Mornings"}, actor=actor)
        unpaid = AnAppointment(**own, **early)
        change_booking(unpaid, changes={"starts_at": END + SECOND}, actor=actor)
        assert facts(holding, "times_redeemed") == [2]
    move_event_date(second, changes={"starts_at": END + SECOND}, actor=actor)
    moved = second.bookings.values_list("starts_at", flat=True)
    assert list(moved) == [END + SECOND] * 3, "a date that the company moves takes them along"


def test_the_refusal_says_when_the_holding_ends_and_when_the_booking_begins(
    integrator: Caller, customer: Customer, service: Service, holdings: list[Credit | PassPurchase]
) -> None:
    body = {"customer_id": str(customer.id), "service_id": str(service.id)}
    for holding, key in zip(holdings, ("pass_id", "credit_id", "credit_id"), strict=True):
        paid = body | {"payment": {key: str(holding.id)}}
        answer = integrator.post("/v1/bookings", paid | {"scheduled_at": "2099-11-28T10:00Z"})
        assert refusal(answer) == (409, "ends_too_soon", None)
        assert answer.body["error"]["message"] == (
            f"This {key.removesuffix('_id')} ends on Sun 1 Feb 2099, 10:00 and the booking begins "
            "on Sat 28 Nov 2099, 10:00 (Europe/London)."
        )
