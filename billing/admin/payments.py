"""The read-only pages of payments, refunds and payment methods."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, Greatest, Replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin import filters
from config.admin.buttons import Button, archive_button, restore_button
from config.admin.columns import column
from config.admin.lists import yes_of
from config.admin.money import amount_of
from config.admin.tables import link_to, page_name
from config.money import show_money
from config.tenancy.actors import Actor
from credits.actions import refund_payment_and_credit
from credits.models import Credit, Entry

from ..actions import prefer_payment_method, remove_payment_method, restore_payment_method
from ..models import CreditNote, Invoice, Payment, PaymentMethod
from .answers import Refunding
from .records import Records


def _refund(payment: Payment, *, amount: int, method: str, reason: str, actor: Actor) -> Payment:
    refund = Payment(refunds=payment, amount=amount, method=method, reason=reason)
    return refund_payment_and_credit(refund, actor=actor)


def _taken_by_uses() -> Subquery:
    """Return the sum of the uses of the credit that a payment was kept as: 0 or negative.

    Excludes uses that record refunds of the payment: those are already counted as refunds.
    """
    digits = Replace(Cast("pk", TextField()), Value("-"), Value(""), output_field=TextField())
    paid_out = Payment.objects.given_back().annotate(
        shown=Concat(Value(Payment.id_prefix), digits, output_field=TextField())
    )
    by_refund = paid_out.filter(
        company_id=OuterRef("company_id"),
        refunds_id=OuterRef("credit__payment_id"),
        shown=OuterRef("reference"),
    )
    entries = Entry.objects.filter(
        ~Exists(by_refund),
        company_id=OuterRef("company_id"),
        credit__payment_id=OuterRef("pk"),
        kind__in=(Entry.REDEEM, Entry.REVERSE),
    )
    sums = entries.order_by().values("credit__payment_id").values(total=Sum("amount"))
    return Subquery(sums, BigIntegerField())


def _notes_of(refund: Payment) -> Any:
    """Return the credit note of a refund: at most one row."""
    return CreditNote.objects.filter(company_id=refund.company_id, refund=refund)


@admin.register(Payment)
class PaymentAdmin(Records):
    """Payments are created where money is taken; a refund is a row of its own."""

    icon = "payments"
    joined = ("invoice",)
    also_by = ("reference",)
    search_help_text = gettext_lazy(
        "Number of the invoice, reference, or name, e-mail or phone of the customer"
    )
    list_display = (
        *("shown_kind", "shown_amount", "customer", "invoice", "shown_status"),
        *("method", "taken_at"),
    )
    list_filter = (
        ("kind", filters.FieldChoiceFilter),
        ("status", filters.FieldChoiceFilter),
        ("method", filters.FieldChoiceFilter),
        ("taken_at", filters.DayFilter),
        ("amount", filters.MoneyFilter),
    )
    shown = (
        *("customer", "shown_kind", "status_name", "shown_amount", "shown_left", "shown_method"),
        "payment_method",
        *("invoice", "refunded", "shown_notes", "reason", "reference", "taken_at"),
    )
    buttons = (
        Button(
            name="refund",
            label=gettext_lazy("Refund"),
            done=gettext_lazy("refunded"),
            asks=gettext_lazy("Refund %(name)s to %(customer)s"),
            says=gettext_lazy("Refund to %(customer)s recorded."),
            act=_refund,
            is_available=lambda payment: payment.left > 0,
            icon="currency_exchange",
            danger=True,
            many=False,
            ends=True,
            form=Refunding,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Annotate the refundable amount: for a payment kept as a credit, the unused part."""
        of_payment = {"payment_id": OuterRef("pk"), "company_id": OuterRef("company_id")}
        kept = Credit.objects.filter(**of_payment, revoked_at=None, expired_at=None)
        rows = super().get_queryset(request).with_left()
        return rows.annotate(unused=Subquery(kept.values("balance")[:1])).annotate(
            left=Greatest(F("left") + Coalesce(_taken_by_uses(), Value(0)), Value(0))
        )

    def pressed(self, request: HttpRequest, row: Any, result: Any) -> HttpResponse:
        """Redirect to the customer, with a message that names the amount and the credit note."""
        amount = show_money(result.amount, result.currency)
        notes = ", ".join(str(note) for note in _notes_of(result))
        text = _("%(amount)s given back: credit note %(notes)s.") if notes else ""
        text = text or _("%(amount)s given back.")
        messages.success(request, text % {"amount": amount, "notes": notes})
        return redirect(page_name(row.customer, "change"), row.customer_id)

    shown_left = column(
        gettext_lazy("can be refunded"),
        lambda row: show_money(row.left, row.currency) if row.left else "–",
    )
    shown_notes = column(
        gettext_lazy("credit note"),
        lambda row: (
            format_html_join(", ", "{}", ((link_to(one),) for one in _notes_of(row))) or "–"
        ),
    )

    shown_amount = amount_of("amount", gettext_lazy("amount"))

    def title_of(self, row: Payment) -> str:
        return f"{capfirst(str(row))}, {row.customer}"

    def also_meant(self, request: Any, words: str) -> list[Q]:
        invoices = Invoice.objects.visible_to(request.actor).known_as(words)
        return [Q(invoice__in=invoices)]

    refunded = column(
        gettext_lazy("gives back"), lambda row: link_to(row.refunds) if row.refunds else "–"
    )
    shown_kind = column(gettext_lazy("kind"), lambda row: capfirst(row.get_kind_display()))
    status_name = column(gettext_lazy("status"), lambda row: capfirst(row.get_status_display()))
    shown_method = column(gettext_lazy("paid by"), lambda row: capfirst(row.get_method_display()))
    shown_status = column(
        gettext_lazy("status"),
        lambda row: (row.status, capfirst(row.get_status_display())),
        label={"succeeded": "success", "failed": "danger"},
    )


@admin.register(PaymentMethod)
class PaymentMethodAdmin(Records):
    """The page of a masked payment method; it never shows the token."""

    icon = "credit_card"
    archived_says = gettext_lazy("This payment method is archived. Restore it to use it again.")
    buttons = (
        Button(
            name="prefer",
            label=gettext_lazy("Make default"),
            done=gettext_lazy("made the default"),
            asks=gettext_lazy("Make %(name)s the default?"),
            says=gettext_lazy("%(name)s is now the default payment method."),
            confirm_text=gettext_lazy("Payments use this method unless another is chosen."),
            act=prefer_payment_method,
            is_available=lambda method: not method.is_archived and not method.is_default,
            icon="star",
            many=False,
        ),
        archive_button(
            remove_payment_method,
            gettext_lazy(
                "It can no longer be used. If it is the default, the newest remaining "
                "method takes its place."
            ),
            many=False,
        ),
        restore_button(
            restore_payment_method,
            gettext_lazy("It can be used again. If there is no default, it becomes the default."),
            many=False,
        ),
    )
    list_display = ("__str__", "customer", "type", "expires", "shown_default", "life", "created_on")
    shown_default = yes_of("is_default", gettext_lazy("default"))
    list_filter = (filters.ArchivedFilter, ("type", filters.FieldChoiceFilter), filters.BY_CREATION)
    shown = (
        *("customer", "type", "brand", "bank_name", "last4", "expires", "is_default"),
        *("created_at", "archived_at"),
    )

    def get_queryset(self, request: HttpRequest) -> object:
        return super().get_queryset(request).defer("customer__search_words", "token")

    expires = column(
        gettext_lazy("expires"),
        lambda row: f"{row.exp_month:02}/{row.exp_year}" if row.exp_month else "–",
    )
