"""The pages of invoices: draft, issue, void."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import ChoiceFilter, DayFilter, MoneyFilter, titled
from config.admin.find import Found, describe
from config.admin.money import MoneyField, amount_of
from config.admin.taxes import TaxedForm
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.money_fields import MOST
from credits.actions import give_back_credits, void_sale
from credits.models import Entry

from ..actions import create_invoice, issue_invoice, reduce_invoice, take_payment, write_off_invoice
from ..models import Invoice, InvoiceLine, Payment
from .answers import Reducing, TakingPayment, WritingOff
from .invoice_lines import InvoiceCreditNotes, InvoiceLines, InvoicePayments
from .prices import in_words
from .records import Records
from .voiding import GivingBackCredits, Voiding

Status = Invoice.Status
OPEN = "open"


class InvoiceForm(TaxedForm):
    discount = MoneyField(label=gettext_lazy("Discount"), most=MOST, initial=0)


def status_name(invoice: Invoice) -> str:
    return str(capfirst(Status(invoice.status).label))


class StatusFilter(ChoiceFilter):
    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        statuses = [(status.value, capfirst(status.label)) for status in Status]
        return [(OPEN, gettext_lazy("To pay")), *statuses]

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.unpaid() if chosen == OPEN else rows.in_status(chosen)


def is_owed(invoice: Any) -> bool:
    """Whether something of an invoice is still to be paid."""
    return invoice.issued_at is not None and invoice.balance > 0


def has_credits_to_give_back(invoice: Invoice) -> bool:
    """Whether the invoice was paid by credits that can be given back."""
    if not invoice.covered or invoice.voided_at is not None:
        return False
    uses = Entry.objects.filter(company_id=invoice.company_id).paying_for(invoice)
    return uses.returnable().exists()


def _take_payment(invoice: Invoice, *, actor: Actor, **fields: Any) -> Payment:
    return take_payment(Payment(invoice=invoice, **fields), actor=actor)


def _taxes_of(invoice: Invoice) -> str:
    """Return the tax of each rate, such as “£10.00 (20% included)”."""
    shown = []
    for one in invoice.taxes:
        line = InvoiceLine(tax_rate=Decimal(str(one["tax_rate"])), tax_behavior=one["tax_behavior"])
        shown.append(f"{show_money(one['tax'], invoice.currency)} ({in_words(line)})")
    return ", ".join(shown)


@admin.register(Invoice)
class InvoiceAdmin(Records):
    """An invoice is drafted with all its lines and not edited afterwards."""

    icon = "receipt_long"
    added_says = gettext_lazy("Invoice for %(customer)s saved as a draft.")
    form = InvoiceForm
    for_new = {"help_texts": {"due_on": gettext_lazy("Leave empty if it is never overdue.")}}
    creates = staticmethod(create_invoice)
    makes = gettext_lazy("Create invoice")
    buttons = (
        Button(
            name="issue",
            label=gettext_lazy("Issue"),
            done=gettext_lazy("issued"),
            asks=gettext_lazy("Issue the invoice to %(customer)s?"),
            says=gettext_lazy("Invoice issued to %(customer)s."),
            confirm_text=gettext_lazy(
                "The invoice gets the next number, and its total is to be paid."
            ),
            act=issue_invoice,
            is_available=lambda invoice: invoice.status == Status.DRAFT,
            icon="send",
        ),
        Button(
            name="pay",
            label=gettext_lazy("Record a payment"),
            done=gettext_lazy("payment recorded"),
            asks=gettext_lazy("Record a payment for %(name)s"),
            says=gettext_lazy("Payment for %(name)s recorded."),
            act=_take_payment,
            is_available=is_owed,
            icon="payments",
            many=False,
            ends=True,
            form=TakingPayment,
        ),
        Button(
            name="reduce",
            label=gettext_lazy("Reduce"),
            done=gettext_lazy("reduced"),
            asks=gettext_lazy("Reduce %(name)s of %(customer)s"),
            says=gettext_lazy("%(name)s of %(customer)s reduced."),
            act=reduce_invoice,
            is_available=is_owed,
            icon="remove",
            many=False,
            ends=True,
            form=Reducing,
        ),
        Button(
            name="write-off",
            label=gettext_lazy("Write off"),
            done=gettext_lazy("written off"),
            asks=gettext_lazy("Write off %(name)s of %(customer)s"),
            says=gettext_lazy("%(name)s of %(customer)s written off."),
            act=write_off_invoice,
            is_available=is_owed,
            icon="money_off",
            danger=True,
            many=False,
            ends=True,
            form=WritingOff,
        ),
        Button(
            name="give-back",
            label=gettext_lazy("Give back credits"),
            done=gettext_lazy("credits given back"),
            asks=gettext_lazy("Give back the credits that paid for %(name)s"),
            says=gettext_lazy("Credits that paid for %(name)s given back to %(customer)s."),
            act=give_back_credits,
            is_available=has_credits_to_give_back,
            icon="undo",
            danger=True,
            many=False,
            ends=True,
            form=GivingBackCredits,
        ),
        Button(
            name="void",
            label=gettext_lazy("Void"),
            done=gettext_lazy("voided"),
            asks=gettext_lazy("Void %(name)s of %(customer)s?"),
            says=gettext_lazy("%(name)s of %(customer)s voided."),
            act=void_sale,
            is_available=lambda invoice: invoice.voided_at is None,
            icon="block",
            danger=True,
            many=False,
            ends=True,
            form=Voiding,
        ),
    )
    search_help_text = gettext_lazy("Number, or name, e-mail or phone of the customer")
    autocomplete_fields = ("customer",)
    list_display = (
        *("__str__", "customer", "shown_status", "shown_total", "shown_balance"),
        *("issued_on", "due_on"),
    )
    list_filter = (
        StatusFilter,
        ("issued_at", titled(DayFilter, gettext_lazy("issued"))),
        ("due_on", DayFilter),
        ("total", MoneyFilter),
    )
    asked = (
        *("customer", "due_on", "tax_rate", "tax_behavior"),
        *("discount", "discount_description"),
    )
    shown = (
        *("number", "customer", "status_name", "issued_at", "due_on", "paid_at", "voided_at"),
        *("shown_subtotal", "shown_discount", "discount_description", "shown_tax", "shown_rate"),
        *("shown_total", "shown_paid", "shown_covered", "shown_reduced", "shown_balance"),
        *("payment_method", "external_id"),
    )

    shown_subtotal = amount_of("subtotal", gettext_lazy("subtotal"))
    shown_discount = amount_of("discount", gettext_lazy("discount"))
    shown_tax = amount_of("tax", gettext_lazy("tax"))
    shown_total = amount_of("total", gettext_lazy("total"))
    shown_paid = amount_of("amount_paid", gettext_lazy("paid"))
    shown_covered = amount_of("covered", gettext_lazy("paid by credits"))
    shown_reduced = amount_of("reduced", gettext_lazy("reduced"))
    shown_balance = amount_of("balance", gettext_lazy("to pay"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_standing().with_amounts()

    def also_meant(self, request: Any, words: str) -> list[Q]:
        found = Invoice.objects.visible_to(request.actor).known_as(words)
        return [Q(pk__in=found)]

    def find(self, request: Any, wanted: str, most: int) -> list[Found]:
        found = Invoice.objects.visible_to(request.actor).known_as(wanted)
        rows = self.get_queryset(request).filter(pk__in=found)
        typed = {wanted, wanted.upper()}
        return [self._as_found(invoice, typed) for invoice in rows.order_by("-number")]

    def _as_found(self, invoice: Invoice, typed: set[str]) -> Found:
        amount = show_money(invoice.total, invoice.currency)
        return describe(
            self,
            invoice,
            facts=(str(invoice.customer), amount, status_name(invoice)),
            is_exact=not typed.isdisjoint({invoice.number, invoice.external_id}),
        )

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [InvoiceLines, *([] if obj is None else [InvoicePayments, InvoiceCreditNotes])]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Do nothing: `save_related` saves the invoice together with its lines."""

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        lines = [line for formset in formsets for line in formset.save(commit=False)]
        self.creates(form.instance, lines=lines, actor=request.actor)

    def links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Add a link to the till while the invoice has a balance."""
        links = super().links(request, row)
        if row.balance and request.user.has_perm("billing.add_invoice"):
            till = reverse("admin:customers_customer_till", args=[row.customer_id])
            path = f"{till}?owed=invoice:{row.pk}"
            links.insert(0, {"title": _("Till"), "icon": "point_of_sale", "path": path})
        return links

    issued_on = column(
        gettext_lazy("issued"),
        lambda row: date_format(timezone.localdate(row.issued_at)) if row.issued_at else "–",
        exports=lambda row: row.issued_at and timezone.localdate(row.issued_at),
        ordering="issued_at",
    )
    shown_rate = column(gettext_lazy("of which"), _taxes_of)

    shown_status = column(
        gettext_lazy("status"),
        lambda row: (row.status, status_name(row)),
        label={
            Status.DRAFT.value: "default",
            Status.PENDING.value: "info",
            Status.PAID.value: "success",
            Status.OVERDUE.value: "danger",
            Status.VOID.value: "default",
        },
    )
    status_name = column(gettext_lazy("status"), status_name)
