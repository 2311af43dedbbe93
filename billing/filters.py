"""Query parameters of the lists of billing (contract, section 2)."""

from typing import Any

from config.api.filtering import Choice, Filters, Key, Moment, SinceDay, UntilDay, Whole
from customers.filters import CustomerKey

from .models import CreditNote, Invoice, Payment


class CustomerInvoiceFilters(Filters):
    """How an app goes through the invoices of one customer."""

    status = Choice(*Invoice.Status.values, method="in_status")
    date_from = SinceDay(
        "issued_at",
        help_text="Issued on this day of the company's calendar or later; drafts were not.",
    )
    date_to = UntilDay(
        "issued_at",
        help_text="Issued on this day of the company's calendar or before; drafts were not.",
    )
    min_amount = Whole("total", "gte", help_text="The total is this or more.")
    max_amount = Whole("total", "lte", help_text="The total is this or less.")

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)


class InvoiceFilters(CustomerInvoiceFilters):
    """How an app goes through all invoices."""

    customer_id = CustomerKey("customer_id", help_text="Of this customer.")


class PaymentFilters(Filters):
    """How an app goes through payments and refunds."""

    customer_id = CustomerKey("customer_id", help_text="Of this customer.")
    invoice_id = Key("invoice_id", prefix=Invoice.id_prefix, help_text="For this invoice.")
    kind = Choice(*Payment.Kind.values, help_text="Absent: payments and refunds.")
    status = Choice(*Payment.Status.values, help_text="Absent: those that failed too.")
    method = Choice(*Payment.Method.values, help_text="Absent: by every method.")
    taken_after = Moment("taken_at", "gt", help_text="Taken, or given back, later than this.")
    taken_before = Moment("taken_at", "lt", help_text="Taken, or given back, earlier than this.")


class CreditNoteFilters(Filters):
    """How an app goes through credit notes."""

    customer_id = CustomerKey("customer_id", help_text="Of this customer.")
    invoice_id = Key("invoice_id", prefix=Invoice.id_prefix, help_text="Of this invoice.")
    kind = Choice(*CreditNote.Kind.values, help_text="Absent: credit notes of every kind.")
    issued_after = Moment("issued_at", "gt", help_text="Issued later than this.")
    issued_before = Moment("issued_at", "lt", help_text="Issued earlier than this.")
