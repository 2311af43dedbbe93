"""The sections about bookings and media on a customer's page."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from config.admin.tables import Section, link_to
from config.money import show_money
from config.times import show_span

from ..models import Booking, MediaPurchase
from .columns import standing_label, status_label, what, who_does_it


def bookings_ahead(whose: Any) -> Any:
    """Return a customer's future bookings, soonest first."""
    theirs = Booking.objects.visible_to(whose).filter(customer_id=whose.pk)
    joined = ("service", "facilitator", "event_date__event", "event_date__facilitator")
    return theirs.ahead().select_related(*joined).with_balance().order_by("starts_at", "id")


NEXT_BOOKINGS = Section(
    model=Booking,
    title=_("Next"),
    headers=(_("when"), _("what"), _("with"), _("total"), _("paid"), _("status")),
    rows=bookings_ahead,
    cells=lambda one, customer: (
        link_to(one, show_span(one.starts_at, one.duration)),
        what(one),
        who_does_it(one),
        show_money(one.total, one.currency),
        standing_label(one),
        status_label(one),
    ),
    empty=_("Nothing is booked."),
    add=_("Book"),
    add_page="classes",
)


def _media_bought(whose: Any) -> Any:
    theirs = MediaPurchase.objects.visible_to(whose).filter(customer_id=whose.pk).usable()
    return theirs.with_balance().select_related("media").newest_first()


MEDIA_BOUGHT = Section(
    model=MediaPurchase,
    title=_("Videos"),
    headers=(_("video"), _("price"), _("paid"), _("last day")),
    rows=_media_bought,
    cells=lambda one, customer: (
        link_to(one, one.media),
        show_money(one.total, one.currency),
        standing_label(one),
        date_format(one.expires_on) if one.expires_on else _("for ever"),
    ),
    empty=_("No videos that can be watched."),
    add=_("Sell a video"),
)
