"""Today's appointments and events in the order of time, as many as fit around now."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.admin.columns import (
    STANDING_COLOURS,
    STATUS_COLOURS,
    date_state,
    standing_of,
    status_of,
    taken_of,
    what,
    who_does_it,
)
from bookings.models import Booking, EventDate
from config.access.actors import Actor
from config.admin.tables import page_name

from .days import Days
from .figures import Found, bookings_today, dates_today
from .numbers import Number, listed

# How many of those that have begun are shown, and how many of those that are to come.
BEGUN, TO_COME = 8, 16
AT_HAND = ("start", "complete", "pay", "book")


@dataclass(frozen=True)
class Item:
    """An appointment or an event's date: when, who or what, how it stands, what to do next."""

    starts_at: datetime.datetime
    time: str
    name: str
    address: str
    detail: str
    led_by: Any
    labels: Sequence[tuple[Any, str]]
    doings: Sequence[tuple[Any, str]]
    is_off: bool


@dataclass(frozen=True)
class Agenda:
    """The day: numbers that lead to its lists, and what is near, before now and after it."""

    day: str
    now: str
    numbers: Sequence[Number]
    begun: Sequence[Item]
    to_come: Sequence[Item]
    has_earlier: bool
    has_later: bool
    all_bookings: str
    all_dates: str


def agenda(request: Any, site: AdminSite, found: Found, days: Days) -> Agenda:
    """Return the day, from what was counted of it and from two statements more."""
    items = [
        *(_of_booking(request, site, one) for one in _bookings(request.actor, days)),
        *(_of_date(request, site, one) for one in _dates(request.actor, days)),
    ]
    items.sort(key=lambda item: (item.starts_at, item.name))
    begun = [item for item in items if item.starts_at <= days.now]
    to_come = [item for item in items if item.starts_at > days.now]
    return Agenda(
        day=date_format(days.today, "l j F"),
        now=date_format(timezone.localtime(days.now), "H:i"),
        numbers=_numbers(found),
        begun=begun[-BEGUN:],
        to_come=to_come[:TO_COME],
        has_earlier=len(begun) > BEGUN,
        has_later=len(to_come) > TO_COME,
        all_bookings=listed(Booking, when="today"),
        all_dates=listed(EventDate, when="today"),
    )


def _numbers(found: Found) -> list[Number]:
    counts: Counter[tuple[str, str]] = Counter()
    for one in found["bookings_today"]:
        counts[one["kind"], one["status"]] += one["rows"]
    dates = sum(one["rows"] for one in found["dates_today"])
    kinds = Counter(dict.fromkeys(Booking.Kind.values, 0))
    for (kind, _status), rows in counts.items():
        kinds[kind] += rows
    appointments, places = kinds[Booking.Kind.APPOINTMENT], kinds[Booking.Kind.PLACE]
    numbers = [
        Number(
            appointments,
            listed(Booking, when="today", kind__exact="appointment"),
            text=ngettext("appointment", "appointments", appointments),
        ),
        Number(dates, listed(EventDate, when="today"), text=ngettext("event", "events", dates)),
        Number(
            places,
            listed(Booking, when="today", kind__exact="place"),
            text=ngettext("booking of places", "bookings of places", places),
        ),
    ]
    for status in Booking.Status:
        rows = sum(counts[kind, status.value] for kind in Booking.Kind.values)
        if rows:
            address = listed(Booking, when="today", status__exact=status.value)
            numbers.append(Number(rows, address, text=status.label))
    return numbers


def _near(rows: Any, now: datetime.datetime) -> Any:
    """Return those of the day that are nearest to now, one more on each side than is shown."""
    begun = rows.filter(starts_at__lte=now).order_by("-starts_at", "-id").values("pk")
    to_come = rows.filter(starts_at__gt=now).order_by("starts_at", "id").values("pk")
    return rows.filter(Q(pk__in=begun[: BEGUN + 1]) | Q(pk__in=to_come[: TO_COME + 1]))


def _bookings(actor: Actor, days: Days) -> list[Booking]:
    """Return appointments: places are told of with their event."""
    appointments: Any = bookings_today(actor, days)
    near = _near(appointments.appointments(), days.now).with_payment()
    joined = near.select_related("customer", "service", "facilitator")
    return list(joined.defer("customer__search_words"))


def _dates(actor: Actor, days: Days) -> list[EventDate]:
    return list(_near(dates_today(actor, days), days.now).select_related("event", "facilitator"))


def _of_booking(request: Any, site: AdminSite, booking: Booking) -> Item:
    status, standing = status_of(booking), standing_of(booking)
    return Item(
        booking.starts_at,
        _time(booking),
        str(booking.customer),
        reverse(page_name(Booking, "change"), args=[booking.pk]),
        str(what(booking)),
        who_does_it(booking),
        [
            (status[1], STATUS_COLOURS[status[0]]),
            (standing[1], STANDING_COLOURS[standing[0]]),
        ],
        _doings(request, site, booking),
        booking.cancelled_at is not None,
    )


def _of_date(request: Any, site: AdminSite, date: EventDate) -> Item:
    return Item(
        date.starts_at,
        _time(date),
        str(date.event),
        reverse(page_name(EventDate, "change"), args=[date.pk]),
        _("Event, %(taken)s spaces taken") % {"taken": taken_of(date)},
        date.facilitator or "–",
        [date_state(date)],
        _doings(request, site, date),
        date.is_cancelled,
    )


def _time(row: Any) -> str:
    ends_at = row.starts_at + datetime.timedelta(minutes=row.duration)
    ends = (timezone.localtime(moment) for moment in (row.starts_at, ends_at))
    return "–".join(date_format(end, "H:i") for end in ends)


def _doings(request: Any, site: Any, row: Any) -> list[tuple[Any, str]]:
    """Return what can be done with a row at once: each leads to its question."""
    pages = site.get_model_admin(type(row))
    if pages.is_frozen(row):
        return []
    return [
        (button.label, reverse(page_name(row, button.name), args=[row.pk]))
        for button in pages.buttons
        if button.name in AT_HAND and button.fits(row) and pages.may_act(request, button)
    ]
