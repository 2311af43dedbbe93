"""What the home page counts: rows that lists show too, chosen by the same methods.

Every figure is measured inside PostgreSQL, as JSON, so that one statement reads all of them. What
goes through more rows than `most` is not counted while somebody waits, but in the background.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    Func,
    IntegerField,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import JSONObject

from billing.models import Payment, Subscription
from bookings.models import Booking, Event, EventDate, Service
from config.access.actors import Actor
from config.access.models import Company
from config.times import day_begins
from credits.models import Credit
from customers.admin.lapsing import lapsing, steps
from customers.models import Customer

from .days import SOON, Days

Rows = QuerySet[Any, Any]
Found = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """Something that is counted: who may see it, what it goes through, and how it is counted.

    Without a `most`, it goes through no more than a day.
    """

    needs: str
    through: Callable[[Actor, Days], Rows]
    counts: Callable[[Rows, Days], Any]
    most: int | None

    def too_many(self, actor: Actor, days: Days) -> Any:
        """Say whether it is too much to count while somebody waits."""
        if self.most is None:
            return Value(False)
        rows = self.through(actor, days).order_by()
        return Exists(rows[self.most : self.most + 1])

    def measured(self, actor: Actor, days: Days) -> Any:
        return self.counts(self.through(actor, days), days)


class SpanOf(Func):
    """Which span a moment or a day is in, counted from 1, given where each span begins.

    A thousand times quicker to look up than to ask the calendar of a time zone for each row.
    """

    function = "width_bucket"
    output_field = IntegerField()

    def __init__(self, what: str, begins: list[Any]) -> None:
        kind: Any = DateTimeField() if isinstance(begins[0], datetime.datetime) else DateField()
        super().__init__(F(what), Value(begins, output_field=ArrayField(kind)))


def grouped(rows: Rows, by: dict[str, Any], **totals: Any) -> ArraySubquery:
    """Return rows counted by what they have in common, as a list of objects."""
    groups = rows.order_by().annotate(**{f"by_{name}": part for name, part in by.items()})
    names = {name: f"by_{name}" for name in by}
    totals = {"rows": Count("*"), **totals}
    counted = groups.values(*names.values()).annotate(**{f"of_{n}": t for n, t in totals.items()})
    return ArraySubquery(
        counted.values(found=JSONObject(**names, **{name: f"of_{name}" for name in totals}))
    )


# --- Money ---


def payments(actor: Actor, days: Days) -> Rows:
    """Return the payments and refunds of this month and the last."""
    first, last = days.last_month[0], days.today
    return Payment.objects.visible_to(actor).succeeded().on_days("taken_at", first, last)


def money_by_day(rows: Rows, days: Days) -> Any:
    day = SpanOf("taken_at", [day_begins(day) for day in days.two_months])
    return grouped(rows, {"day": day, "currency": F("currency")}, amount=Sum("signed_amount"))


# --- Subscriptions ---


def subscriptions(actor: Actor, days: Days) -> Rows:
    return Subscription.objects.visible_to(actor)


def active(rows: Any, days: Days) -> Any:
    return all_of_them(rows.active(), days)


def begun(rows: Any, days: Days) -> Any:
    month = SpanOf("anchor_date", [first for first, _ in days.months])
    return grouped(rows.begun_between(days.months[0][0], days.today), {"month": month})


def ended(rows: Any, days: Days) -> Any:
    month = SpanOf("cancelled_at", [day_begins(first) for first, _ in days.months])
    return grouped(rows.on_days("cancelled_at", days.months[0][0], days.today), {"month": month})


# --- Credits ---


def live_credits(actor: Actor, days: Days) -> Rows:
    return Credit.objects.visible_to(actor).live(days.today)


def held(rows: Rows, days: Days) -> Any:
    by = {"entitlement": F("entitlement"), "currency": F("currency")}
    return grouped(rows, by, balance=Sum("balance"))


def held_shortly(rows: Any, days: Days) -> Any:
    return held(rows.expiring_within(SOON, days.today), days)


# --- Customers ---


def customers(actor: Actor, days: Days) -> Rows:
    return Customer.objects.visible_to(actor)


def new_customers(actor: Actor, days: Days) -> Rows:
    first, last = days.weeks[0][0], days.today
    return Customer.objects.visible_to(actor).on_days("created_at", first, last)


def new_by_week(rows: Rows, days: Days) -> Any:
    week = SpanOf("created_at", [day_begins(first) for first, _ in days.weeks])
    return grouped(rows, {"week": week})


def lapsing_by_step(rows: Rows, days: Days) -> Any:
    step = SpanOf("came_last", [day_begins(first) for first, _ in steps(days.today)])
    return grouped(lapsing(rows, days.today), {"step": step})


# --- Today ---


def bookings_today(actor: Actor, days: Days) -> Rows:
    return Booking.objects.visible_to(actor).on_days("starts_at", days.today, days.today)


def by_status(rows: Rows, days: Days) -> Any:
    return grouped(rows, {"kind": F("kind"), "status": F("status")})


def dates_today(actor: Actor, days: Days) -> Rows:
    return EventDate.objects.visible_to(actor).on_days("starts_at", days.today, days.today)


def all_of_them(rows: Rows, days: Days) -> Any:
    return grouped(rows, {"company": F("company_id")})


MANY = 100_000
FIGURES = {
    "bookings_today": Figure("bookings.view_booking", bookings_today, by_status, None),
    "dates_today": Figure("bookings.view_eventdate", dates_today, all_of_them, None),
    "money": Figure("billing.view_payment", payments, money_by_day, 2 * MANY),
    "active": Figure("billing.view_subscription", subscriptions, active, MANY),
    "begun": Figure("billing.view_subscription", subscriptions, begun, MANY),
    "ended": Figure("billing.view_subscription", subscriptions, ended, MANY),
    "credits": Figure("credits.view_credit", live_credits, held, MANY),
    "expiring": Figure("credits.view_credit", live_credits, held_shortly, MANY),
    "new": Figure("customers.view_customer", new_customers, new_by_week, MANY),
    # Asks the bookings of each customer.
    "lapsing": Figure("customers.view_customer", customers, lapsing_by_step, MANY // 10),
}


def measure(names: Any, actor: Actor, days: Days, **also: Any) -> Found:
    """Return what figures come to, and what else is asked, in one statement."""
    measured = {name: FIGURES[name].measured(actor, days) for name in names}
    found: Any = Company.objects.filter(pk=actor.company_id).values(**measured, **also)
    return found.get()


def can_begin(actor: Actor) -> dict[str, Exists]:
    """Ask whether there is anything that can be booked, and anybody for whom."""
    return {
        "has_customers": Exists(Customer.objects.visible_to(actor).live()),
        "has_services": Exists(Service.objects.visible_to(actor).live()),
        "has_events": Exists(Event.objects.visible_to(actor).live()),
    }
