"""Query parameters of the lists of bookings (contract, sections 1 and 2)."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from config.api.filtering import Choice, Filters, Key, Moment, SinceDay, Switch, UntilDay
from config.tenancy.days import LocalDay, MonthsBefore, since_day
from customers.filters import CustomerKey
from customers.models import Zone

from .models import Booking, EventDate, Facilitator, Service

_FROM = "Only what begins on this day of the company's calendar or later."
_TO = "Only what begins on this day of the company's calendar or before."


class TransactionFilters(Filters):
    """Filters for the event places that a customer bought."""

    future_only = Switch(
        help_text="true: only transactions with a booking that has not begun yet. Absent or false: "
        "past ones too."
    )
    startDate = SinceDay(
        "purchased_at",
        help_text="Only what was bought on this day of the company's calendar or later. Absent: "
        "three months ago.",
    )
    endDate = UntilDay(
        "purchased_at",
        help_text="Only what was bought on this day of the company's calendar or before.",
    )

    @classmethod
    def narrow(cls, queryset: QuerySet[Any, Any], values: Mapping[str, Any]) -> Any:
        """Filter by the given days, by default the last three months."""
        rows = super().narrow(queryset, {k: v for k, v in values.items() if k != "future_only"})
        if "startDate" not in values:
            today = LocalDay(Now(), F("company__timezone"))
            rows = rows.filter(since_day("purchased_at", MonthsBefore(today, 3)))
        return rows.with_future_places() if values.get("future_only") else rows


class PurchaseFilters(Filters):
    """Filters for places bought together."""

    customer_id = CustomerKey("customer_id", help_text="Only what this customer bought.")
    date_from = SinceDay(
        "purchased_at",
        help_text="Only what was bought on this day of the company's calendar or later.",
    )
    date_to = UntilDay(
        "purchased_at",
        help_text="Only what was bought on this day of the company's calendar or before.",
    )


class BookingFilters(Filters):
    """Filters for bookings."""

    status = Choice(
        *Booking.Status.values,
        help_text="Only bookings in this status. `no_show`: the customer did not come. Absent: "
        "bookings of every status.",
    )
    zone_id = Key(
        method="in_zone",
        prefix=Zone.id_prefix,
        help_text="Only bookings at an address in this service zone.",
    )
    date_from = SinceDay("starts_at", help_text=_FROM)
    date_to = UntilDay("starts_at", help_text=_TO)
    customer_id = CustomerKey("customer_id")
    service_id = Key(
        "service_id", prefix=Service.id_prefix, help_text="Only appointments for this service."
    )
    facilitator_id = Key(
        method="with_facilitator",
        prefix=Facilitator.id_prefix,
        help_text="Only appointments with this facilitator, and places at dates that the "
        "facilitator leads.",
    )
    event_date_id = Key(
        "event_date_id",
        prefix=EventDate.id_prefix,
        help_text="Only places at this date of an event.",
    )
    updated_after = Moment(
        "updated_at",
        "gt",
        help_text="Only bookings changed after this moment. A new booking counts as changed.",
    )

    def in_zone(self, rows: Any, name: str, value: Any) -> Any:
        return rows.in_zone(value)

    def with_facilitator(self, rows: Any, name: str, value: Any) -> Any:
        return rows.with_facilitator(value)


class DateFilters(Filters):
    """Filters for the dates of an event."""

    date_from = SinceDay("starts_at", help_text=_FROM)
    date_to = UntilDay("starts_at", help_text=_TO)
