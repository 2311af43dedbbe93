"""The pages of bookings: the list by day, a new appointment, and one booking."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from billing.admin.prices import in_words
from billing.admin.records import Records
from config.admin.columns import column
from config.admin.filters import FieldChoiceFilter, RowFilter
from config.admin.money import amount_of
from config.admin.tables import link_to
from config.money import show_money

from ..actions import book_appointment
from ..models import APPOINTMENT, PLACE, Booking, Transaction
from . import columns
from .appointing import AppointmentForm
from .booking_for import BooksForCustomer
from .doing import BUTTONS
from .filters import OF_DAY, OF_FACILITATOR, ByDay, PaidFilter, WhenFilter
from .marking import MarksBookings
from .picking import PickedAdmin


@admin.register(Booking)
class BookingAdmin(
    MarksBookings, BooksForCustomer, columns.ShowsPayment, ByDay, PickedAdmin, Records
):
    """Staff add appointments here; they add places on the page of the event date."""

    icon = "book_online"
    adds = gettext_lazy("Book an appointment")
    added_says = gettext_lazy("%(service)s booked for %(customer)s, %(starts_at)s.")
    known_as = {
        Booking.id_prefix: "pk",
        APPOINTMENT: "pk",
        PLACE: "pk",
        Transaction.id_prefix: "transaction",
    }
    for_new = {"form": AppointmentForm}
    creates = staticmethod(book_appointment)
    makes = gettext_lazy("Book")
    buttons = BUTTONS
    joined = (
        *("service", "facilitator", "address", "pricing_option"),
        *("event_date__event", "event_date__facilitator", "transaction__customer"),
        *("invoice", "payment", "refund", "entry__purchase__product", "entry__credit__coupon"),
    )
    autocomplete_fields = ("customer", "service", "facilitator")
    list_display = (
        *("when", "customer", "thing", "who", "shown_status"),
        *("shown_total", "shown_standing"),
    )
    list_filter = (
        WhenFilter,
        ("status", FieldChoiceFilter),
        PaidFilter,
        ("kind", FieldChoiceFilter),
        ("service", RowFilter),
        ("event_date__event", RowFilter),
        *(OF_FACILITATOR, OF_DAY),
    )
    add_fieldsets = (
        (
            None,
            {
                "description": gettext_lazy(
                    "Book a service for one customer. Book classes from the customer’s page, or on "
                    "the page of their date."
                ),
                "fields": ("customer", "service", "starts_at", "facilitator", "address", "notes"),
            },
        ),
        (gettext_lazy("Change length or price"), {"fields": ("duration", "subtotal")}),
        (gettext_lazy("Payment"), {"fields": ("paid_with", "due_on", "why_paid")}),
    )

    shown_total = amount_of("total", gettext_lazy("total"))
    shown_subtotal = amount_of("subtotal", gettext_lazy("price"))
    shown_discount = amount_of("discount", gettext_lazy("discount"))
    shown_covered = amount_of("covered", gettext_lazy("covered by it"))
    shown_due = amount_of("left_to_pay", gettext_lazy("left to pay"))

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).with_balance()
        return rows.defer("customer__search_words", "transaction__customer__search_words")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the known facts of a booking, and leave out fields without a value."""
        return self.add_fieldsets if obj is None else summary_of(obj)

    thing = column(gettext_lazy("what"), columns.what)
    # Link a place to its date, whose page has the roster.
    thing_link = column(
        gettext_lazy("what"), lambda row: link_to(row.event_date or row.service, columns.what(row))
    )
    who = column(gettext_lazy("with"), columns.who_does_it)
    shown_status = column(gettext_lazy("status"), columns.status_of, label=columns.STATUS_COLOURS)
    status_label = column(gettext_lazy("status"), columns.status_label)
    buyer = column(
        gettext_lazy("bought by"),
        lambda row: link_to(row.transaction.customer) if row.transaction else "",
    )

    @display(description=gettext_lazy("tax"))
    def shown_tax(self, booking: Booking) -> str:
        amount = show_money(booking.tax, booking.currency)
        return _("%(amount)s (%(how)s)") % {"amount": amount, "how": in_words(booking)}

    @display(description=gettext_lazy("pass or credit"))
    def holding(self, booking: Booking) -> Any:
        entry = booking.entry
        held = entry and (entry.purchase or entry.credit)
        return link_to(held) if held else ""

    late_cancellation = column(gettext_lazy("late cancellation"), columns.late_cancellation)
    money_in = column(gettext_lazy("payment"), lambda row: columns.money_link(row.payment))


def summary_of(booking: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Return the fields that have something to show for a booking, in groups."""
    bought_by_another = booking.payer != booking.customer
    is_unpaid = columns.standing_of(booking)[0] in ("PENDING", "FAILED", "partly")
    groups = {
        None: {
            "status_label": True,
            "customer": True,
            "thing_link": True,
            "shown_span": True,
            "who": True,
            "address": booking.address_id,
            "spaces": not booking.is_appointment,
            "buyer": bought_by_another,
            "notes": booking.notes,
        },
        gettext_lazy("Price"): {
            "pricing_option": booking.pricing_option_id,
            "shown_subtotal": booking.discount or booking.tax,
            "shown_discount": booking.discount,
            "shown_tax": booking.tax,
            "shown_total": True,
        },
        gettext_lazy("Payment"): {
            "standing_label": True,
            "holding": booking.entry_id,
            "shown_covered": booking.covered,
            "money_in": booking.payment_id,
            "invoice": booking.invoice_id,
            "money_back": booking.refund_id,
            "shown_due": is_unpaid,
        },
        gettext_lazy("What happened"): {
            "created_at": True,
            "started_at": booking.started_at,
            "completed_at": booking.completed_at,
            "missed_at": booking.missed_at,
            "cancelled_at": booking.cancelled_at,
            "shown_canceller": booking.cancelled_at,
            "late_cancellation": booking.cancelled_at and columns.late_cancellation_of(booking),
        },
    }
    return [
        (name, {"fields": [field for field, is_there in fields.items() if is_there]})
        for name, fields in groups.items()
    ]
