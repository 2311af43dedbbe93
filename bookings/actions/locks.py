"""What is held while bookings are written, always in this order: customers, facilitators, dates."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from config.access.actors import Actor
from customers.actions import lock_customer
from customers.models import Customer

from ..models import EventDate


def lock_customers(customers: Iterable[Customer], *, actor: Actor) -> dict[UUID, Customer]:
    """Return customers as they are now, locked, by their ids; raises CustomerArchived."""
    chosen = {customer.pk: customer for customer in customers}
    return {key: lock_customer(chosen[key], actor=actor) for key in sorted(chosen)}


def hold_facilitators(*facilitators: UUID | None) -> None:
    """Wait for whoever else is booking these facilitators, until the transaction ends.

    The exclusion constraint alone would let contenders wait for each other, and die of it: every
    one of them but one as a deadlock, after a second each.
    """
    with connection.cursor() as cursor:
        for key in sorted({key for key in facilitators if key is not None}):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])


def lock_dates(dates: Iterable[UUID], *, actor: Actor) -> dict[UUID, EventDate]:
    """Return event dates as they are now, locked, by their ids."""
    rows = EventDate.objects.visible_to(actor).filter(pk__in=set(dates)).order_by("pk")
    locked = rows.select_for_update(no_key=True, of=("self",)).select_related("event")
    return {date.pk: date for date in locked}
