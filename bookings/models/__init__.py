"""What customers come to: services and who does them, events and their dates, media; bookings."""

from .bookings import Booking, Transaction
from .catalogue import Facilitator, Service
from .engagements import Engagement
from .events import Event, EventDate, PricingOption
from .media import Media, MediaPurchase

__all__ = [
    "Booking",
    "Engagement",
    "Event",
    "EventDate",
    "Facilitator",
    "Media",
    "MediaPurchase",
    "PricingOption",
    "Service",
    "Transaction",
]
