"""Bookings: the list of a day, a new appointment, and one booking with all that is known of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from billing.admin.records import Records
from config.admin.columns import exported_as
from config.admin.filters import FieldChoiceFilter
from config.admin.money import amount_of
from config.admin.tables import label, link_to
from config.changes.context import because
from config.money import show_money
from config.times import show_moment

from ..actions import book_appointment
from ..models import Booking
from ..shapes.shown import APPOINTMENT, BOOKING, PLACE, TRANSACTION
from .appointing import AppointmentForm
from .columns import (
    STANDING_COLOURS,
    STATUS_COLOURS,
    cancelled_by,
    money_link,
    standing_of,
    status_of,
    what,
    who_does_it,
)
from .doing import BUTTONS
from .fields import shown_percent
from .filters import (
    ByDay,
    EventFilter,
    FacilitatorFilter,
    PaidFilter,
    ServiceFilter,
    StartsFilter,
    WhenFilter,
)
from .picking import PickedPages
from .times import span


@admin.register(Booking)
class BookingPages(ByDay, PickedPages, Records):
    """An appointment is made here; a place at an event, on the page of the event's date."""

    icon = "book_online"
    known_as = {BOOKING: "pk", APPOINTMENT: "pk", PLACE: "pk", TRANSACTION: "transaction"}
    form = AppointmentForm
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
        ("service", ServiceFilter),
        ("event_date__event", EventFilter),
        ("facilitator", FacilitatorFilter),
        ("starts_at", StartsFilter),
    )
    add_fieldsets = (
        (
            None,
            {
                "description": gettext_lazy(
                    "A service for one customer. A place at an event is added on the page of the "
                    "event’s date."
                ),
                "fields": ("customer", "service", "starts_at", "facilitator", "address", "notes"),
            },
        ),
        (
            gettext_lazy("Unless it is as the service says"),
            {"fields": ("duration", "subtotal")},
        ),
        (gettext_lazy("Payment"), {"fields": ("paid_with", "due_on", "why_paid")}),
    )

    shown_total = amount_of("total", gettext_lazy("total"))
    shown_subtotal = amount_of("subtotal", gettext_lazy("before tax"))
    shown_discount = amount_of("discount", gettext_lazy("discount"))
    shown_covered = amount_of("covered", gettext_lazy("covered by it"))
    shown_due = amount_of("due", gettext_lazy("left to pay"))

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).with_payment()
        return rows.defer("customer__search_words", "transaction__customer__search_words")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what there is to know of a booking, and nothing that did not happen."""
        return self.add_fieldsets if obj is None else summary_of(obj)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        because(form.why())
        self.creates(obj, means=form.means, actor=request.actor)

    def links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        return [] if self.is_frozen(row) else super().links(request, row)

    @exported_as(lambda booking: booking.starts_at)
    @display(description=gettext_lazy("when"), ordering="starts_at")
    def when(self, booking: Booking) -> str:
        return show_moment(booking.starts_at)

    @display(description=gettext_lazy("when"))
    def shown_span(self, booking: Booking) -> str:
        return span(booking.starts_at, booking.duration)

    @display(description=gettext_lazy("what"))
    def thing(self, booking: Booking) -> Any:
        return what(booking)

    @display(description=gettext_lazy("what"))
    def thing_link(self, booking: Booking) -> SafeString:
        """A place leads to its date, where everybody is who comes."""
        return link_to(booking.event_date or booking.service, what(booking))

    @display(description=gettext_lazy("with"))
    def who(self, booking: Booking) -> Any:
        return who_does_it(booking)

    @display(description=gettext_lazy("status"), label=STATUS_COLOURS)
    def shown_status(self, booking: Booking) -> tuple[str, str]:
        return status_of(booking)

    @display(description=gettext_lazy("status"))
    def status_label(self, booking: Booking) -> SafeString:
        status, text = status_of(booking)
        return label(text, STATUS_COLOURS[status])

    @display(description=gettext_lazy("paid"), label=STANDING_COLOURS)
    def shown_standing(self, booking: Booking) -> tuple[str, Any]:
        return standing_of(booking)

    @display(description=gettext_lazy("paid"))
    def standing_label(self, booking: Booking) -> SafeString:
        standing, text = standing_of(booking)
        return label(text, STANDING_COLOURS[standing])

    @display(description=gettext_lazy("bought by"))
    def buyer(self, booking: Booking) -> Any:
        return link_to(booking.transaction.customer) if booking.transaction else ""

    @display(description=gettext_lazy("tax"))
    def shown_tax(self, booking: Booking) -> str:
        amount = show_money(booking.tax, booking.currency)
        return _("%(amount)s (%(rate)s%%)") % {
            "amount": amount,
            "rate": shown_percent(booking.tax_rate),
        }

    @display(description=gettext_lazy("pass or credit"))
    def holding(self, booking: Booking) -> Any:
        entry = booking.entry
        held = entry and (entry.purchase or entry.credit)
        return link_to(held) if held else ""

    @display(description=gettext_lazy("payment"))
    def money_in(self, booking: Booking) -> Any:
        return money_link(booking.payment)

    @display(description=gettext_lazy("given back"))
    def money_back(self, booking: Booking) -> Any:
        return money_link(booking.refund)

    @display(description=gettext_lazy("cancelled by"))
    def shown_canceller(self, booking: Booking) -> str:
        return cancelled_by(booking)


def summary_of(booking: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Return the fields that say something about a booking, in groups."""
    bought_by_another = booking.transaction and booking.transaction.customer != booking.customer
    is_unpaid = standing_of(booking)[0] in ("PENDING", "FAILED", "partly")
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
        },
    }
    return [
        (name, {"fields": [field for field, is_there in fields.items() if is_there]})
        for name, fields in groups.items()
    ]
