"""What a customer's timeline tells of bookings and media.

A booking stands where it matters most: to come, at when it was made; over, at when it was; and
cancelled, at when it was cancelled.
"""

from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.tables import label
from config.admin.timeline import Branch, Told, moment_in
from config.money import show_money
from config.times import show_moment

from ..models import Booking, MediaPurchase
from .columns import STATUS_COLOURS
from .times import span

BOOKINGS = "bookings"
NAMES = {BOOKINGS: gettext_lazy("Bookings")}

_OF_BOOKING = {
    **{name: F(name) for name in ("starts_at", "duration", "status", "total", "currency")},
    **{name: F(name) for name in ("notes", "cancelled_by", "reason")},
    "what": Coalesce("service__name", "event_date__event__name"),
    "with": Coalesce("facilitator__name", "event_date__facilitator__name"),
}
_OF_MEDIUM = {
    **{name: F(name) for name in ("total", "currency", "cancelled_by", "reason")},
    "what": F("media__name"),
}


def _theirs(whose: Any) -> Any:
    return Booking.objects.visible_to(whose).filter(customer_id=whose.pk)


def _over(whose: Any) -> Any:
    return _theirs(whose).counted().filter(starts_at__lte=Now())


def _ahead(whose: Any) -> Any:
    return _theirs(whose).counted().filter(starts_at__gt=Now())


def _cancelled(whose: Any) -> Any:
    return _theirs(whose).filter(status=Booking.Status.CANCELLED)


def _media(whose: Any) -> Any:
    return MediaPurchase.objects.visible_to(whose).filter(customer_id=whose.pk)


def _media_cancelled(whose: Any) -> Any:
    return _media(whose).filter(cancelled_at__isnull=False)


def _status(told: dict[str, Any]) -> Any:
    status = Booking.Status(told["status"])
    return label(capfirst(str(status.label)), STATUS_COLOURS[status])


def _with(told: dict[str, Any]) -> str:
    return _("with %(name)s") % {"name": told["with"]} if told["with"] else ""


def _price(told: dict[str, Any]) -> str:
    return show_money(told["total"], told["currency"])


def _tell_over(told: dict[str, Any]) -> Told:
    minutes = ngettext("%(n)d minute", "%(n)d minutes", told["duration"]) % {"n": told["duration"]}
    return Told(
        told["what"],
        details=[minutes, _with(told)],
        mark=_status(told),
        amount=_price(told),
        long=told["notes"],
    )


def _tell_ahead(told: dict[str, Any]) -> Told:
    when = span(moment_in(told, "starts_at"), told["duration"])
    text = _("%(what)s booked for %(when)s") % {"what": told["what"], "when": when}
    return Told(text, details=[_with(told)], amount=_price(told), long=told["notes"])


def _tell_cancelled(told: dict[str, Any]) -> Told:
    when = show_moment(moment_in(told, "starts_at"))
    text = _("%(what)s of %(when)s") % {"what": told["what"], "when": when}
    return Told(text, details=[_by(told), told["reason"]], mark=_status(told))


def _by(told: dict[str, Any]) -> str:
    return _("by %(name)s") % {"name": told["cancelled_by"]} if told["cancelled_by"] else ""


def _tell_medium(told: dict[str, Any]) -> Told:
    return Told(_("Bought %(what)s") % told, amount=_price(told))


def _tell_medium_cancelled(told: dict[str, Any]) -> Told:
    return Told(told["what"], [_by(told), told["reason"]], label(_("Cancelled")))


BRANCHES = (
    Branch(BOOKINGS, "event_available", _over, "starts_at", _OF_BOOKING, _tell_over, Booking),
    Branch(BOOKINGS, "event_upcoming", _ahead, "created_at", _OF_BOOKING, _tell_ahead, Booking),
    Branch(
        BOOKINGS, "event_busy", _cancelled, "cancelled_at", _OF_BOOKING, _tell_cancelled, Booking
    ),
    Branch(
        BOOKINGS, "play_circle", _media, "purchased_at", _OF_MEDIUM, _tell_medium, MediaPurchase
    ),
    Branch(
        BOOKINGS,
        "cancel",
        _media_cancelled,
        "cancelled_at",
        _OF_MEDIUM,
        _tell_medium_cancelled,
        MediaPurchase,
    ),
)
