"""Payments, invoices and subscriptions in a customer's timeline."""

from datetime import date
from typing import Any

from django.db.models import Case, F, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.tables import label
from config.admin.timeline import Branch, TimelineEntry, fields
from config.money import show_money
from config.tenancy.days import DayBegins, NextDay

from ..models import CreditNote, Invoice, Payment, Subscription, SubscriptionPause

MONEY, SUBSCRIPTIONS = "money", "subscriptions"
NAMES = {MONEY: gettext_lazy("Money"), SUBSCRIPTIONS: gettext_lazy("Subscriptions")}

# The time at which a subscription began, which may be long before its row was created.
_ANCHOR = DayBegins(F("anchor_date"), F("company__timezone"))
_BEGAN = Case(
    When(
        created_at__gte=DayBegins(NextDay(F("anchor_date")), F("company__timezone")), then=_ANCHOR
    ),
    default=F("created_at"),
)


def _describe_payment(values: dict[str, Any]) -> TimelineEntry:
    method = str(Payment.Method(values["method"]).label)
    is_refund = values["kind"] == Payment.Kind.REFUND
    text = _("Given back by %(method)s") if is_refund else _("Paid by %(method)s")
    failed = label(_("Failed"), "danger") if values["status"] == Payment.Status.FAILED else ""
    amount = show_money(values["amount"], values["currency"])
    return TimelineEntry(
        text % {"method": method},
        details=[values["invoice"], values["reason"]],
        mark=failed,
        amount=f"−{amount}" if is_refund else amount,
    )


def _invoice(moment: str, sentence: Any) -> Branch:
    def describe(values: dict[str, Any]) -> TimelineEntry:
        number = values["number"] or _("Draft")
        amount = show_money(values["total"], values["currency"])
        return TimelineEntry(str(sentence) % {"invoice": number}, amount=amount)

    rows = Invoice.objects.filter(**{f"{moment}__isnull": False})
    shown = fields("number", "total", "currency")
    return Branch(MONEY, "receipt_long", rows, moment, shown, describe, Invoice)


def _describe_note(values: dict[str, Any]) -> TimelineEntry:
    kind = str(CreditNote.Kind(values["kind"]).label)
    facts = {"note": values["number"], "invoice": values["invoice"], "kind": kind}
    return TimelineEntry(
        _("Credit note %(note)s of invoice %(invoice)s: %(kind)s") % facts,
        details=[values["reason"]],
        amount=f"−{show_money(values['total'], values['currency'])}",
    )


def _plan(sentence: Any) -> Any:
    return lambda values: TimelineEntry(str(sentence) % {"plan": values["plan"]})


def _describe_pause(values: dict[str, Any]) -> TimelineEntry:
    until = _("until %(day)s") % {"day": _day(values["until"])} if values.get("until") else ""
    text = _("Subscription to %(plan)s paused") % {"plan": values["plan"]}
    return TimelineEntry(text, details=[until, values["reason"]])


def _day(value: Any) -> str:
    return date_format(value if isinstance(value, date) else date.fromisoformat(value))


def _subscription(sentence: Any, moment: Any = _BEGAN) -> Branch:
    rows, values = Subscription.objects.all(), {"plan": "plan__name"}
    if isinstance(moment, str):
        rows = rows.filter(**{f"{moment}__isnull": False})
    return Branch(SUBSCRIPTIONS, "autorenew", rows, moment, values, _plan(sentence), Subscription)


def _at_rest() -> Branch:
    """Return the branch of pauses that have not ended."""
    values = {"plan": "plan__name", "until": "paused_until", "reason": "pause_reason"}
    rows = Subscription.objects.filter(paused_at__isnull=False)
    return Branch(
        SUBSCRIPTIONS, "autorenew", rows, "paused_at", values, _describe_pause, Subscription
    )


def _pause(describe: Any, moment: str) -> Branch:
    return Branch(
        SUBSCRIPTIONS,
        "autorenew",
        SubscriptionPause.objects.all(),
        moment,
        {"plan": "subscription__plan__name", "reason": "reason"},
        describe,
        Subscription,
        of="subscription_id",
        whose="subscription__customer_id",
    )


BRANCHES = (
    Branch(
        MONEY,
        "payments",
        Payment.objects.all(),
        "taken_at",
        fields(
            *("kind", "status", "amount", "currency", "method", "reason"), invoice="invoice__number"
        ),
        _describe_payment,
        Payment,
    ),
    # Leave out credit notes of refunds: the timeline already shows the refund.
    Branch(
        MONEY,
        "receipt",
        CreditNote.objects.exclude(kind=CreditNote.Kind.REFUND),
        "issued_at",
        fields("number", "kind", "total", "currency", "reason", invoice="invoice__number"),
        _describe_note,
        CreditNote,
    ),
    _invoice("issued_at", gettext_lazy("Invoice %(invoice)s issued")),
    _invoice("voided_at", gettext_lazy("Invoice %(invoice)s voided")),
    _subscription(gettext_lazy("Subscription to %(plan)s began")),
    _pause(_describe_pause, "paused_at"),
    _pause(_plan(gettext_lazy("Subscription to %(plan)s resumed")), "resumed_at"),
    _at_rest(),
    _subscription(gettext_lazy("Subscription to %(plan)s suspended"), "suspended_at"),
    _subscription(gettext_lazy("Subscription to %(plan)s cancelled"), "cancelled_at"),
)
