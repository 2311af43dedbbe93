"""Bookings and media in a customer's timeline.

The position of a booking depends on its state: a future booking has the time at which it was made,
a past one its start, and a cancelled one the time of the cancellation.
"""

from typing import Any

from django.db.models.functions import Coalesce, Now
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.tables import label
from config.admin.timeline import Branch, TimelineEntry, by, fields, moment_in
from config.money import show_money
from config.times import show_moment, show_span

from ..models import Booking, MediaPurchase
from .columns import STATUS_COLOURS

BOOKINGS = "bookings"
NAMES = {BOOKINGS: gettext_lazy("Bookings")}

_OF_BOOKING = fields(
    *("starts_at", "duration", "status", "total", "currency", "notes", "cancelled_by", "reason"),
    what=Coalesce("service__name", "event_date__event__name"),
    led_by=Coalesce("facilitator__name", "event_date__facilitator__name"),
)
_OF_MEDIUM = fields("total", "currency", "cancelled_by", "reason", what="media__name")


def _status(values: dict[str, Any]) -> Any:
    status = Booking.Status(values["status"])
    return label(capfirst(str(status.label)), STATUS_COLOURS[status])


def _with(values: dict[str, Any]) -> str:
    return _("with %(name)s") % {"name": values["led_by"]} if values["led_by"] else ""


def _price(values: dict[str, Any]) -> str:
    return show_money(values["total"], values["currency"])


def _describe_over(values: dict[str, Any]) -> TimelineEntry:
    minutes = ngettext("%(n)d minute", "%(n)d minutes", values["duration"]) % {
        "n": values["duration"]
    }
    return TimelineEntry(
        values["what"],
        details=[minutes, _with(values)],
        mark=_status(values),
        amount=_price(values),
        long=values["notes"],
    )


def _describe_ahead(values: dict[str, Any]) -> TimelineEntry:
    when = show_span(moment_in(values, "starts_at"), values["duration"])
    text = _("%(what)s booked for %(when)s") % {"what": values["what"], "when": when}
    return TimelineEntry(text, details=[_with(values)], amount=_price(values), long=values["notes"])


def _describe_cancelled(values: dict[str, Any]) -> TimelineEntry:
    when = show_moment(moment_in(values, "starts_at"))
    text = _("%(what)s of %(when)s") % {"what": values["what"], "when": when}
    return TimelineEntry(
        text, details=[by(values["cancelled_by"]), values["reason"]], mark=_status(values)
    )


def _describe_medium(values: dict[str, Any]) -> TimelineEntry:
    return TimelineEntry(_("Bought %(what)s") % values, amount=_price(values))


def _describe_medium_cancelled(values: dict[str, Any]) -> TimelineEntry:
    return TimelineEntry(
        values["what"], [by(values["cancelled_by"]), values["reason"]], label(_("Cancelled"))
    )


_OVER = Booking.objects.counted().filter(starts_at__lte=Now())
_AHEAD = Booking.objects.counted().filter(starts_at__gt=Now())
_CANCELLED = Booking.objects.filter(status=Booking.Status.CANCELLED)
_BOUGHT = MediaPurchase.objects.all()
_TAKEN_BACK = MediaPurchase.objects.filter(cancelled_at__isnull=False)


def _booking(icon: str, rows: Any, moment: str, describe: Any) -> Branch:
    return Branch(BOOKINGS, icon, rows, moment, _OF_BOOKING, describe, Booking)


def _medium(icon: str, rows: Any, moment: str, describe: Any) -> Branch:
    return Branch(BOOKINGS, icon, rows, moment, _OF_MEDIUM, describe, MediaPurchase)


BRANCHES = (
    _booking("event_available", _OVER, "starts_at", _describe_over),
    _booking("event_upcoming", _AHEAD, "created_at", _describe_ahead),
    _booking("event_busy", _CANCELLED, "cancelled_at", _describe_cancelled),
    _medium("play_circle", _BOUGHT, "purchased_at", _describe_medium),
    _medium("cancel", _TAKEN_BACK, "cancelled_at", _describe_medium_cancelled),
)
