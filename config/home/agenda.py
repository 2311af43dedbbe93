"""Today's appointments and event dates by time, limited to those around the current time."""

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Exists
from django.utils import timezone

from bookings.admin.columns import date_state, standing_label, status_label
from bookings.admin.marking import HOME, marking, marks_of
from bookings.models import Booking, Event, EventDate, Service
from config.admin.tables import label
from config.times import database_now
from customers.models import Customer

from .counting import Counted, ask, grouped

NEEDS = ("bookings.view_booking", "bookings.view_eventdate")
# How many rows are shown that have begun, and how many that are later.
BEGUN, TO_COME = 8, 16
# The buttons that the agenda shows for a row.
BUTTONS = ("pay", "book")


def agenda(request: Any, site: AdminSite) -> dict[str, Any] | None:
    """Return the context of the agenda, None for staff who may not see bookings."""
    if not all(map(request.user.has_perm, NEEDS)):
        return None
    now = database_now()
    today = timezone.localdate(now)
    bookings = Booking.objects.visible_to(request.actor).on_days("starts_at", today, today)
    dates = EventDate.objects.visible_to(request.actor).on_days("starts_at", today, today)
    near = (now, BEGUN + 1, TO_COME + 1)
    # Places in events are shown with their event date.
    appointments = bookings.appointments().nearest(*near).with_balance()
    appointments = appointments.select_related("customer", "service", "facilitator")
    events = dates.nearest(*near).select_related("event", "facilitator")
    rows: list[Any] = [*appointments.defer("customer__search_words"), *events]
    rows.sort(key=lambda row: (row.starts_at, str(row)))
    begun = [row for row in rows if row.starts_at <= now]
    to_come = [row for row in rows if row.starts_at > now]
    return {
        **_counts(request, bookings, dates),
        "now": now,
        "begun": [_item(request, site, row, now) for row in begun[-BEGUN:]],
        "to_come": [_item(request, site, row, now) for row in to_come[:TO_COME]],
        "marking": marking(request, HOME),
        "dates": [row for row in rows if isinstance(row, EventDate)],
        "has_earlier": len(begun) > BEGUN,
        "has_later": len(to_come) > TO_COME,
    }


def _counts(request: Any, bookings: Any, dates: Any) -> dict[str, Any]:
    """Return the counts of the day, and whether customers and services exist to book."""
    found = ask(
        request.company,
        bookings=grouped(bookings, "kind", "status"),
        dates=grouped(dates),
        has_customers=Exists(Customer.objects.visible_to(request.actor).live()),
        has_services=Exists(Service.objects.visible_to(request.actor).live()),
        has_events=Exists(Event.objects.visible_to(request.actor).live()),
    )
    booked, today = Counted(Booking, groups=found["bookings"]), {"when": "today"}
    return {
        **found,
        "appointments": booked.number({**today, "kind__exact": "appointment"}, kind="appointment"),
        "places": booked.number({**today, "kind__exact": "place"}, kind="place"),
        "events": Counted(EventDate, groups=found["dates"]).number(today),
        "statuses": [
            (status.label, booked.number({**today, "status__exact": status.value}, status=status))
            for status in Booking.Status
        ],
    }


def _item(request: Any, site: Any, row: Any, now: Any) -> dict[str, Any]:
    """Return a row with its labels, the URL of its page, and its buttons."""
    pages = site.get_model_admin(type(row))
    if isinstance(row, EventDate):
        labels, marks = [label(*date_state(row))], []
    else:
        marks = marks_of(row, now)
        labels = [status_label(row), standing_label(row)]
    return {
        "row": row,
        "address": pages.address_of(row),
        "labels": labels,
        "marks": marks,
        "buttons": [
            (button.label, pages.address_of(row, button.name))
            for button in pages.offered_buttons(request, row)
            if button.name in BUTTONS
        ],
    }
