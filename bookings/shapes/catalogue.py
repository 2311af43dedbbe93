"""Shapes of what can be booked (what v1 has beyond the documents)."""

from django.db.models import F

from billing.shapes.prices import behavior_shown, gross_shown, rate_shown
from config.api.shapes import (
    Currency,
    Id,
    Instant,
    IsSet,
    Keys,
    Many,
    Number,
    One,
    OneOf,
    Rate,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
)
from config.tenancy.tax_fields import TaxBehavior

from ..models import Event, EventDate, Facilitator, Media, PricingOption, Service


class ServiceOffered(Shape):
    """A service that can be booked."""

    schema_name = "Service"

    id = Id(Service.id_prefix)
    name = Text()
    description = TextOrNull()
    duration_minutes = Number("duration", help_text="How long an appointment takes, in minutes.")
    price = Number(
        help_text="The price as it was given, with tax or without, in the smallest unit of "
        "`currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency()
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

    schema_name = "Facilitator"

    email = TextOrNull()
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()


class PriceOfPlace(Shape):
    """The price of a place: an amount, or a number of visits of a pass."""

    schema_name = "PricingOption"

    id = Id(PricingOption.id_prefix)
    name = Text()
    price = Number(
        help_text="The price of one place as it was given, with tax or without, in the smallest "
        "unit."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency("event__currency")
    visits = Number(help_text="How many visits of a pass pay for one place.")
    archived = IsSet("archived_at", help_text="Whether the price is no longer offered.")


class DateOfEvent(Shape):
    """When an event is, for how many minutes, and how many spaces are left."""

    schema_name = "EventDate"

    id = Id(EventDate.id_prefix)
    event_id = Id(Event.id_prefix, "event_id")
    starts_at = Instant()
    duration_minutes = Number("duration", help_text="How long the event takes, in minutes.")
    capacity = Number()
    spaces_left = Number(lambda at: F(at("capacity").name) - F(at("spaces_taken").name))
    facilitator = One(FacilitatorName, via="facilitator", allow_null=True)
    cancelled_at = Instant(allow_null=True)


class EventOffered(Shape):
    """An event with what its places cost and the dates that are to come, soonest first."""

    schema_name = "Event"

    id = Id(Event.id_prefix)
    name = Text()
    description = TextOrNull()
    tax_rate = Rate(help_text="The tax of pricing options that are added without one, in percent.")
    tax_behavior = OneOf(
        choices=TaxBehavior.values,
        help_text="Whether prices of options that are added without saying so include the tax.",
    )
    currency = Text(help_text="The currency of every price of the event.")
    pricing_options = Many(PriceOfPlace, PricingOption.objects.live, "event_id", "id")
    dates = Many(DateOfEvent, EventDate.objects.upcoming, "event_id", "starts_at", "id")
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()


class MediaOffered(Shape):
    """A video or another medium for sale."""

    schema_name = "Media"

    id = Id(Media.id_prefix)
    name = Text()
    description = TextOrNull()
    price = Number(
        help_text="The price as it was given, with tax or without, in the smallest unit of "
        "`currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency()
    valid_for = TextOrNull(
        help_text="How long it can be used after it was bought, an ISO 8601 duration."
    )
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()
