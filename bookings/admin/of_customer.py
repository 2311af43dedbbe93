"""What a customer's page shows of bookings and media."""

import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.access.actors import Actor
from config.admin.tables import label, link_to, page_name, table_of
from config.money import show_money
from customers.models import Customer

from ..models import Booking, MediaPurchase
from .columns import STANDING_COLOURS, STATUS_COLOURS, standing_of, status_of, what, who_does_it
from .times import span

SHOWN_OF_EACH = 10


def book_address(customer: Customer) -> str:
    """Return where an appointment for the customer is made."""
    return f"{reverse(page_name(Booking, 'add'))}?customer={customer.pk}"


def bookings_of(customer: Customer, actor: Actor) -> list[dict[str, Any]]:
    """Return the tables of a customer's bookings to come, those before, and media."""
    now = timezone.now()
    found = _nearest(customer, now, actor)
    upcoming = [one for one in found if one.starts_at > now and one.is_open]
    before = [one for one in reversed(found) if one not in upcoming]
    adding = {"add": _("Book"), "add_address": book_address(customer)}
    return [
        _table(_("Upcoming bookings"), upcoming, customer, {} if customer.is_archived else adding),
        _table(_("Past and cancelled bookings"), before, customer, {}),
        _media(customer, actor),
    ]


def _nearest(customer: Customer, now: datetime.datetime, actor: Actor) -> list[Booking]:
    """Return the next few and the last few, in one statement, soonest first."""
    theirs = Booking.objects.visible_to(actor).filter(customer=customer)
    is_ahead = Q(starts_at__gt=now, status__in=Booking.OPEN)
    ahead = theirs.filter(is_ahead).order_by("starts_at", "id").values("pk")
    behind = theirs.exclude(is_ahead).order_by("-starts_at", "-id").values("pk")
    few = SHOWN_OF_EACH + 1
    rows = theirs.filter(Q(pk__in=ahead[:few]) | Q(pk__in=behind[:few])).with_payment()
    joined = ("service", "facilitator", "event_date__event", "event_date__facilitator")
    return list(rows.select_related(*joined).order_by("starts_at", "id"))


def _table(
    title: str, rows: list[Booking], customer: Customer, adding: dict[str, str]
) -> dict[str, Any]:
    cells = [
        (
            link_to(one, span(one.starts_at, one.duration)),
            what(one),
            who_does_it(one),
            show_money(one.total, one.currency),
            label(standing_of(one)[1], STANDING_COLOURS[standing_of(one)[0]]),
            label(status_of(one)[1], STATUS_COLOURS[one.status]),
        )
        for one in rows[:SHOWN_OF_EACH]
    ]
    headers = (_("when"), _("what"), _("with"), _("total"), _("paid"), _("status"))
    listed = _listed(Booking, customer) if len(rows) > SHOWN_OF_EACH else ""
    return table_of(title, headers, cells, all_address=listed, **adding)


def _media(customer: Customer, actor: Actor) -> dict[str, Any]:
    bought = MediaPurchase.objects.visible_to(actor).filter(customer=customer).with_payment()
    newest = list(bought.select_related("media").newest_first()[: SHOWN_OF_EACH + 1])
    cells = [
        (
            link_to(one, one.media),
            show_money(one.total, one.currency),
            label(standing_of(one)[1], STANDING_COLOURS[standing_of(one)[0]]),
            date_format(one.expires_on) if one.expires_on else "–",
            label(_("Cancelled")) if one.is_cancelled else "",
        )
        for one in newest[:SHOWN_OF_EACH]
    ]
    add = f"{reverse(page_name(MediaPurchase, 'add'))}?customer={customer.pk}"
    return table_of(
        _("Media bought"),
        (_("medium"), _("price"), _("paid"), _("last day"), ""),
        cells,
        add="" if customer.is_archived else _("Sell a medium"),
        add_address=add,
        all_address=_listed(MediaPurchase, customer) if len(newest) > SHOWN_OF_EACH else "",
    )


def _listed(model: Any, customer: Customer) -> str:
    return f"{reverse(page_name(model, 'changelist'))}?customer__id__exact={customer.pk}"
