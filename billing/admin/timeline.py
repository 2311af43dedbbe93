"""What a customer's timeline tells of money: payments, invoices, subscriptions."""

from typing import Any

from django.db.models import Case, F, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.access.days import DayBegins, NextDay
from config.admin.tables import label
from config.admin.timeline import Branch, Told
from config.money import show_money

from ..models import Invoice, Payment, Subscription, SubscriptionPause

MONEY, SUBSCRIPTIONS = "money", "subscriptions"
NAMES = {MONEY: gettext_lazy("Money"), SUBSCRIPTIONS: gettext_lazy("Subscriptions")}

# When it began, which may be long before it was written down.
_ANCHOR = DayBegins(F("anchor_date"), F("company__timezone"))
_BEGAN = Case(
    When(
        created_at__gte=DayBegins(NextDay(F("anchor_date")), F("company__timezone")), then=_ANCHOR
    ),
    default=F("created_at"),
)


def _payments(whose: Any) -> Any:
    return Payment.objects.visible_to(whose).filter(customer_id=whose.pk)


def _tell_payment(told: dict[str, Any]) -> Told:
    method = str(Payment.Method(told["method"]).label)
    is_refund = told["kind"] == Payment.Kind.REFUND
    text = _("Given back by %(method)s") if is_refund else _("Paid by %(method)s")
    failed = label(_("Failed"), "danger") if told["status"] == Payment.Status.FAILED else ""
    amount = show_money(told["amount"], told["currency"])
    return Told(
        text % {"method": method},
        details=[told["invoice"]],
        mark=failed,
        amount=f"−{amount}" if is_refund else amount,
    )


def _invoices(moment: str) -> Any:
    def rows(whose: Any) -> Any:
        theirs = Invoice.objects.visible_to(whose).filter(customer_id=whose.pk)
        return theirs.filter(**{f"{moment}__isnull": False})

    return rows


def _tell_invoice(sentence: Any) -> Any:
    def tell(told: dict[str, Any]) -> Told:
        number = told["number"] or _("Draft")
        amount = show_money(told["total"], told["currency"])
        return Told(str(sentence) % {"invoice": number}, amount=amount)

    return tell


def _invoice(moment: str, sentence: Any) -> Branch:
    fields = {name: F(name) for name in ("number", "total", "currency")}
    tell = _tell_invoice(sentence)
    return Branch(MONEY, "receipt_long", _invoices(moment), moment, fields, tell, Invoice)


def _subscriptions(moment: str = "") -> Any:
    def rows(whose: Any) -> Any:
        theirs = Subscription.objects.visible_to(whose).filter(customer_id=whose.pk)
        return theirs.filter(**{f"{moment}__isnull": False}) if moment else theirs

    return rows


def _pauses(whose: Any) -> Any:
    return SubscriptionPause.objects.visible_to(whose).filter(subscription__customer_id=whose.pk)


def _subscription(sentence: Any, moment: Any = _BEGAN, rows: Any = None, of: str = "pk") -> Branch:
    def tell(told: dict[str, Any]) -> Told:
        return Told(str(sentence) % {"plan": told["plan"]})

    plan = "plan__name" if of == "pk" else "subscription__plan__name"
    rows = rows or _subscriptions(moment if isinstance(moment, str) else "")
    return Branch(
        SUBSCRIPTIONS, "autorenew", rows, moment, {"plan": F(plan)}, tell, Subscription, of
    )


BRANCHES = (
    Branch(
        MONEY,
        "payments",
        _payments,
        "taken_at",
        {
            **{name: F(name) for name in ("kind", "status", "amount", "currency", "method")},
            "invoice": F("invoice__number"),
        },
        _tell_payment,
        Payment,
    ),
    _invoice("issued_at", gettext_lazy("Invoice %(invoice)s issued")),
    _invoice("voided_at", gettext_lazy("Invoice %(invoice)s voided")),
    _subscription(gettext_lazy("Subscription to %(plan)s began")),
    *(
        _subscription(sentence, moment, _pauses, "subscription_id")
        for sentence, moment in (
            (gettext_lazy("Subscription to %(plan)s paused"), "paused_at"),
            (gettext_lazy("Subscription to %(plan)s resumed"), "resumed_at"),
        )
    ),
    _subscription(gettext_lazy("Subscription to %(plan)s paused"), "paused_at"),
    _subscription(gettext_lazy("Subscription to %(plan)s suspended"), "suspended_at"),
    _subscription(gettext_lazy("Subscription to %(plan)s cancelled"), "cancelled_at"),
)
