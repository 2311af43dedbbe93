"""The sections about money on a customer's page: subscriptions and payment methods."""

from collections import Counter
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.tables import Section, label, link_to
from config.money import show_money, show_sums
from customers.models import Customer

from ..actions.tax import gross_of
from ..models import Invoice, PaymentMethod, Subscription

# The page adds up at most this many balances.
ADDED_UP = 200

STATE_COLOURS: dict[str, str] = {
    Subscription.State.ACTIVE: "success",
    Subscription.State.PAUSED: "warning",
    Subscription.State.SUSPENDED: "danger",
    Subscription.State.CANCELLED: "default",
}
# A subscription of an archived customer does not renew or grant, whatever its own state is.
OF_ARCHIVED = ("archived", gettext_lazy("Customer archived"))


def unpaid_invoices(whose: Any) -> Any:
    """Return a customer's unpaid invoices, those due first at the top."""
    theirs = Invoice.objects.visible_to(whose).filter(customer_id=whose.pk).unpaid()
    return theirs.with_standing().with_amounts().order_by("due_on", "id")


def open_invoices(whose: Any) -> Any:
    """Return a customer's invoices and drafts that are neither paid nor void."""
    theirs = Invoice.objects.visible_to(whose).filter(customer_id=whose.pk).unsettled()
    return theirs.with_amounts().order_by("due_on", "id")


def sums_of(*parts: list[Any]) -> str:
    """Return the sum of the balances for each currency, such as £45.00; "" for no rows."""
    sums: Counter[str] = Counter()
    for row in (row for part in parts for row in part[:ADDED_UP]):
        sums[row.currency] += row.balance
    text = show_sums(sums)
    has_more = any(len(part) > ADDED_UP for part in parts)
    return _("more than %(sum)s") % {"sum": text} if has_more else text


def live_subscriptions(whose: Any) -> Any:
    """Return a customer's subscriptions that were not cancelled, newest first."""
    theirs = Subscription.objects.visible_to(whose).filter(customer_id=whose.pk)
    return theirs.live().select_related("plan").newest_first()


def state_of(subscription: Subscription, customer: Customer) -> tuple[str, str]:
    """Return the state of a customer's subscription and its name."""
    state = Subscription.State(subscription.state)
    if customer.is_archived and state != Subscription.State.CANCELLED:
        return OF_ARCHIVED[0], str(OF_ARCHIVED[1])
    return state, capfirst(str(state.label))


def renewal_of(subscription: Subscription, customer: Customer) -> str:
    """Return the day on which a customer's subscription renews, or a dash if it does not."""
    day = None if customer.is_archived else subscription.renewal_date
    return date_format(day) if day else "–"


def _subscription_cells(one: Subscription, customer: Customer) -> tuple[Any, ...]:
    price = show_money(gross_of(one.plan), one.plan.currency)
    state, name = state_of(one, customer)
    if one.paused_until and state == Subscription.State.PAUSED:
        name = _("Paused until %(day)s") % {"day": date_format(one.paused_until)}
    return (
        link_to(one, one.plan),
        _("%(price)s %(period)s") % {"price": price, "period": one.get_billing_period_display()},
        renewal_of(one, customer),
        label(name, STATE_COLOURS.get(state, "default")),
    )


SUBSCRIPTIONS = Section(
    model=Subscription,
    title=gettext_lazy("Subscriptions"),
    headers=(
        *(gettext_lazy("plan"), gettext_lazy("price")),
        *(gettext_lazy("renews on"), gettext_lazy("state")),
    ),
    rows=live_subscriptions,
    cells=_subscription_cells,
    empty=gettext_lazy("Not signed up for a plan."),
    add=gettext_lazy("Sign them up"),
)


def _payment_methods(whose: Any) -> Any:
    """Return a customer's payment methods, the default first, without their tokens."""
    theirs = PaymentMethod.objects.visible_to(whose).filter(customer_id=whose.pk).live()
    return theirs.defer("token").order_by("-is_default", "-id")


def _payment_method_cells(one: PaymentMethod, customer: Customer) -> tuple[Any, ...]:
    month = {"month": one.exp_month, "year": one.exp_year}
    return (
        link_to(one),
        _("until %(month)02d/%(year)d") % month if one.exp_month else "",
        "",
        label(_("Default"), "info") if one.is_default else "",
    )


PAYMENT_METHODS = Section(
    model=PaymentMethod,
    title=gettext_lazy("Payment methods"),
    rows=_payment_methods,
    cells=_payment_method_cells,
    empty=gettext_lazy("None. Customers add them where they pay by card."),
)
