"""Locks of bookings, always taken in this order: customers, facilitators, event dates."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from config.tenancy.actors import Actor
from customers.actions.locks import lock_customer
from customers.models import Customer

from ..models import EventDate


def lock_customers(
    customers: Iterable[Customer], *, to_end: bool = False, actor: Actor
) -> dict[UUID, Customer]:
    """Lock customers in the order of their ids, and return them by id in their present state.

    Raises CustomerArchived unless `to_end`.
    """
    chosen = {customer.pk: customer for customer in customers}
    return {key: lock_customer(chosen[key], to_end=to_end, actor=actor) for key in sorted(chosen)}


def hold_facilitators(*facilitators: UUID | None) -> None:
    """Lock facilitators against concurrent bookings until the transaction ends.

    With the exclusion constraint alone, concurrent bookings would wait for each other: all but one
    would fail as deadlocks, each after a second.
    """
    with connection.cursor() as cursor:
        for key in sorted({key for key in facilitators if key is not None}):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])


def lock_dates(dates: Iterable[UUID], *, actor: Actor) -> dict[UUID, EventDate]:
    """Lock event dates, and return them by id in their present state."""
    rows = EventDate.objects.visible_to(actor).filter(pk__in=set(dates)).order_by("pk")
    locked = rows.select_for_update(no_key=True, of=("self",)).select_related("event")
    return {date.pk: date for date in locked}
