"""What a customer's page shows of bookings and media."""

from typing import Any

from django.db.models.functions import Now
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.admin.tables import Section, adding, label, link_to, listed, page_name, table_of
from config.money import show_money
from customers.models import Customer

from ..models import Booking, MediaPurchase
from .columns import STANDING_COLOURS, STATUS_COLOURS, standing_of, status_of, what, who_does_it
from .times import span

SHOWN = 10


def book_address(customer: Customer) -> str:
    """Return where an appointment for the customer is made."""
    return f"{reverse(page_name(Booking, 'add'))}?customer={customer.pk}"


def bookings_ahead(whose: Any) -> Any:
    """Return a customer's bookings that are still to come about, soonest first."""
    theirs = Booking.objects.visible_to(whose).filter(customer_id=whose.pk)
    joined = ("service", "facilitator", "event_date__event", "event_date__facilitator")
    # That it is not cancelled is said for the index: what is open is not.
    ahead = theirs.counted().open().filter(starts_at__gt=Now()).select_related(*joined)
    return ahead.with_payment().order_by("starts_at", "id")


def _next_bookings_table(rows: list[Booking], customer: Customer, request: Any) -> dict[str, Any]:
    """Tell of what is next."""
    return table_of(
        _("Next"),
        (_("when"), _("what"), _("with"), _("total"), _("paid"), _("status")),
        [_row(one) for one in rows[:SHOWN]],
        all_address=listed(Booking, customer) if len(rows) > SHOWN else "",
        empty=_("Nothing is booked."),
        **adding(request, Booking, customer, _("Book")),
    )


def _next_bookings(whose: Any) -> Any:
    return bookings_ahead(whose)[: SHOWN + 1]


NEXT_BOOKINGS = Section(_next_bookings, _next_bookings_table)


def _row(one: Any) -> tuple[Any, ...]:
    return (
        link_to(one, span(one.starts_at, one.duration)),
        what(one),
        who_does_it(one),
        show_money(one.total, one.currency),
        label(standing_of(one)[1], STANDING_COLOURS[standing_of(one)[0]]),
        label(status_of(one)[1], STATUS_COLOURS[one.status]),
    )


def _media_bought_table(
    rows: list[MediaPurchase], customer: Customer, request: Any
) -> dict[str, Any]:
    """Tell of media that a customer can use."""
    cells = [
        (
            link_to(one, one.media),
            show_money(one.total, one.currency),
            label(standing_of(one)[1], STANDING_COLOURS[standing_of(one)[0]]),
            date_format(one.expires_on) if one.expires_on else _("for ever"),
        )
        for one in rows[:SHOWN]
    ]
    return table_of(
        _("Media"),
        (_("medium"), _("price"), _("paid"), _("last day")),
        cells,
        all_address=listed(MediaPurchase, customer) if len(rows) > SHOWN else "",
        empty=_("No media that can be used."),
        **adding(request, MediaPurchase, customer, _("Sell a medium")),
    )


def _media_bought(whose: Any) -> Any:
    theirs = MediaPurchase.objects.visible_to(whose).filter(customer_id=whose.pk).usable()
    rows = theirs.with_payment().select_related("media").newest_first()
    return rows[: SHOWN + 1]


MEDIA_BOUGHT = Section(_media_bought, _media_bought_table)
