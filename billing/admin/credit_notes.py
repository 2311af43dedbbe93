"""The read-only pages of credit notes."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from config.admin import filters
from config.admin.columns import column
from config.admin.money import amount_of
from config.admin.tables import link_to

from ..models import CreditNote, CreditNoteTax, Invoice
from .prices import in_words
from .records import Lines, Records


class CreditNoteTaxes(Lines):
    model = CreditNoteTax
    verbose_name_plural = gettext_lazy("By tax rate")
    ordering = ("tax_rate",)
    joined = ("credit_note",)
    shown = ("shown_rate", "shown_amount", "shown_tax")

    shown_rate = column(gettext_lazy("rate"), in_words)
    shown_amount = amount_of("amount", gettext_lazy("amount"), currency="credit_note.currency")
    shown_tax = amount_of("tax", gettext_lazy("tax"), currency="credit_note.currency")


@admin.register(CreditNote)
class CreditNoteAdmin(Records):
    """Credit notes are created by refunds and reductions, and never change."""

    icon = "receipt"
    joined = ("invoice",)
    also_by = ("number",)
    inlines = (CreditNoteTaxes,)
    search_help_text = gettext_lazy(
        "Number, number of the invoice, or name, e-mail or phone of the customer"
    )
    list_display = ("number", "shown_kind", "customer", "invoice", "shown_total", "issued_at")
    list_filter = (
        ("kind", filters.FieldChoiceFilter),
        ("issued_at", filters.titled(filters.DayFilter, gettext_lazy("issued"))),
        ("total", filters.MoneyFilter),
    )
    shown = (
        *("number", "customer", "shown_kind", "shown_invoice", "shown_refund"),
        *("shown_total", "shown_tax", "reason", "issued_at"),
    )

    shown_total = amount_of("total", gettext_lazy("total"))
    shown_tax = amount_of("tax", gettext_lazy("tax"))
    shown_kind = column(gettext_lazy("kind"), lambda row: capfirst(row.get_kind_display()))
    shown_invoice = column(gettext_lazy("invoice"), lambda row: link_to(row.invoice))
    shown_refund = column(
        gettext_lazy("refund"),
        lambda row: link_to(row.refund, capfirst(str(row.refund))) if row.refund else "–",
    )

    def also_meant(self, request: Any, words: str) -> list[Q]:
        invoices = Invoice.objects.visible_to(request.actor).known_as(words)
        return [Q(invoice__in=invoices)]
