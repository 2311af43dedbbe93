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


def bookings_ahead(customer: Customer) -> Any:
    """Return a customer's bookings that are still to come about, soonest first."""
    theirs = Booking.objects.visible_to(customer).filter(customer=customer)
    joined = ("service", "facilitator", "event_date__event", "event_date__facilitator")
    # That it is not cancelled is said for the index: what is open is not.
    ahead = theirs.counted().open().filter(starts_at__gt=Now()).select_related(*joined)
    return ahead.with_payment().order_by("starts_at", "id")


def next_bookings(customer: Customer, request: Any) -> Section:
    """Return the section of what is next."""

    def table(rows: list[Booking]) -> dict[str, Any]:
        return table_of(
            _("Next"),
            (_("when"), _("what"), _("with"), _("total"), _("paid"), _("status")),
            [_row(one) for one in rows[:SHOWN]],
            all_address=listed(Booking, customer) if len(rows) > SHOWN else "",
            empty=_("Nothing is booked."),
            **adding(request, Booking, customer, _("Book")),
        )

    return Section(bookings_ahead(customer)[: SHOWN + 1], table)


def _row(one: Any) -> tuple[Any, ...]:
    return (
        link_to(one, span(one.starts_at, one.duration)),
        what(one),
        who_does_it(one),
        show_money(one.total, one.currency),
        label(standing_of(one)[1], STANDING_COLOURS[standing_of(one)[0]]),
        label(status_of(one)[1], STATUS_COLOURS[one.status]),
    )


def media_bought(customer: Customer, request: Any) -> Section:
    """Return the section of media that a customer can use."""

    def table(rows: list[MediaPurchase]) -> dict[str, Any]:
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

    theirs = MediaPurchase.objects.visible_to(customer).filter(customer=customer).usable()
    rows = theirs.with_payment().select_related("media").newest_first()
    return Section(rows[: SHOWN + 1], table)
