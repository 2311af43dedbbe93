"""Bookings in the back-office: the list of a day, a new appointment, and what becomes of one."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from bookings.actions import complete_booking
from bookings.models import Booking
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.actions import archive_customer
from customers.models import Customer
from tests.backoffice import Browser, count, errors, fresh, page_of, said, staff_changes
from tests.bulk import done, reasons
from tests.factories import (
    ACustomer,
    AFacilitator,
    AnAddress,
    AnAppointment,
    APlace,
    AService,
)

LIST = "/admin/bookings/booking/"
ADD = f"{LIST}add/"
HOUR = datetime.timedelta(hours=1)
# Nine o'clock in London, in summer.
NINE = datetime.datetime(2099, 6, 1, 8, 0, tzinfo=datetime.UTC)
AT_NINE = {"starts_at_0": "01/06/2099", "starts_at_1": "09:00"}


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


@pytest.fixture
def massage(studio: Company) -> Any:
    return AService(company=studio, name="Massage")


def only(model: Any, company: Company) -> Any:
    with acting_for(company.id):
        return model.objects.select_related("customer", "facilitator", "address").get()


def listed(browser: Browser, **query: str) -> list[Any]:
    return [row.pk for row in browser.get(LIST, **query).context["cl"].result_list]


# --- A new appointment ---


def test_an_appointment_is_made_as_the_service_says(
    browser: Browser, studio: Company, customer: Any, massage: Any
) -> None:
    answer = browser.send(ADD, customer=str(customer.pk), service=str(massage.pk), **AT_NINE)
    booking = only(Booking, studio)
    assert answer["Location"] == page_of(booking)
    assert (booking.starts_at, booking.duration) == (NINE, 60)
    assert (booking.subtotal, booking.tax, booking.total) == (6_000, 1_200, 7_200)
    assert (booking.kind, booking.status, booking.payment) == ("appointment", "confirmed", None)
    page = browser.get(page_of(booking)).text
    for text in ("Ana Díaz", "Massage", "Mon 1 Jun 2099, 09:00–10:00", "£72.00", "Unpaid"):
        assert text in page, text


def test_an_appointment_is_made_otherwise_than_the_service_says(
    browser: Browser, studio: Company, customer: Any, massage: Any
) -> None:
    facilitator = AFacilitator(company=studio)
    address = AnAddress(company=studio, customer=customer)
    browser.send(
        f"{ADD}?customer={customer.pk}",
        service=str(massage.pk),
        facilitator=str(facilitator.pk),
        address=str(address.pk),
        duration="90",
        subtotal="80.50",
        notes="Left knee.",
        **AT_NINE,
    )
    booking = only(Booking, studio)
    assert (booking.duration, booking.subtotal, booking.notes) == (90, 8_050, "Left knee.")
    assert (booking.facilitator, booking.address) == (facilitator, address)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"customer": ""}, "customer", "This field is required."),
        ({"service": ""}, "service", "This field is required."),
        ({"starts_at_0": ""}, "starts_at", "This field is required."),
        ({"starts_at_1": ""}, "starts_at", "This field is required."),
        ({"starts_at_0": "31/11/2099"}, "starts_at", "Enter a valid date."),
        ({"starts_at_1": "25:00"}, "starts_at", "Enter a valid time."),
        ({"starts_at_0": "9999-12-31"}, "starts_at", "Choose a day between 1900 and 2200."),
        ({"duration": "0"}, "duration", "Ensure this value is greater than or equal to 1."),
        ({"subtotal": "-1"}, "subtotal", "From £0.00 to £10,000,000,000.00."),
        ({"subtotal": "lots"}, "subtotal", "Write an amount such as 45.00."),
        ({"due_on": "02/06/2099"}, "due_on", "Only an invoice is due on a day."),
        ({"notes": "4242 4242 4242 4242"}, "notes", "This holds a card number, which is never"),
    ],
)
def test_a_refused_appointment_is_told_once_and_kept_as_it_was_typed(
    typed: dict[str, str],
    field: str,
    sentence: str,
    browser: Browser,
    studio: Company,
    customer: Any,
    massage: Any,
) -> None:
    fields = {"customer": str(customer.pk), "service": str(massage.pk), **AT_NINE}
    answer = browser.send(ADD, **fields | typed)
    assert answer.status_code == 200
    assert errors(answer).keys() == {field}
    assert answer.text.count(sentence) == 1
    assert count(Booking, studio) == 0
    assert said(answer) == []
    assert staff_changes() == []


def test_a_facilitator_who_is_taken_is_told_once(
    browser: Browser, studio: Company, customer: Any, massage: Any
) -> None:
    facilitator = AFacilitator(company=studio)
    AnAppointment(company=studio, facilitator=facilitator, starts_at=NINE)
    answer = browser.send(
        ADD,
        customer=str(customer.pk),
        service=str(massage.pk),
        facilitator=str(facilitator.pk),
        **AT_NINE,
    )
    assert errors(answer) == {"__all__": ["The facilitator is taken at that time."]}
    assert answer.text.count("The facilitator is taken at that time.") == 1
    assert count(Booking, studio) == 1


def test_addresses_are_offered_of_the_customer_who_was_picked(
    browser: Browser, studio: Company, customer: Any, massage: Any
) -> None:
    theirs = AnAddress(company=studio, customer=customer, street="1 Own Street")
    other = AnAddress(company=studio, customer=ACustomer(company=studio), street="2 Strange Street")
    page = browser.get(ADD, customer=str(customer.pk)).text
    assert ("1 Own Street" in page, "2 Strange Street" in page) == (True, False)
    assert "1 Own Street" not in browser.get(ADD).text
    fields = {"customer": str(customer.pk), "service": str(massage.pk), **AT_NINE}
    answer = browser.send(ADD, **fields, address=str(other.pk))
    assert errors(answer).keys() == {"address"}
    assert browser.send(ADD, **fields, address=str(theirs.pk)).status_code == 302


def test_the_form_shows_what_the_service_says(
    browser: Browser, customer: Any, massage: Any
) -> None:
    page = browser.get(ADD, service=str(massage.pk)).text
    assert 'placeholder="60"' in page
    assert 'placeholder="60.00"' in page


@pytest.mark.parametrize("given", ["foreign", "unknown", "no-id"])
def test_the_form_takes_nothing_of_another_company(
    given: str, browser: Browser, studio: Company, rival: Company, customer: Any, massage: Any
) -> None:
    foreign = ACustomer(company=rival, first_name="Rita")
    AnAddress(company=rival, customer=foreign, street="1 Rival Street")
    service = AService(company=rival, name="Rival massage")
    facilitator = AFacilitator(company=rival, name="Rival hands")
    keys = {"unknown": str(Customer().pk), "no-id": "no-id"}
    named = {
        name: keys.get(given, str(row.pk))
        for name, row in {
            "customer": foreign,
            "service": service,
            "facilitator": facilitator,
        }.items()
    }
    own = {"customer": str(customer.pk), "service": str(massage.pk), **AT_NINE}
    for name, key in named.items():
        for answer in (browser.get(ADD, **{name: key}), browser.send(ADD, **own | {name: key})):
            assert answer.status_code == 200
            assert "Rita" not in answer.text
            assert "Rival" not in answer.text
        assert errors(answer).keys() == {name}
    assert browser.get(ADD, starts_at="no time", duration="x", address="y").status_code == 200
    assert count(Booking, studio) == 0


def test_nothing_is_booked_for_an_archived_customer(
    browser: Browser, studio: Company, customer: Any, massage: Any, actor: Actor
) -> None:
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    answer = browser.send(ADD, customer=str(customer.pk), service=str(massage.pk), **AT_NINE)
    assert answer.text.count("This customer is archived and cannot be changed.") == 1
    assert count(Booking, studio) == 0


@pytest.mark.parametrize("field", ["customer", "service", "facilitator"])
def test_only_what_is_live_and_the_companys_own_can_be_picked(
    field: str, browser: Browser, studio: Company, rival: Company, actor: Actor
) -> None:
    make = {"customer": ACustomer, "service": AService, "facilitator": AFacilitator}[field]
    named = {"first_name": "Zed", "last_name": "", "email": ""} if field == "customer" else {}
    own = make(company=studio, **named or {"name": "Zed"})
    make(company=rival, **named or {"name": "Zed"})
    archived = make(company=studio, **named or {"name": "Zed"})
    with acting_for(studio.id):
        type(archived).objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    pick = {"app_label": "bookings", "model_name": "booking", "field_name": field}
    found = browser.get("/admin/autocomplete/", term="zed", **pick).json()["results"]
    assert [one["id"] for one in found] == [str(own.pk)]


# --- What becomes of a booking ---


def test_a_booking_is_started_and_completed(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio)
    for button, came, status in (
        ("start", "started", "in_progress"),
        ("complete", "completed", "completed"),
    ):
        assert f"{booking.pk}/{button}/" in browser.get(page_of(booking)).text
        answer = browser.press(page_of(booking), button)
        assert said(answer)[-1].endswith(f": {came}.")
        assert fresh(booking).status == status
    page = browser.get(page_of(booking)).text
    for button in ("start", "complete", "miss", "move", "cancel"):
        assert f"{booking.pk}/{button}/" not in page


def test_nobody_misses_what_has_not_begun(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio, starts_at=timezone.now() + HOUR)
    assert f"{booking.pk}/miss/" not in browser.get(page_of(booking)).text
    answer = browser.press(page_of(booking), "miss")
    assert said(answer) == ["This booking has not begun yet, so nobody can have missed it."]
    assert fresh(booking).status == "confirmed"
    begun = AnAppointment(company=studio, starts_at=timezone.now() - HOUR)
    assert f"{begun.pk}/miss/" in browser.get(page_of(begun)).text
    browser.press(page_of(begun), "miss")
    assert fresh(begun).status == "no_show"


def test_many_are_completed_at_once_and_what_is_refused_is_told(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    rows = [AnAppointment(company=studio) for _ in range(2)]
    over = AnAppointment(company=studio)
    with acting_for(studio.id):
        complete_booking(over, actor=actor)
    job = done(browser, LIST, "complete", *rows, over)
    assert job.result == {"done": 2, "refused": 1}
    assert reasons(job)[0][1].startswith("This booking is completed")
    assert {fresh(row).status for row in rows} == {"completed"}


def test_an_appointment_is_moved(browser: Browser, studio: Company, customer: Any) -> None:
    old, new = AFacilitator(company=studio), AFacilitator(company=studio)
    address = AnAddress(company=studio, customer=customer)
    booking = AnAppointment(
        company=studio, customer=customer, facilitator=old, starts_at=NINE, notes="Knee."
    )
    move = page_of(booking).replace("change", "move")
    answer = browser.send(
        move, starts_at_1="10:15", facilitator=str(new.pk), address=str(address.pk)
    )
    assert answer["Location"] == page_of(booking)
    moved = fresh(booking)
    assert moved.starts_at == NINE + datetime.timedelta(minutes=75)
    assert (moved.facilitator_id, moved.address_id) == (new.pk, address.pk)
    assert (moved.duration, moved.notes) == (60, "Knee.")


def test_who_moves_one_thing_does_not_put_back_another(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio, starts_at=NINE, notes="Old.")
    move = page_of(booking).replace("change", "move")
    shown = browser.form(move).values
    browser.send(move, notes="New.")
    browser.post(move, **shown | {"starts_at_1": "11:00"})
    moved = fresh(booking)
    assert (moved.notes, moved.starts_at) == ("New.", NINE + 2 * HOUR)


def test_a_move_that_changes_nothing_says_so(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio, starts_at=NINE)
    answer = browser.send(page_of(booking).replace("change", "move"))
    assert answer.text.count("Nothing is different.") == 1
    assert said(answer) == []
    assert staff_changes() == []


def test_a_move_that_is_refused_is_told_once_and_kept_as_it_was_typed(
    browser: Browser, studio: Company
) -> None:
    facilitator = AFacilitator(company=studio)
    AnAppointment(company=studio, facilitator=facilitator, starts_at=NINE + 3 * HOUR)
    booking = AnAppointment(company=studio, facilitator=facilitator, starts_at=NINE)
    answer = browser.send(page_of(booking).replace("change", "move"), starts_at_1="12:30")
    assert answer.status_code == 200
    assert answer.text.count("The facilitator is taken at that time.") == 1
    assert 'value="12:30"' in answer.text
    assert fresh(booking).starts_at == NINE
    assert staff_changes() == []


def test_an_appointment_moves_to_no_strange_address_or_facilitator(
    browser: Browser, studio: Company, rival: Company
) -> None:
    booking = AnAppointment(company=studio, starts_at=NINE)
    move = page_of(booking).replace("change", "move")
    strange = AnAddress(company=studio, customer=ACustomer(company=studio))
    foreign = AFacilitator(company=rival, name="Rival hands")
    for field, row in (("address", strange), ("facilitator", foreign)):
        answer = browser.send(move, **{field: str(row.pk)})
        assert answer.text.count("Select a valid choice.") == 1
        assert "Rival hands" not in answer.text
    after = fresh(booking)
    assert (after.address_id, after.facilitator_id) == (None, None)


def test_a_booking_is_read_and_never_edited(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio)
    assert 'name="_save"' not in browser.get(page_of(booking)).text
    assert browser.post(page_of(booking), notes="Other").status_code == 403
    assert fresh(booking).notes == ""


def test_a_booking_of_an_archived_customer_has_no_buttons(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer)
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    page = browser.get(page_of(booking)).text
    assert "The customer is archived." in page
    assert f"{booking.pk}/cancel/" not in page
    answer = browser.press(page_of(booking), "start")
    assert said(answer)[-1].startswith("This customer is archived and cannot be changed.")


# --- The list ---


def test_bookings_are_narrowed_by_what_staff_look_for(browser: Browser, studio: Company) -> None:
    facilitator, service = AFacilitator(company=studio), AService(company=studio)
    ana = ACustomer(company=studio, first_name="Ana", last_name="Díaz")
    appointment = AnAppointment(
        company=studio, customer=ana, facilitator=facilitator, service=service
    )
    cancelled = AnAppointment(company=studio, cancelled=True)
    place = APlace(company=studio)
    event = place.event_date.event
    for query, found in [
        ({"q": "diaz"}, [appointment]),
        ({"status__exact": "cancelled"}, [cancelled]),
        ({"kind__exact": "place"}, [place]),
        ({"facilitator__id__exact": facilitator.pk}, [appointment]),
        ({"service__id__exact": service.pk}, [appointment]),
        ({"event_date__event__id__exact": event.pk}, [place]),
        ({"event_date__id__exact": place.event_date.pk}, [place]),
        ({"customer__id__exact": ana.pk}, [appointment]),
    ]:
        assert listed(browser, **query) == [row.pk for row in found], query


def test_a_list_is_not_narrowed_by_the_customers_or_payments_own_columns(
    browser: Browser, studio: Company
) -> None:
    for query in (
        "customer__email__startswith",
        "event_date__event__description__startswith",
        "payment__reference__startswith",
        "invoice__number",
    ):
        assert browser.get(LIST, **{query: "a"}).status_code == 400, query
