"""The computed columns of the list of customers, read for one page at a time."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from config.admin.columns import column, exported_as
from config.money import as_written, show_money
from config.times import show_soon

from ..models import Customer
from ..shapes import stats
from .filters import STATUS_NAMES

NOTHING = "–"


def with_columns(model: Any, keys: list[Any]) -> Any:
    """Return customers with the annotations of their columns, in one statement."""
    return (
        model.objects.filter(pk__in=keys)
        .defer("search_words", "preferences")
        .annotate(
            next_at=stats.next_booking_at("pk"),
            last_at=stats.last_booking_at("pk"),
            plan=stats.active_plan("pk"),
            credits_left=stats.credits_left("pk"),
            other_credits=stats.other_credits("pk"),
            visits_left=stats.visits_left("pk"),
            **stats.to_pay("pk"),
        )
    )


class Columns:
    """The columns of the list of customers."""

    of_page = staticmethod(with_columns)

    shown_name = column(gettext_lazy("customer"), str, ordering="display_name")
    shown_status = column(
        gettext_lazy("status"),
        lambda row: (row.status, STATUS_NAMES[row.status]),
        label={
            Customer.ACTIVE: "success",
            Customer.INACTIVE: "warning",
            Customer.DEACTIVATED: "default",
        },
    )

    @exported_as(
        lambda customer: (customer.email, customer.phone),
        under=(gettext_lazy("e-mail"), gettext_lazy("phone")),
    )
    @display(description=gettext_lazy("e-mail and phone"))
    def contact(self, customer: Customer) -> Any:
        """Show the values on separate lines, so that the table fits the screen."""
        ways = [(way,) for way in (customer.email, customer.phone) if way]
        return format_html_join("", "<div>{}</div>", ways) or NOTHING

    next_booking = column(
        gettext_lazy("next booking"),
        lambda row: show_soon(row.next_at) if row.next_at else NOTHING,
        exports=lambda row: row.next_at,
    )
    last_booking = column(
        gettext_lazy("last booking"),
        lambda row: date_format(timezone.localdate(row.last_at)) if row.last_at else NOTHING,
        exports=lambda row: row.last_at and timezone.localdate(row.last_at),
    )

    @exported_as(
        lambda customer: sums_in_file(stats.to_pay_in(customer)),
        under=(gettext_lazy("to pay"), gettext_lazy("to pay: currency")),
    )
    @display(description=gettext_lazy("to pay"), formatting="price")
    def to_pay(self, customer: Any) -> str:
        return shown_sums(stats.to_pay_in(customer)) or NOTHING

    @exported_as(
        lambda customer: (
            *sums_in_file(customer.credits_left),
            customer.other_credits or NOTHING,
            customer.visits_left or NOTHING,
        ),
        under=(
            *(gettext_lazy("credits"), gettext_lazy("credits: currency")),
            *(gettext_lazy("other credits"), gettext_lazy("visits on passes")),
        ),
    )
    @display(description=gettext_lazy("credits and passes"))
    def credits(self, customer: Any) -> str:
        sums = shown_sums(customer.credits_left)
        return holdings_in_words(sums, customer.other_credits, customer.visits_left) or NOTHING

    subscription = column(gettext_lazy("subscription"), lambda row: row.plan or NOTHING)


def holdings_in_words(money: str, others: int, visits: int) -> str:
    """Return a customer's credits of money, other credits, and visits on passes as text."""
    credits = ngettext("%(count)d credit", "%(count)d credits", others)
    if money:
        credits = ngettext("%(count)d other credit", "%(count)d other credits", others)
    left = ngettext("%(visits)d visit", "%(visits)d visits", visits)
    parts = (
        money,
        credits % {"count": others} if others else "",
        left % {"visits": visits} if visits else "",
    )
    return " + ".join(filter(None, parts))


def shown_sums(sums: list[dict[str, Any]]) -> str:
    """Return sums of money as text, one per currency."""
    ordered = sorted(sums, key=lambda one: one["currency"])
    return " + ".join(show_money(one["amount"], one["currency"]) for one in ordered)


def sums_in_file(sums: list[dict[str, Any]]) -> tuple[Any, str]:
    """Return a sum of money as a number and its currency; several currencies as text."""
    if len(sums) == 1:
        return as_written(sums[0]["amount"], sums[0]["currency"]), sums[0]["currency"]
    return shown_sums(sums), ""
