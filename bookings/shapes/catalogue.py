"""Shapes of what can be booked (what v1 has beyond the documents)."""

from django.db.models import F

from config.api.shapes import (
    Id,
    Instant,
    IsSet,
    Keys,
    Many,
    Number,
    One,
    Rate,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
)

from ..models import Event, EventDate, Facilitator, Media, PricingOption, Service


class ServiceOffered(Shape):
    """A service that can be booked: minutes, and its price before tax in the smallest unit."""

    id = Id(Service.id_prefix)
    name = Text()
    description = TextOrNull()
    duration = Number()
    price = Number()
    tax_rate = Rate()
    currency = Text()
    configuration = Keys()
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()


class FacilitatorName(Shape):
    """A person who does services."""

    id = Id(Facilitator.id_prefix)
    name = Text()


class FacilitatorListed(FacilitatorName):
    """Somebody who does services and leads events."""

    email = TextOrNull()
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()


class PriceOfPlace(Shape):
    """The price of a place: an amount before tax, or a number of visits of a pass."""

    id = Id(PricingOption.id_prefix)
    name = Text()
    price = Number()
    visits = Number()


class DateOfEvent(Shape):
    """When an event is, for how many minutes, and how many spaces are left."""

    id = Id(EventDate.id_prefix)
    event_id = Id(Event.id_prefix, "event_id")
    starts_at = Instant()
    duration = Number()
    capacity = Number()
    spaces_left = Number(lambda at: F(at("capacity").name) - F(at("spaces_taken").name))
    facilitator = One(FacilitatorName, via="facilitator", allow_null=True)
    cancelled_at = Instant(allow_null=True)


class EventOffered(Shape):
    """An event with what its places cost and the dates that are to come, soonest first."""

    id = Id(Event.id_prefix)
    name = Text()
    description = TextOrNull()
    tax_rate = Rate()
    currency = Text()
    pricing_options = Many(PriceOfPlace, PricingOption.objects.live, "event_id", "id")
    dates = Many(DateOfEvent, EventDate.objects.upcoming, "event_id", "starts_at", "id")
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()


class MediaOffered(Shape):
    """A video or another medium for sale."""

    id = Id(Media.id_prefix)
    name = Text()
    description = TextOrNull()
    price = Number()
    currency = Text()
    valid_for = TextOrNull()
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()
