"""Subscriptions, credits and customers: each a few numbers, and a plot that is a table."""

from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Subscription
from config.money import show_money
from credits.models import Credit
from credits.models.coupons import AMOUNT, OFFERING, PERCENTAGE
from customers.admin.lapsing import DEFINITION, LapsingFilter, steps
from customers.models import Customer

from .days import DAY, SOON, Days
from .numbers import Card, Number, listed, on_days, short_day, with_bars

Found = list[dict[str, Any]]


def by(name: str, found: Found) -> dict[Any, int]:
    """Return how many rows there are of each kind."""
    return {one[name]: one["rows"] for one in found}


def total(found: Found) -> int:
    return sum(one["rows"] for one in found)


def subscriptions_card(found: dict[str, Found], days: Days, **counted: Any) -> Card:
    begun, ended = by("month", found["begun"]), by("month", found["ended"])
    months = []
    for number, (first, last) in enumerate(days.months, 1):
        numbers = [
            Number(rows.get(number, 0), listed(Subscription, **on_days(what, first, last)))
            for what, rows in (("anchor_date", begun), ("cancelled_at", ended))
        ]
        months.append((date_format(first, "M Y"), numbers))
    has_any = total(found["active"]) or begun or ended
    active = Number(
        total(found["active"]), listed(Subscription, standing="ACTIVE"), text=_("active")
    )
    this_month = months[-1][1]
    return Card(
        name="subscriptions",
        title=_("Subscriptions"),
        explains=_(
            "Active: neither paused, suspended nor cancelled. Began by the first day of the "
            "subscription, cancelled by the day on which it was."
        ),
        numbers=[
            active,
            Number(this_month[0].rows, this_month[0].address, text=_("began this month")),
            Number(this_month[1].rows, this_month[1].address, text=_("cancelled this month")),
        ],
        label=_("Month"),
        columns=[_("Began"), _("Cancelled")],
        bars=with_bars(months) if has_any else [],
        nothing=_("Nobody has a subscription. Begin with a plan, then sign a customer up for it."),
        **counted,
    )


KINDS = {
    AMOUNT: gettext_lazy("Amounts of money"),
    PERCENTAGE: gettext_lazy("Percentages off"),
    OFFERING: gettext_lazy("Offerings"),
}


def credits_card(found: dict[str, Found], days: Days, **counted: Any) -> Card:
    held, expiring = found["credits"], found["expiring"]
    live = {"state": "live"}
    soon = live | on_days("expiry_date", days.today, days.today + SOON * DAY)
    rows = [
        (str(name), [_of_kind(held, kind, live), _of_kind(expiring, kind, soon)])
        for kind, name in KINDS.items()
    ]
    amounts = rows[0][1]
    return Card(
        name="credits",
        title=_("Credits"),
        explains=_(
            "Outstanding: issued, and neither used up, revoked nor past their last day. What an "
            "amount is worth is what is left of it; the others have no price."
        ),
        numbers=[
            Number(total(held), listed(Credit, **live), text=_("outstanding")),
            *_worth(held, amounts[0], _("left of amounts")),
            Number(total(expiring), listed(Credit, **soon), text=_("expire within 30 days")),
            *_worth(expiring, amounts[1], _("left of those that are amounts")),
        ],
        label=_("What they give"),
        columns=[_("Outstanding"), _("Expiring")],
        bars=with_bars(rows) if held else [],
        nothing=_("Nobody holds a credit. Begin with a coupon, then issue it to a customer."),
        **counted,
    )


def _of_kind(found: Found, kind: str, query: dict[str, str]) -> Number:
    some = [one for one in found if one["entitlement"] == kind]
    return Number(total(some), listed(Credit, **query, entitlement__exact=kind))


def _worth(found: Found, amounts: Number, text: Any) -> list[Number]:
    """Return £1,200.00, and of more than one currency each, if there are credits of amounts."""
    left = sorted(
        (one["currency"], one["balance"]) for one in found if one["entitlement"] == AMOUNT
    )
    shown = ", ".join(show_money(balance, currency) for currency, balance in left)
    return [Number(amounts.rows, amounts.address, shown, text)] if left else []


def new_card(found: dict[str, Found], days: Days, **counted: Any) -> Card:
    weeks = by("week", found["new"])
    rows = [
        (
            _("%(first)s – %(last)s") % {"first": short_day(first), "last": short_day(last)},
            [Number(weeks.get(number, 0), listed(Customer, **on_days("created_at", first, last)))],
        )
        for number, (first, last) in enumerate(days.weeks, 1)
    ]
    first, last = days.weeks[0][0], days.today
    all_of_them = listed(Customer, **on_days("created_at", first, last))
    this_week = rows[-1][1][0]
    return Card(
        name="new",
        title=_("New customers"),
        explains=_(
            "By the day on which they came into the record, archived ones included. A week begins "
            "on Monday; this one ends today."
        ),
        numbers=[
            Number(this_week.rows, this_week.address, text=_("this week")),
            Number(total(found["new"]), all_of_them, text=_("in twelve weeks")),
        ],
        label=_("Week"),
        columns=[_("New")],
        bars=with_bars(rows) if found["new"] else [],
        nothing=_("Nobody is new. Add a customer, or import those that you have."),
        **counted,
    )


def lapsing_card(found: dict[str, Found], days: Days, **counted: Any) -> Card:
    by_step = by("step", found["lapsing"])
    rows = []
    for number, (_first, last) in enumerate(steps(days.today), 1):
        late = (days.today - last).days
        label = _("%(late)d to %(gone)d days ago") % {"late": late, "gone": late + 29}
        address = listed(Customer, lapsing=late)
        rows.append((str(capfirst(label)), [Number(by_step.get(number, 0), address)]))
    return Card(
        name="lapsing",
        title=_("Lapsing customers"),
        explains=DEFINITION,
        numbers=[
            Number(
                total(found["lapsing"]),
                listed(Customer, lapsing=LapsingFilter.ALL),
                text=_("used to come, and have stayed away"),
            )
        ],
        label=_("Came last"),
        columns=[_("Customers")],
        bars=with_bars(rows[::-1]) if by_step else [],
        nothing=_("Nobody who came three times has stayed away for 60 days."),
        **counted,
    )
