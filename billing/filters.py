"""Query parameters of the lists of billing (contract, section 2)."""

from typing import Any

from config.api.filtering import Choice, Day, Filters, Key, Switch, Whole
from customers.shapes.shown import CUSTOMER

from .models import Invoice


class CustomerInvoiceFilters(Filters):
    """How an app goes through the invoices of one customer."""

    status = Choice(*Invoice.Status.values, method="in_status")
    date_from = Day(
        method="issued_from",
        help_text="Issued on this day of the company's calendar or later; drafts were not.",
    )
    date_to = Day(
        method="issued_until",
        help_text="Issued on this day of the company's calendar or before; drafts were not.",
    )
    min_amount = Whole("total", "gte", help_text="The total is this or more.")
    max_amount = Whole("total", "lte", help_text="The total is this or less.")

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)

    def issued_from(self, rows: Any, name: str, value: Any) -> Any:
        return rows.issued_from(value)

    def issued_until(self, rows: Any, name: str, value: Any) -> Any:
        return rows.issued_until(value)


class InvoiceFilters(CustomerInvoiceFilters):
    """How an app goes through all invoices."""

    customer_id = Key("customer_id", prefix=CUSTOMER, help_text="Of this customer.")


class PlanFilters(Filters):
    """How an app goes through plans."""

    archived = Switch(method="only_archived", help_text="Absent: archived plans too, flagged.")

    def only_archived(self, rows: Any, name: str, value: bool) -> Any:
        return rows.archived() if value else rows.live()
