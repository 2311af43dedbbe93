"""Archive customers, with or without their open rows; `bringing_back` restores them.

Rows that end with a customer get the time at which the customer is archived. A restore finds them
by that time.
"""

import datetime
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from billing.actions.invoices import keeps_credit, keeps_money
from billing.actions.subscriptions import cancel_subscription
from billing.models import Invoice, Subscription
from config.tenancy.actors import Actor
from credits.actions.voiding import void_sale
from credits.models import Credit, PassPurchase
from customers.actions.customers import archive_customer
from customers.models import Customer

from ..late_cancellation import forecast_cancellation
from ..models import Booking
from .lifecycle import call_off, check_waiver
from .locks import lock_customers, lock_dates


@transaction.atomic
def wind_down_customer(
    customer: Customer, *, end_open: bool = False, reason: str = "", actor: Actor
) -> None:
    """Archive a customer; with `end_open`, end its open rows first.

    Cancels future bookings and gives back their payments, cancels subscriptions, and voids invoices
    and drafts that keep neither money nor a credit. Credits and passes stay, except passes whose
    invoice is voided. Raises CustomerAlreadyArchived, TooEarlyToCancel or CardNumber, and
    AboveRoleLimit for an invoice, a refund or the cost of a late cancellation above the limit of
    front desk. A refusal changes nothing.
    """
    ahead = _bookings_ahead(customer, actor) if end_open else []
    _lock_all(customer, ahead, actor)
    archive_customer(customer, actor=actor)
    if not end_open:
        return
    assert customer.archived_at is not None
    at, reason = customer.archived_at, reason or _("The customer was archived.")
    # Read the rows again, now that they are locked.
    for booking in _bookings_ahead(customer, actor):
        _cancel(booking, reason, at, actor)
    for subscription in Subscription.objects.visible_to(actor).filter(customer=customer).live():
        cancel_subscription(subscription, at=at, actor=actor)
    for invoice in Invoice.objects.visible_to(actor).filter(customer=customer).unsettled():
        if not (keeps_money(invoice, actor=actor) or keeps_credit(invoice, actor=actor)):
            void_sale(invoice, at=at, actor=actor)


def open_items(customers: Collection[UUID], *, actor: Actor) -> dict[UUID, Counter[str]]:
    """Count the open rows of each customer, by kind."""
    rows: dict[str, Any] = {
        "bookings": Booking.objects.visible_to(actor).ahead(),
        "subscriptions": Subscription.objects.visible_to(actor).live(),
        "invoices": Invoice.objects.visible_to(actor).unsettled(),
        "credits": Credit.objects.visible_to(actor).live(),
        "passes": PassPurchase.objects.visible_to(actor).live(),
    }
    found: dict[UUID, Counter[str]] = {key: Counter() for key in customers}
    for name, chosen in rows.items():
        theirs = chosen.order_by().filter(customer_id__in=customers).values_list("customer_id")
        for key, count in theirs.annotate(count=Count("*")):
            found[key][name] = count
    return found


def _bookings_ahead(customer: Customer, actor: Actor) -> list[Booking]:
    ahead = Booking.objects.visible_to(actor).filter(customer=customer).ahead()
    return list(ahead.select_related("customer", "transaction__customer").order_by("pk"))


def _lock_all(customer: Customer, ahead: Sequence[Booking], actor: Actor) -> None:
    """Take all locks in the order of `bookings.actions.locks`."""
    lock_customers([customer, *(one.payer for one in ahead)], to_end=True, actor=actor)
    lock_dates([one.event_date_id for one in ahead if one.event_date_id], actor=actor)


def _cancel(known: Booking, reason: str, at: datetime.datetime, actor: Actor) -> None:
    rows = Booking.objects.visible_to(actor).select_related("customer", "transaction__customer")
    booking = rows.select_for_update(no_key=True, of=("self",)).get(pk=known.pk)
    forecast = forecast_cancellation(booking, actor=actor)
    if forecast.is_late:
        check_waiver(forecast, actor=actor)
    call_off(booking, refund=True, reason=reason, at=at, actor=actor)
