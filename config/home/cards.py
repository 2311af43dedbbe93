"""Cards of the home page: what each counts; the text is in their templates."""

import datetime
from dataclasses import replace
from typing import Any

from django.db.models import Sum
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst

from billing.models import Subscription
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.times import day_begins
from credits.models import Credit, PassPurchase
from credits.models.coupons import AMOUNT
from customers.admin.lapsing import LapsingFilter, lapsing, steps
from customers.models import Customer

from .counting import Bucket, Card, Counted, Number, by_period, days_filter, grouped
from .periods import DAY, last_months, last_weeks, span

# The labels of the kinds of credit: an amount, a percentage off, an offering.
ENTITLEMENTS = dict(Credit._meta.get_field("entitlement").flatchoices)


def subscriptions(actor: Actor, company: Company, today: datetime.date) -> Card:
    rows, months = Subscription.objects.visible_to(actor), last_months(today)
    begun, ended = rows.begun_between(*span(months)), rows.on_days("cancelled_at", *span(months))
    counts = {
        "active": Counted(Subscription, grouped(rows.active()), {"standing": "ACTIVE"}),
        "begun": by_period(begun, "anchor_date", months, is_day=True),
        "ended": by_period(ended, "cancelled_at", months),
    }
    return Card("subscriptions", rows, counts, [date_format(first, "M Y") for first, _ in months])


def credits(actor: Actor, company: Company, today: datetime.date) -> Card:
    rows, soon = Credit.objects.visible_to(actor).live(), (today, today + 30 * DAY)
    passes = PassPurchase.objects.visible_to(actor).live()
    expiring = rows.ending_before(day_begins(soon[1] + DAY))
    counts = {
        "held": _credits(rows, {"state": "live"}),
        "expiring": _credits(expiring, {"state": "live", **days_filter("expires_at", soon)}),
        "passes": Visits(PassPurchase, grouped(passes, balance=Sum("balance")), {"state": "live"}),
    }
    return Card("credits", rows, counts, list(map(capfirst, ENTITLEMENTS.values())))


def _credits(rows: Any, filters: dict[str, Any]) -> Counted:
    query = grouped(rows, "entitlement", "currency", balance=Sum("balance"))
    kinds = ENTITLEMENTS
    parts = [({"entitlement": kind}, {**filters, "entitlement__exact": kind}) for kind in kinds]
    return CountedCredits(Credit, query, filters, parts)


class CountedCredits(Counted):
    """Live credits, counted by what they give and by currency."""

    def worth(self) -> Number | None:
        """Return the balance of live credits of money, by currency; None if there are none."""
        left = sorted(
            (group["currency"], show_money(group["balance"], group["currency"]))
            for group in self.groups
            if group["entitlement"] == AMOUNT
        )
        shown = ", ".join(money for _currency, money in left)
        return replace(self.numbers()[0], shown=shown) if left else None


class Visits(Counted):
    """Live passes."""

    def worth(self) -> Number:
        """Return the number of visits left on the passes."""
        visits = sum(group["balance"] for group in self.groups)
        return replace(self.number(), shown=number_format(visits, force_grouping=True))


def new_customers(actor: Actor, company: Company, today: datetime.date) -> Card:
    weeks = last_weeks(today)
    rows = Customer.objects.visible_to(actor).on_days("created_at", *span(weeks))
    labels = [" – ".join(date_format(day, "j M") for day in week) for week in weeks]
    return Card("new", rows, {"weeks": by_period(rows, "created_at", weeks)}, labels)


def lapsing_customers(actor: Actor, company: Company, today: datetime.date) -> Card:
    """Return the card of customers who no longer come, counted by their last visit."""
    rows, periods = Customer.objects.visible_to(actor), steps(today)
    came_last = Bucket("came_last", periods)
    query = grouped(lapsing(rows, today).annotate(bucket=came_last), "bucket")
    days = [str((today - last).days) for _first, last in periods]
    parts = [({"bucket": n}, {"lapsing": late}) for n, late in enumerate(days, 1)][::-1]
    counts = {"steps": Counted(Customer, query, {"lapsing": LapsingFilter.ALL}, parts)}
    labels = [capfirst(LapsingFilter.names[late]) for late in reversed(days)]
    return Card("lapsing", rows, counts, labels, limit=10_000)
