"""Bookings in the back-office: the list of a day, new appointments, and changes of status."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from billing.actions import refund_payment, void_invoice
from billing.models import Invoice, Payment
from bookings.actions import complete_booking
from bookings.models import Booking, EventDate, Facilitator, Service
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer
from customers.models import Customer
from tests.backoffice import Browser, errors, fresh, only, page_of, said, staff_changes
from tests.bulk import done, reasons
from tests.factories import (
    ACustomer,
    AFacilitator,
    AnAddress,
    AnAppointment,
    APayment,
    APlace,
    AService,
)

from .support import HOUR, ask, told_once

LIST = "/admin/bookings/booking/"
ADD = f"{LIST}add/"
# 09:00 in London in summer.
NINE = datetime.datetime(2099, 6, 1, 8, 0, tzinfo=datetime.UTC)
AT_NINE = {"starts_at_0": "01/06/2099", "starts_at_1": "09:00"}


@pytest.fixture
def typed(customer: Customer, service: Service) -> dict[str, str]:
    """The required fields of a new appointment."""
    return {"customer": str(customer.pk), "service": str(service.pk), **AT_NINE}


def listed(browser: Browser, **query: str) -> list[Any]:
    return [row.pk for row in browser.get(LIST, **query).context["cl"].result_list]


# --- A new appointment ---


def test_an_appointment_is_made_as_the_service_says(
    browser: Browser, studio: Company, service: Service, typed: dict[str, str]
) -> None:
    form = browser.get(ADD, service=str(service.pk)).text
    assert 'placeholder="60"' in form
    assert 'placeholder="60.00"' in form
    answer = browser.send(ADD, **typed)
    booking = only(Booking, studio)
    assert answer["Location"] == page_of(booking)
    assert (booking.starts_at, booking.duration) == (NINE, 60)
    assert (booking.subtotal, booking.tax, booking.total) == (6_000, 1_200, 7_200)
    assert (booking.kind, booking.status, booking.payment_id) == ("appointment", "confirmed", None)
    page = browser.get(page_of(booking)).text
    for text in ("Zoë Ng", "Massage", "Mon 1 Jun 2099, 09:00–10:00", "£72.00", "Unpaid"):
        assert text in page, text
    assert 'name="_save"' not in page
    assert browser.post(page_of(booking), notes="Other").status_code == 403, "it is only read"


def test_an_appointment_is_made_otherwise_than_the_service_says(
    browser: Browser,
    studio: Company,
    customer: Customer,
    facilitator: Facilitator,
    typed: dict[str, str],
) -> None:
    address = AnAddress(company=studio, customer=customer)
    more = {"facilitator": str(facilitator.pk), "address": str(address.pk), "duration": "90"}
    prices = {"subtotal": "80.50", "notes": "Left knee."}
    browser.send(f"{ADD}?customer={customer.pk}", **typed | more | prices)
    booking = only(Booking, studio)
    assert (booking.duration, booking.subtotal, booking.notes) == (90, 8_050, "Left knee.")
    assert (booking.facilitator_id, booking.address_id) == (facilitator.pk, address.pk)


def test_a_refused_appointment_is_told_once_and_kept_as_it_was_typed(
    browser: Browser, studio: Company, facilitator: Facilitator, typed: dict[str, str]
) -> None:
    taken = AnAppointment(company=studio, facilitator=facilitator, starts_at=NINE)
    gone = ACustomer(company=studio, archived=True)
    far = "9999-12-31 is too far away: give a day from 1901-01-01 to 2999-12-31."
    archived = "This customer is archived and cannot be changed."
    busy = f"{facilitator.name} is booked on Mon 1 Jun 2099, 09:00–10:00 (Europe/London)."
    for name, value, field, sentence in (
        ("customer", "", "customer", "This field is required."),
        ("customer", str(gone.pk), "__all__", archived),
        ("service", "", "service", "This field is required."),
        ("facilitator", str(facilitator.pk), "__all__", busy),
        ("facilitator", "no-id", "facilitator", "Select a valid choice."),
        ("starts_at_0", "", "starts_at", "This field is required."),
        ("starts_at_1", "", "starts_at", "This field is required."),
        ("starts_at_0", "31/11/2099", "starts_at", "Enter a valid date."),
        ("starts_at_1", "25:00", "starts_at", "Enter a valid time."),
        ("starts_at_0", "9999-12-31", "starts_at", far),
        ("duration", "0", "duration", "Ensure this value is greater than or equal to 1."),
        ("subtotal", "-1", "subtotal", "From £0.00 to £10,000,000,000.00."),
        ("subtotal", "lots", "subtotal", "Write an amount such as 45.00."),
        ("due_on", "02/06/2099", "due_on", "Only an invoice has a due date."),
        ("notes", "4242 4242 4242 4242", "notes", "This contains a card number, which is never"),
    ):
        answer = told_once(browser, ADD, sentence, **typed | {name: value})
        assert errors(answer).keys() == {field}, (name, value)
    nonsense = dict.fromkeys(("customer", "service", "starts_at", "duration", "address"), "no-id")
    assert browser.get(ADD, **nonsense).status_code == 200
    assert only(Booking, studio) == taken
    assert staff_changes() == []


def test_addresses_are_offered_of_the_customer_who_was_picked(
    browser: Browser, studio: Company, customer: Customer, typed: dict[str, str]
) -> None:
    theirs = AnAddress(company=studio, customer=customer, street="1 Own Street")
    other = AnAddress(company=studio, customer=ACustomer(company=studio), street="2 Strange Street")
    page = browser.get(ADD, customer=str(customer.pk)).text
    assert ("1 Own Street" in page, "2 Strange Street" in page) == (True, False)
    assert "1 Own Street" not in browser.get(ADD).text
    answer = browser.send(ADD, **typed, address=str(other.pk))
    assert errors(answer).keys() == {"address"}
    assert browser.send(ADD, **typed, address=str(theirs.pk)).status_code == 302


def test_only_what_is_live_can_be_picked(browser: Browser, studio: Company) -> None:
    for field, make, name in (
        ("customer", ACustomer, {"first_name": "Zed", "last_name": "", "email": ""}),
        ("service", AService, {"name": "Zed"}),
        ("facilitator", AFacilitator, {"name": "Zed"}),
    ):
        own, archived = (make(company=studio, **name) for _ in range(2))
        with acting_for(studio.id):
            type(archived).objects.filter(pk=archived.pk).update(archived_at=timezone.now())
        pick = {"app_label": "bookings", "model_name": "booking", "field_name": field}
        found = browser.get("/admin/autocomplete/", term="zed", **pick).json()["results"]
        assert [one["id"] for one in found] == [str(own.pk)], field


# --- Changes of status ---


def test_a_booking_is_started_completed_or_missed_once_it_has_begun(
    browser: Browser, studio: Company, booking: Booking
) -> None:
    for button, came, status in (
        ("start", "started", "in_progress"),
        ("complete", "marked as attended", "completed"),
    ):
        page = browser.get(page_of(booking)).text
        assert f"{booking.pk}/{button}/" in page
        assert f"{booking.pk}/miss/" not in page
        answer = browser.press(page_of(booking), button)
        assert said(answer)[-1].endswith(f" {came}.")
        assert fresh(booking).status == status
    page = browser.get(page_of(booking)).text
    for button in ("start", "complete", "miss", "move", "cancel"):
        assert f"{booking.pk}/{button}/" not in page
    ahead = AnAppointment(company=studio, starts_at=timezone.now() + HOUR)
    answer = browser.press(page_of(ahead), "miss")
    assert (
        said(answer)[-1]
        == "This booking has not begun yet, so it cannot be a no-show. Cancel it instead."
    )
    begun = AnAppointment(company=studio, starts_at=timezone.now() - HOUR)
    assert f"{begun.pk}/miss/" in browser.get(page_of(begun)).text
    browser.press(page_of(begun), "miss")
    assert (fresh(ahead).status, fresh(begun).status) == ("confirmed", "no_show")


def test_many_are_completed_or_refused(browser: Browser, studio: Company, actor: Actor) -> None:
    rows = [AnAppointment(company=studio) for _ in range(2)]
    over = AnAppointment(company=studio)
    with acting_for(studio.id):
        complete_booking(over, actor=actor)
    job = done(browser, LIST, "complete", *rows, over)
    assert job.result == {"done": 2, "refused": 1}
    assert reasons(job)[0][1].startswith("This booking is completed")
    assert {fresh(row).status for row in rows} == {"completed"}


def test_an_appointment_is_moved(
    browser: Browser, studio: Company, customer: Customer, facilitator: Facilitator
) -> None:
    own = {"company": studio, "customer": customer}
    address, booking = AnAddress(**own), AnAppointment(**own, starts_at=NINE, notes="Knee.")
    move = ask(booking, "move")
    told_once(browser, move, "Nothing has changed.")
    assert staff_changes() == []
    answer = browser.send(
        move, starts_at_1="10:15", facilitator=str(facilitator.pk), address=str(address.pk)
    )
    assert answer["Location"] == page_of(booking)
    moved = fresh(booking)
    assert moved.starts_at == NINE + datetime.timedelta(minutes=75)
    assert (moved.facilitator_id, moved.address_id) == (facilitator.pk, address.pk)
    assert (moved.duration, moved.notes) == (60, "Knee.")


def test_who_moves_one_thing_does_not_put_back_another(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio, starts_at=NINE, notes="Old.")
    shown = browser.form(ask(booking, "move")).values
    browser.send(ask(booking, "move"), notes="New.")
    browser.post(ask(booking, "move"), **shown | {"starts_at_1": "11:00"})
    moved = fresh(booking)
    assert (moved.notes, moved.starts_at) == ("New.", NINE + 2 * HOUR)


def test_a_move_that_is_refused_is_told_once_and_kept_as_it_was_typed(
    browser: Browser, studio: Company, facilitator: Facilitator
) -> None:
    AnAppointment(company=studio, facilitator=facilitator, starts_at=NINE + 3 * HOUR)
    booking = AnAppointment(company=studio, facilitator=facilitator, starts_at=NINE)
    strange = AnAddress(company=studio, customer=ACustomer(company=studio))
    for field, value, sentence in (
        ("address", str(strange.pk), "Select a valid choice."),
        ("starts_at_1", "12:30", f"{facilitator.name} is booked on"),
    ):
        answer = told_once(browser, ask(booking, "move"), sentence, **{field: value})
    assert 'value="12:30"' in answer.text
    after = fresh(booking)
    assert (after.starts_at, after.address_id, staff_changes()) == (NINE, None, [])


def test_a_booking_of_an_archived_customer_has_the_buttons_that_end_it(
    browser: Browser, studio: Company, customer: Customer, booking: Booking, actor: Actor
) -> None:
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    page = browser.get(page_of(booking)).text
    assert "The customer is archived." in page
    verbs = ("pay", "start", "complete", "move", "cancel")
    offered = [verb for verb in verbs if f"{booking.pk}/{verb}/" in page]
    assert offered == ["pay", "complete", "cancel"]
    answer = browser.press(page_of(booking), "start")
    assert said(answer)[-1].startswith("This customer is archived and cannot be changed.")
    browser.press(page_of(booking), "cancel")
    assert fresh(booking).status == "cancelled"


# --- The list ---


def test_bookings_are_narrowed_by_what_staff_look_for(
    browser: Browser,
    studio: Company,
    customer: Customer,
    facilitator: Facilitator,
    service: Service,
) -> None:
    appointment = AnAppointment(
        company=studio, customer=customer, facilitator=facilitator, service=service
    )
    cancelled = AnAppointment(company=studio, cancelled=True)
    place = APlace(company=studio)
    event = place.event_date.event
    for query, found in [
        ({"q": "zoe ng"}, [appointment]),
        ({"status__exact": "cancelled"}, [cancelled]),
        ({"kind__exact": "place"}, [place]),
        ({"facilitator__id__exact": facilitator.pk}, [appointment]),
        ({"service__id__exact": service.pk}, [appointment]),
        ({"event_date__event__id__exact": event.pk}, [place]),
        ({"event_date__id__exact": place.event_date.pk}, [place]),
        ({"customer__id__exact": customer.pk}, [appointment]),
    ]:
        assert listed(browser, **query) == [row.pk for row in found], query
    # Columns of the customer or of the payment cannot be used as filters either.
    for query in (
        "customer__email__startswith",
        "event_date__event__description__startswith",
        "payment__reference__startswith",
        "invoice__number",
    ):
        assert browser.get(LIST, **{query: "a"}).status_code == 400, query


def test_what_its_invoice_has_taken_is_shown_as_paid_in_part(
    browser: Browser, studio: Company, customer: Customer, date: EventDate, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=Invoice())
    place = APlace(company=studio, customer=customer, event_date=date, means=Invoice())
    page = browser.get(page_of(booking)).text
    assert ("Unpaid" in page, "£72.00" in page) == (True, True)
    for one in (booking, place):
        APayment(company=studio, invoice=one.invoice, amount=600)
    page = browser.get(page_of(booking)).text
    assert ("Partly paid" in page, "Unpaid" in page, "£66.00" in page) == (True, False, True)
    for address in (LIST, page_of(date), page_of(customer)):
        text = browser.get(address).text
        assert ("Partly paid" in text, "Unpaid" in text) == (True, False), address
    with acting_for(studio.id):
        invoice = Invoice.objects.get(pk=booking.invoice_id)
        refund_payment(Payment(refunds=invoice.payments.get()), actor=actor)
        void_invoice(invoice, actor=actor)
        bought = Booking.objects.with_balance().get(pk=booking.pk)
    assert (vars(bought)["paid_on_invoice"], vars(bought)["left_to_pay"]) == (0, 7_200)
