"""What a customer's page shows of money: what they owe, subscriptions, how they pay."""

from collections import Counter
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.admin.tables import Section, adding, label, link_to, listed, table_of
from config.money import show_money
from customers.models import Customer

from ..models import Invoice, PaymentMethod, Subscription

SHOWN = 10
# Of more than so many what is owed is not added up on a page.
ADDED_UP = 200

STATE_COLOURS = {
    Subscription.State.ACTIVE: "success",
    Subscription.State.PAUSED: "warning",
    Subscription.State.SUSPENDED: "danger",
    Subscription.State.CANCELLED: "default",
}


def unpaid_invoices(whose: Any) -> Any:
    """Return invoices that a customer has still to pay, those that are due first at the head."""
    theirs = Invoice.objects.visible_to(whose).filter(customer_id=whose.pk).unpaid()
    return theirs.with_standing().with_amounts().order_by("due_on", "id")


def _owed_by_table(rows: list[Any], customer: Customer, request: Any) -> dict[str, Any]:
    """Tell of what a customer owes, with the sum of all of it."""
    cells = [
        (
            link_to(one),
            date_format(timezone.localtime(one.issued_at)),
            date_format(one.due_on) if one.due_on else "–",
            show_money(one.balance, one.currency),
            _overdue(one),
        )
        for one in rows[:SHOWN]
    ]
    return table_of(
        _("They owe"),
        (_("invoice"), _("issued"), _("due"), _("to pay"), ""),
        cells,
        sums=sums_of(rows),
        all_address=listed(Invoice, customer) if len(rows) > SHOWN else "",
        empty=_("Nothing: every invoice is paid."),
        **adding(request, Invoice, customer, _("Write an invoice")),
    )


def _owed_by(whose: Any) -> Any:
    return unpaid_invoices(whose)[: ADDED_UP + 1]


OWED_BY = Section(_owed_by, _owed_by_table)


def sums_of(invoices: list[Any]) -> str:
    """Return £45.00, and each other currency beside it; nothing for no invoices."""
    sums: Counter[str] = Counter()
    for one in invoices[:ADDED_UP]:
        sums[one.currency] += one.balance
    text = " + ".join(show_money(amount, currency) for currency, amount in sums.items())
    return _("more than %(sum)s") % {"sum": text} if len(invoices) > ADDED_UP else text


def _overdue(invoice: Any) -> Any:
    return label(_("Overdue"), "danger") if invoice.standing == Invoice.Status.OVERDUE else ""


def live_subscriptions(whose: Any) -> Any:
    """Return a customer's subscriptions that were not cancelled, newest first."""
    theirs = Subscription.objects.visible_to(whose).filter(customer_id=whose.pk)
    return theirs.live().select_related("plan").newest_first()


def _subscriptions_table(
    rows: list[Subscription], customer: Customer, request: Any
) -> dict[str, Any]:
    """Tell of what a customer is signed up for."""
    cells = [
        (
            link_to(one, one.plan),
            _("%(price)s %(period)s")
            % {
                "price": show_money(one.plan.price, one.plan.currency),
                "period": one.get_billing_period_display(),
            },
            date_format(one.renewal_date) if one.renewal_date else "–",
            _state(one),
        )
        for one in rows[:SHOWN]
    ]
    return table_of(
        _("Subscriptions"),
        (_("plan"), _("price"), _("renews on"), _("state")),
        cells,
        all_address=listed(Subscription, customer) if len(rows) > SHOWN else "",
        empty=_("Not signed up for a plan."),
        **adding(request, Subscription, customer, _("Sign them up")),
    )


def _subscriptions(whose: Any) -> Any:
    return live_subscriptions(whose)[: SHOWN + 1]


SUBSCRIPTIONS = Section(_subscriptions, _subscriptions_table)


def _state(subscription: Subscription) -> Any:
    state = Subscription.State(subscription.state)
    return label(capfirst(str(state.label)), STATE_COLOURS[state])


def _payment_methods_table(
    rows: list[PaymentMethod], customer: Customer, request: Any
) -> dict[str, Any]:
    """Tell of what a customer pays with, the default first; tokens stay unread."""
    cells = [
        (
            link_to(one),
            _("until %(month)02d/%(year)d") % {"month": one.exp_month, "year": one.exp_year}
            if one.exp_month
            else "",
            "",
            label(_("Default"), "info") if one.is_default else "",
        )
        for one in rows[:SHOWN]
    ]
    return table_of(
        _("Payment methods"),
        (),
        cells,
        all_address=listed(PaymentMethod, customer) if len(rows) > SHOWN else "",
        empty=_("None. They are added where cards are taken."),
    )


def _payment_methods(whose: Any) -> Any:
    theirs = PaymentMethod.objects.visible_to(whose).filter(customer_id=whose.pk).live()
    return theirs.defer("token").order_by("-is_default", "-id")[: SHOWN + 1]


PAYMENT_METHODS = Section(_payment_methods, _payment_methods_table)
