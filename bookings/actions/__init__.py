"""Every write to what can be booked, to bookings and to media."""

from .booking import book_appointment, book_places, change_booking
from .catalogue import (
    change_facilitator,
    change_media,
    change_service,
    create_facilitator,
    create_media,
    create_service,
)
from .events import (
    add_event_date,
    add_pricing_option,
    archive_pricing_option,
    cancel_event_date,
    change_event,
    create_event,
    move_event_date,
)
from .lifecycle import cancel_booking, complete_booking, miss_booking, start_booking
from .media import cancel_media_purchase, sell_media
from .paying import Means, pay_booking

__all__ = [
    "Means",
    "add_event_date",
    "add_pricing_option",
    "archive_pricing_option",
    "book_appointment",
    "book_places",
    "cancel_booking",
    "cancel_event_date",
    "cancel_media_purchase",
    "change_booking",
    "change_event",
    "change_facilitator",
    "change_media",
    "change_service",
    "complete_booking",
    "create_event",
    "create_facilitator",
    "create_media",
    "create_service",
    "miss_booking",
    "move_event_date",
    "pay_booking",
    "sell_media",
    "start_booking",
]
