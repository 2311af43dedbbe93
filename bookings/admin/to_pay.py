"""The section with a customer's unpaid rows on the customer's page."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.admin.customer_sections import ADDED_UP, sums_of, unpaid_invoices
from billing.models import Invoice
from config.admin.tables import SHOWN, adding, label, link_to, listed, table_of
from config.money import show_money
from config.times import show_span
from customers.models import Customer

from ..models import Booking, MediaPurchase
from .columns import what

HEADERS = (*(gettext_lazy("what"), gettext_lazy("when"), gettext_lazy("to pay")), "")
PARTS = ("invoices", "appointments", "places", "media_to_pay")


def parts_to_pay(whose: Any) -> dict[str, Any]:
    """Return a customer's unpaid rows: open invoices, and bookings and media without an invoice."""
    bookings = Booking.objects.visible_to(whose).to_pay()
    bookings = bookings.select_related("service", "event_date__event").order_by("starts_at", "id")
    media = MediaPurchase.objects.visible_to(whose).filter(customer_id=whose.pk).to_pay()
    parts = {
        "invoices": unpaid_invoices(whose),
        "appointments": bookings.appointments().filter(customer_id=whose.pk),
        "places": bookings.places().filter(transaction__customer_id=whose.pk),
        "media_to_pay": media.select_related("media").order_by("id"),
    }
    return {name: parts[name][: ADDED_UP + 1] for name in PARTS}


def to_pay(found: dict[str, list[Any]], customer: Customer, request: Any) -> dict[str, Any]:
    """Return the table of a customer's unpaid rows, with the sum in each currency."""
    parts = [found[name] for name in PARTS]
    rows = [row for part in parts for row in part]
    return table_of(
        _("To pay"),
        HEADERS,
        [_cells(row) for row in rows[:SHOWN]],
        sums=sums_of(*parts),
        all_address=listed(Invoice, customer) if len(parts[0]) > SHOWN else "",
        empty=_("Nothing is to be paid."),
        **adding(request, Invoice, customer, _("Write an invoice")),
    )


def describe_owed(row: Any) -> tuple[str, str]:
    """Return the name of an unpaid row, and its date or due date."""
    if isinstance(row, Invoice):
        due = _("due %(day)s") % {"day": date_format(row.due_on)} if row.due_on else ""
        return str(row), due
    if isinstance(row, Booking):
        return str(what(row)), show_span(row.starts_at, row.duration)
    return str(row.media), date_format(timezone.localdate(row.purchased_at))


def _cells(row: Any) -> tuple[Any, ...]:
    """Return the cells of an unpaid row: name, date or due date, amount and state."""
    money = show_money(row.balance, row.currency)
    if isinstance(row, Invoice):
        when = _("due %(day)s") % {"day": date_format(row.due_on)} if row.due_on else "–"
        is_overdue = row.status == Invoice.Status.OVERDUE
        return link_to(row), when, money, label(_("Overdue"), "danger") if is_overdue else ""
    if isinstance(row, Booking):
        return link_to(row, what(row)), show_span(row.starts_at, row.duration), money, ""
    return link_to(row, row.media), date_format(timezone.localdate(row.purchased_at)), money, ""
