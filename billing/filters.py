"""Query parameters of the lists of billing (contract, section 2)."""

from typing import Any

from config.api.filtering import Choice, Filters, Key, Moment, SinceDay, UntilDay, Whole
from customers.filters import CustomerKey

from .models import CreditNote, Invoice, Payment

_UNIT = "in the smallest unit of its currency"


class CustomerInvoiceFilters(Filters):
    """Filters for the invoices of one customer."""

    status = Choice(
        *Invoice.Status.values,
        method="in_status",
        help_text="Only invoices in this status. `overdue`: due before today and not paid. Absent: "
        "invoices of every status.",
    )
    date_from = SinceDay(
        "issued_at",
        help_text="Only invoices issued on this day of the company's calendar or later; drafts are "
        "left out.",
    )
    date_to = UntilDay(
        "issued_at",
        help_text="Only invoices issued on this day of the company's calendar or before; drafts "
        "are left out.",
    )
    min_amount = Whole(
        "total", "gte", help_text=f"Only invoices whose total is this or more, {_UNIT}."
    )
    max_amount = Whole(
        "total", "lte", help_text=f"Only invoices whose total is this or less, {_UNIT}."
    )

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)


class InvoiceFilters(CustomerInvoiceFilters):
    """Filters for invoices."""

    customer_id = CustomerKey("customer_id")


class PaymentFilters(Filters):
    """Filters for payments and refunds."""

    customer_id = CustomerKey("customer_id")
    invoice_id = Key(
        "invoice_id",
        prefix=Invoice.id_prefix,
        help_text="Only payments and refunds of this invoice.",
    )
    kind = Choice(
        *Payment.Kind.values, help_text="Only entries of this kind. Absent: payments and refunds."
    )
    status = Choice(
        *Payment.Status.values,
        help_text="Only entries in this status. Absent: entries of every status, failed ones too.",
    )
    method = Choice(
        *Payment.Method.values,
        help_text="Only what was paid or given back by this method. Absent: by every method.",
    )
    taken_after = Moment(
        "taken_at", "gt", help_text="Only what was paid or given back after this moment."
    )
    taken_before = Moment(
        "taken_at", "lt", help_text="Only what was paid or given back before this moment."
    )


class CreditNoteFilters(Filters):
    """Filters for credit notes."""

    customer_id = CustomerKey("customer_id")
    invoice_id = Key(
        "invoice_id",
        prefix=Invoice.id_prefix,
        help_text="Only credit notes that correct this invoice.",
    )
    kind = Choice(
        *CreditNote.Kind.values,
        help_text="Only credit notes of this kind. Absent: credit notes of every kind.",
    )
    issued_after = Moment(
        "issued_at", "gt", help_text="Only credit notes issued after this moment."
    )
    issued_before = Moment(
        "issued_at", "lt", help_text="Only credit notes issued before this moment."
    )
