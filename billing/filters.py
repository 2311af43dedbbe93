"""Query parameters of the lists of billing (contract, section 2)."""

from typing import Any

from config.api.filtering import Choice, Filters, Key, SinceDay, UntilDay, Whole
from customers.models import Customer

from .models import Invoice


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

    customer_id = Key("customer_id", prefix=Customer.id_prefix, help_text="Of this customer.")
