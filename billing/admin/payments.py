"""Money that came in and went back, and what customers pay with: to be read."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.admin.buttons import Button
from config.admin.filters import (
    ArchivedFilter,
    CreatedFilter,
    DayFilter,
    FieldChoiceFilter,
    MoneyFilter,
)
from config.admin.lists import yes_of
from config.admin.money import amount_of
from config.admin.tables import link_to
from customers.shapes.shown import METHOD

from ..actions import prefer_payment_method, remove_payment_method
from ..models import Invoice, Payment, PaymentMethod
from ..shapes.shown import PAYMENT
from .records import Records


@admin.register(Payment)
class PaymentPages(Records):
    """Payments are written by what takes the money, and stay as they were written."""

    icon = "payments"
    known_as = {PAYMENT: "pk"}
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
        ("kind", FieldChoiceFilter),
        ("status", FieldChoiceFilter),
        ("method", FieldChoiceFilter),
        ("taken_at", DayFilter),
        ("amount", MoneyFilter),
    )
    shown = (
        *("customer", "kind", "status", "shown_amount", "method", "payment_method"),
        *("invoice", "refunded", "reference", "taken_at"),
    )

    shown_amount = amount_of("amount", gettext_lazy("amount"))

    def also_meant(self, request: Any, words: str) -> list[Q]:
        invoices = Invoice.objects.visible_to(request.actor).known_as(words)
        return [Q(invoice__in=invoices)]

    @display(description=gettext_lazy("gives back"))
    def refunded(self, payment: Payment) -> Any:
        return link_to(payment.refunds) if payment.refunds else ""

    @display(description=gettext_lazy("kind"))
    def shown_kind(self, payment: Payment) -> str:
        return capfirst(payment.get_kind_display())

    @display(
        description=gettext_lazy("status"),
        label={"succeeded": "success", "failed": "danger"},
    )
    def shown_status(self, payment: Payment) -> tuple[str, str]:
        return payment.status, capfirst(payment.get_status_display())


@admin.register(PaymentMethod)
class PaymentMethodPages(Records):
    """What a processor holds, masked; its token is shown to nobody."""

    icon = "credit_card"
    known_as = {METHOD: "pk"}
    archived_says = gettext_lazy("This was removed. It is added again from where cards are taken.")
    buttons = (
        Button(
            name="prefer",
            label=gettext_lazy("Make default"),
            done=gettext_lazy("made the default"),
            asks=gettext_lazy("The customer pays with this unless told otherwise."),
            act=prefer_payment_method,
            fits=lambda method: not method.is_archived and not method.is_default,
            icon="star",
            many=False,
        ),
        Button(
            name="archive",
            label=gettext_lazy("Archive"),
            done=gettext_lazy("archived"),
            asks=gettext_lazy(
                "Nothing is paid with it any more, and it does not come back. If it is the "
                "default, the newest one that is left takes its place."
            ),
            act=remove_payment_method,
            fits=lambda method: not method.is_archived,
            icon="archive",
            danger=True,
            many=False,
        ),
    )
    list_display = ("__str__", "customer", "type", "expires", "shown_default", "life", "created_on")
    shown_default = yes_of("is_default", gettext_lazy("default"))
    list_filter = (ArchivedFilter, ("type", FieldChoiceFilter), ("created_at", CreatedFilter))
    shown = (
        *("customer", "type", "brand", "bank_name", "last4", "expires", "is_default"),
        *("created_at", "archived_at"),
    )

    def get_queryset(self, request: HttpRequest) -> object:
        return super().get_queryset(request).defer("customer__search_words", "token")

    @display(description=gettext_lazy("expires"))
    def expires(self, method: PaymentMethod) -> str:
        return f"{method.exp_month:02}/{method.exp_year}" if method.exp_month else "–"
