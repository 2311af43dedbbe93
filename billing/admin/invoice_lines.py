"""The tables on the page of an invoice: its lines, its payments and its credit notes."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from config.admin.columns import column
from config.admin.money import MoneyField, MoneyForm, amount_of
from config.admin.taxes import PercentField
from config.tenancy.money_fields import MOST

from ..models import CreditNote, InvoiceLine, Payment
from .prices import in_words
from .records import Lines


class LineForm(MoneyForm):
    unit_price = MoneyField(label=gettext_lazy("Price each"), most=MOST)
    tax_rate = PercentField(label=gettext_lazy("Another tax in percent"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show each label inside its field too: a narrow table has no headings."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("placeholder", field.label or "")


class InvoiceLines(Lines):
    model = InvoiceLine
    form = LineForm
    verbose_name_plural = gettext_lazy("What it is for")
    ordering = ("position",)
    shown = ("description", "quantity", "shown_price", "shown_rate", "shown_total")
    joined = ("invoice",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        asked = ("description", "quantity", "unit_price", "tax_rate")
        return asked if obj is None else self.shown

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 3 if obj is None else 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None

    shown_price = amount_of("unit_price", gettext_lazy("price each"), currency="invoice.currency")
    shown_rate = column(gettext_lazy("tax"), in_words)
    shown_total = amount_of("total", gettext_lazy("total"), currency="invoice.currency")


class InvoicePayments(Lines):
    model = Payment
    verbose_name_plural = gettext_lazy("What was paid for it")
    ordering = ("id",)
    joined = ("invoice",)
    shown = ("taken_at", "kind", "status", "shown_amount", "method", "reference")

    shown_amount = amount_of("amount", gettext_lazy("amount"))


class InvoiceCreditNotes(Lines):
    model = CreditNote
    verbose_name_plural = gettext_lazy("What was taken back of it")
    ordering = ("number",)
    joined = ("invoice",)
    shown = ("number", "kind", "shown_total", "shown_tax", "reason", "issued_at")

    shown_total = amount_of("total", gettext_lazy("total"))
    shown_tax = amount_of("tax", gettext_lazy("tax"))
