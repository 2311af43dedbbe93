"""Restoring a customer restores what ended when the customer was archived, and nothing else."""

import datetime
from typing import Any

import pytest

from billing.actions import cancel_subscription
from billing.models import Invoice, Payment
from bookings.actions import (
    bring_back_customer,
    cancel_booking,
    cancel_event_date,
    forecast_restoration,
    start_booking,
    wind_down_customer,
)
from bookings.errors import EventDateCancelled, EventFull, FacilitatorBusy, RestoreClashes
from bookings.models import Booking, EventDate, Service
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from credits.models import Entry, PassPurchase
from credits.proof import check_ledger
from customers.errors import CustomerNotArchived, ExternalIdTaken
from customers.models import Customer
from tests.backoffice import Browser, page_of
from tests.callers import Caller
from tests.factories import (
    ACredit,
    ACustomer,
    AFacilitator,
    AnAppointment,
    AnEventDate,
    AnInvoice,
    APass,
    APlace,
    ASubscription,
)
from tests.refusals import refusal
from tests.shares import undone

from .support import DAY, HOUR, balance, facts, refusal_of, standing, stored

pytestmark = pytest.mark.usefixtures("inside")

ENDING: dict[str, Any] = {"end_open": True, "reason": "Moved away"}


@pytest.fixture
def own(studio: Company, customer: Customer) -> dict[str, Any]:
    return {"company": studio, "customer": customer}


def archive(customer: Customer, actor: Actor) -> None:
    wind_down_customer(customer, **ENDING, actor=actor)


# --- Restored rows ---


def test_bookings_and_subscriptions_that_ended_with_the_customer_come_back(
    own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    booking, place, subscription = AnAppointment(**own), APlace(**own), ASubscription(**own)
    begun = AnAppointment(**own)
    start_booking(begun, actor=actor)
    before = {
        one.pk: facts(one, "status", "starts_at", "total", "cancelled_at", "reason")
        for one in (booking, place, begun)
    }
    renews = subscription.renewal_date
    taken = place.event_date and EventDate.objects.get(pk=place.event_date_id).spaces_taken
    archive(customer, actor)
    assert facts(booking, "status", "reason") == ["cancelled", "Moved away"]
    back = bring_back_customer(customer, actor=actor)
    assert {one.pk for one in back.bookings} == {booking.pk, place.pk, begun.pk}
    assert [one.pk for one in back.subscriptions] == [subscription.pk]
    assert (back.over, back.clashes, back.void) == ([], [], [])
    for one in (booking, place, begun):
        kept = facts(one, "status", "starts_at", "total", "cancelled_at", "reason")
        assert kept == before[one.pk], one
    assert EventDate.objects.get(pk=place.event_date_id).spaces_taken == taken
    assert facts(subscription, "state", "renewal_date") == ["ACTIVE", renews]
    assert subscription.pauses.count() == 1, "it rested while the customer was archived"


def test_what_ended_before_on_its_own_stays_ended(
    own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    alone, ended = AnAppointment(**own), ASubscription(**own)
    cancel_booking(alone, reason="Ill", actor=actor)
    cancel_subscription(ended, actor=actor)
    AnAppointment(**own)
    archive(customer, actor)
    assert len(bring_back_customer(customer, actor=actor).bookings) == 1
    assert facts(alone, "status", "reason") == ["cancelled", "Ill"]
    assert facts(ended, "state") == ["CANCELLED"]


def test_what_ended_with_an_earlier_archiving_and_was_left_stays_ended(
    own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    full = AnEventDate(company=own["company"], capacity=1)
    place = APlace(**own, event_date=full)
    archive(customer, actor)
    APlace(company=own["company"], event_date=full)
    bring_back_customer(customer, leave_clashes=True, actor=actor)
    wind_down_customer(customer, actor=actor)
    assert bring_back_customer(customer, actor=actor).bookings == []
    assert facts(place, "status") == ["cancelled"]


def test_archiving_alone_takes_nothing_along(
    own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(**own)
    wind_down_customer(customer, actor=actor)
    cancel_booking(booking, reason="Ill", actor=actor)
    back = bring_back_customer(customer, actor=actor)
    assert (back.bookings, back.subscriptions) == ([], [])
    assert facts(booking, "status") == ["cancelled"], "somebody cancelled it since"


def test_passes_and_credits_pay_again_and_money_is_to_be_paid_again(
    own: dict[str, Any], customer: Customer, service: Service, actor: Actor
) -> None:
    ten, voucher = APass(**own), ACredit(**own, amount=2_000)
    by_pass = APlace(**own, means=ten)
    by_credit = AnAppointment(**own, means=voucher)
    by_card = AnAppointment(**own, means=Payment(method="card"))
    invoiced = AnAppointment(**own, means=Invoice())
    for _turn in range(2):
        archive(customer, actor)
        assert (balance(ten), balance(voucher)) == (10, 2_000)
        bring_back_customer(customer, actor=actor)
        assert (balance(ten), balance(voucher)) == (9, 0)
        assert standing(by_pass) == "PAID"
        assert facts(by_credit, "covered") == [2_000]
        assert [standing(one) for one in (by_card, invoiced)] == ["PENDING", "PENDING"]
    owed = Booking.objects.to_pay().values_list("pk", "balance")
    price = by_card.total
    assert dict(owed) == {by_credit.pk: price - 2_000, by_card.pk: price, invoiced.pk: price}
    assert stored(by_card).payment is None
    references = Entry.objects.uses().filter(purchase=ten).values_list("reference", flat=True)
    assert sorted(references) == [f"bk_{by_pass.pk.hex}{end}" for end in ("", "/2", "/3")]
    assert check_ledger(own["company"].pk)[0] == []


def test_a_holding_that_can_pay_no_more_leaves_the_booking_to_be_paid(
    own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    ten = APass(**own)
    place = APlace(**own, means=ten)
    archive(customer, actor)
    assert place.event_date is not None
    early = place.event_date.starts_at - DAY
    PassPurchase.objects.filter(pk=ten.pk).update(expires_at=early)
    bring_back_customer(customer, actor=actor)
    assert (standing(place), balance(ten)) == ("PENDING", 10)


def test_invoices_stay_void_and_are_told(
    own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    invoice, draft = AnInvoice(**own), AnInvoice(**own, draft=True)
    archive(customer, actor)
    back = bring_back_customer(customer, actor=actor)
    assert {one.pk for one in back.void} == {invoice.pk, draft.pk}
    assert not Invoice.objects.unsettled().exists()


# --- Conflicts ---


def test_what_cannot_come_back_keeps_all_from_being_restored(
    own: dict[str, Any], customer: Customer, service: Service, actor: Actor
) -> None:
    studio, zoe = own["company"], AFacilitator(company=own["company"], name="Zoe")
    full, gone = AnEventDate(company=studio, capacity=1), AnEventDate(company=studio)
    busy = AnAppointment(**own, service=service, facilitator=zoe)
    crowded, called_off = APlace(**own, event_date=full), APlace(**own, event_date=gone)
    fine, subscription = AnAppointment(**own), ASubscription(**own)
    archive(customer, actor)
    AnAppointment(company=studio, facilitator=zoe, starts_at=busy.starts_at)
    APlace(company=studio, event_date=full)
    cancel_event_date(gone, actor=actor)
    expected = {busy.pk: FacilitatorBusy, crowded.pk: EventFull, called_off.pk: EventDateCancelled}
    forecast = forecast_restoration(customer, actor=actor)
    assert {row.pk: type(refusal) for row, refusal in forecast.clashes} == expected
    assert [one.pk for one in forecast.bookings] == [fine.pk]
    assert facts(fine, "status") == ["cancelled"], "a forecast changes nothing"
    assert facts(customer, "archived_at") != [None]
    with pytest.raises(RestoreClashes) as told:
        bring_back_customer(customer, actor=actor)
    for text in ("so nothing was restored", "Zoe is booked on", "Massage, ", "Yoga, "):
        assert text in str(told.value)
    assert facts(fine, "status") == ["cancelled"]
    assert facts(customer, "archived_at") != [None]
    back = bring_back_customer(customer, leave_clashes=True, actor=actor)
    assert {row.pk: type(refusal) for row, refusal in back.clashes} == expected
    assert [facts(one, "status") for one in (fine, busy)] == [["confirmed"], ["cancelled"]]
    assert facts(subscription, "state") == ["ACTIVE"]


def test_what_would_have_begun_meanwhile_stays_cancelled(
    own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(**own)
    archive(customer, actor)
    past = datetime.datetime.now(datetime.UTC) - HOUR
    Booking.objects.filter(pk=booking.pk).update(starts_at=past)
    back = bring_back_customer(customer, actor=actor)
    assert ([one.pk for one in back.over], back.bookings) == ([booking.pk], [])
    assert facts(booking, "status") == ["cancelled"]


def test_who_is_not_archived_or_whose_id_is_taken_is_not_restored(
    own: dict[str, Any], studio: Company, actor: Actor
) -> None:
    customer = ACustomer(company=studio, external_id="77")
    booking = AnAppointment(company=studio, customer=customer)
    for act in (bring_back_customer, forecast_restoration):
        assert refusal_of(act, customer, actor=actor) == (CustomerNotArchived,)
    archive(customer, actor)
    other = ACustomer(company=studio, external_id="77")
    for act in (bring_back_customer, forecast_restoration):
        assert refusal_of(act, customer, actor=actor)[0] is ExternalIdTaken
    assert facts(booking, "status") == ["cancelled"]
    wind_down_customer(other, actor=actor)
    bring_back_customer(customer, actor=actor)
    assert facts(booking, "status") == ["confirmed"]


# --- Over the API ---


def test_v1_restores_asks_beforehand_and_names_what_clashes(
    integrator: Caller, own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    full = AnEventDate(company=own["company"], capacity=1)
    place, booking, _subscription = APlace(**own, event_date=full), AnAppointment(**own), None
    ASubscription(**own)
    path = f"/v1/customers/{customer.pk}"
    integrator.post(f"{path}/archive", {"end_open": True})
    tried = integrator.post(f"{path}/restore?dry_run=true")
    assert (tried.status, tried.body["status"]) == (200, "active")
    assert tried.headers["Brought-Back"] == "bookings=2, subscriptions=1"
    assert integrator.get(path).body["status"] == "deactivated"
    with undone():
        restored = integrator.post(f"{path}/restore")
        assert restored.headers["Brought-Back"] == "bookings=2, subscriptions=1"
    APlace(company=own["company"], event_date=full)
    for asked in ("", "?dry_run=true"):
        clash = integrator.post(f"{path}/restore{asked}")
        assert refusal(clash) == (409, "restore_clashes", None)
        assert "Yoga, " in clash.body["error"]["message"]
    left = integrator.post(f"{path}/restore", {"leave_clashes": True})
    assert left.headers["Brought-Back"] == "bookings=1, subscriptions=1"
    assert [facts(one, "status") for one in (place, booking)] == [["cancelled"], ["confirmed"]]
    again = integrator.post(f"{path}/restore")
    assert refusal(again)[:2] == (409, "customer_not_archived")


def test_accounts_restores_what_its_own_archiving_ended(
    integrator: Caller, own: dict[str, Any], customer: Customer
) -> None:
    full = AnEventDate(company=own["company"], capacity=1)
    place = APlace(**own, event_date=full)
    path = f"/customers/{customer.pk}"
    integrator.delete(f"{path}?end_open=true")
    with undone():
        restored = integrator.post(f"{path}/restore")
        assert (restored.status, restored.body["archived"]) == (200, False)
        assert restored.headers["Brought-Back"] == "bookings=1"
    APlace(company=own["company"], event_date=full)
    clash = integrator.post(f"{path}/restore")
    assert (clash.status, clash.body["code"]) == (409, "restore_clashes")
    left = integrator.post(f"{path}/restore?leave_clashes=true")
    assert left.status == 200
    assert "Brought-Back" not in left.headers
    assert facts(place, "status") == ["cancelled"]


# --- In the back-office ---


def restoring(customer: Customer) -> str:
    return page_of(customer).replace("change", "restore")


def test_the_page_says_what_comes_back_and_what_is_to_be_paid_again(
    browser: Browser, own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    APlace(**own, means=APass(**own))
    AnAppointment(**own, means=Payment(method="card"))
    subscription, invoice = ASubscription(**own), AnInvoice(**own)
    archive(customer, actor)
    page = browser.get(restoring(customer))
    for text in (
        "What ended with them comes back: ",
        str(subscription.plan),
        "To be paid again, since what was paid went back: Massage",
        f"These stay void; write them again if they are owed: {invoice.number}.",
    ):
        assert text in page.text, text
    assert "Yoga" not in page.text.split("To be paid again")[1], "its pass pays again"
    assert facts(customer, "archived_at") != [None], "asking restores nobody"
    assert not page.context["form"].fields
    browser.send(restoring(customer))
    assert facts(subscription, "state") == ["ACTIVE"]


def test_the_page_says_what_clashes_and_restores_the_rest_if_asked(
    browser: Browser, own: dict[str, Any], customer: Customer, actor: Actor
) -> None:
    full = AnEventDate(company=own["company"], capacity=1)
    place, booking = APlace(**own, event_date=full), AnAppointment(**own)
    archive(customer, actor)
    APlace(company=own["company"], event_date=full)
    page = browser.get(restoring(customer)).text
    for text in ("Cannot come back", "Spaces left: 0", "Restore the rest, and leave that ended"):
        assert text in page, text
    refused = browser.send(restoring(customer))
    assert "so nothing was restored" in refused.text
    assert facts(customer, "archived_at") != [None]
    browser.send(restoring(customer), leave_clashes="on")
    assert [facts(one, "status") for one in (place, booking)] == [["cancelled"], ["confirmed"]]
