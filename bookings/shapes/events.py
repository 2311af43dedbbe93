"""The v1 shape of each model whose changes are public, which the feed and webhooks show."""

from django.db import models

from config.api.shapes import Shape

from ..models import (
    Booking,
    Event,
    EventDate,
    Facilitator,
    Media,
    MediaPurchase,
    PricingOption,
    Service,
    Transaction,
)
from .catalogue import (
    DateOfEvent,
    EventOffered,
    FacilitatorListed,
    MediaOffered,
    PriceOfPlace,
    ServiceOffered,
)
from .media import MediaBought
from .outputs import BookedTogether, CustomerBooking

EVENT_SHAPES: dict[type[models.Model], type[Shape]] = {
    Booking: CustomerBooking,
    Event: EventOffered,
    EventDate: DateOfEvent,
    Facilitator: FacilitatorListed,
    Media: MediaOffered,
    MediaPurchase: MediaBought,
    PricingOption: PriceOfPlace,
    Service: ServiceOffered,
    Transaction: BookedTogether,
}
