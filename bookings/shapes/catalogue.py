"""Shapes of the catalogue on v1, beyond the contract."""

from django.db.models import F

from billing.shapes.descriptions import DURATION, NAME, own_id
from billing.shapes.prices import BEHAVIOR, behavior_shown, gross_shown, rate_shown
from config.api.shapes import (
    CreatedAt,
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
from .descriptions import DEFAULT_CONFIGURATION, DESCRIPTION, FACILITATOR_NAME, OPTION_NAME


class ServiceOffered(Shape):
    """A service that can be booked."""

    schema_name = "Service"

    id = own_id(Service)
    name = Text(help_text=NAME)
    description = TextOrNull(help_text=DESCRIPTION)
    duration_minutes = Number("duration", help_text="How long an appointment takes, in minutes.")
    price = Number(
        help_text="The price as it was given, with tax or without, in the smallest unit of "
        "`currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency()
    configuration = Keys(help_text=DEFAULT_CONFIGURATION)
    archived = IsSet(
        "archived_at",
        help_text="Whether the service is archived: an archived service cannot be booked.",
    )
    created_at = CreatedAt()
    updated_at = UpdatedAt()


class FacilitatorName(Shape):
    """A person who does services."""

    id = own_id(Facilitator)
    name = Text(help_text=FACILITATOR_NAME)


class FacilitatorListed(FacilitatorName):
    """A person who does services and leads events."""

    schema_name = "Facilitator"

    email = TextOrNull(
        help_text="The facilitator's e-mail address as typed; null if it is not known."
    )
    archived = IsSet(
        "archived_at",
        help_text="Whether the facilitator is archived: an archived facilitator gets no new "
        "bookings.",
    )
    created_at = CreatedAt()
    updated_at = UpdatedAt()


class PriceOfPlace(Shape):
    """The price of a place: an amount, or a number of visits of a pass."""

    schema_name = "PricingOption"

    id = own_id(PricingOption)
    name = Text(help_text=OPTION_NAME)
    price = Number(
        help_text="The price of one place as it was given, with or without tax, in the smallest "
        "unit of `currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency("event__currency")
    visits = Number(help_text="How many visits of a pass pay for one place.")
    archived = IsSet(
        "archived_at",
        help_text="Whether the pricing option is archived: an archived option cannot be chosen.",
    )


class DateOfEvent(Shape):
    """A date of an event: when it begins, how long it takes and how many spaces are left."""

    schema_name = "EventDate"

    id = own_id(EventDate)
    event_id = Id(Event.id_prefix, "event_id", help_text="The event that takes place on this date.")
    starts_at = Instant(help_text="When the event begins.")
    duration_minutes = Number("duration", help_text="How long the event takes, in minutes.")
    capacity = Number(help_text="How many spaces the date has, booked or not.")
    spaces_left = Number(
        lambda at: F(at("capacity").name) - F(at("spaces_taken").name),
        help_text="How many spaces are left: `capacity` less the `spaces` of bookings that are "
        "not cancelled.",
    )
    facilitator = One(
        FacilitatorName,
        via="facilitator",
        allow_null=True,
        help_text="The person who leads the event; null if nobody is chosen yet.",
    )
    cancelled_at = Instant(
        allow_null=True, help_text="When the date was cancelled; null if it was not."
    )


class EventOffered(Shape):
    """An event with its pricing options and its next dates, soonest first."""

    schema_name = "Event"

    id = own_id(Event)
    name = Text(help_text=NAME)
    description = TextOrNull(help_text=DESCRIPTION)
    tax_rate = Rate(help_text="The tax of new pricing options that name none, in percent.")
    tax_behavior = OneOf(
        choices=TaxBehavior.values,
        help_text=f"{BEHAVIOR} It is the default of new pricing options.",
    )
    currency = Text(
        help_text="The currency of all prices of the event, an ISO 4217 code in capitals."
    )
    pricing_options = Many(
        PriceOfPlace,
        PricingOption.objects.live,
        "event_id",
        "id",
        help_text="What a place can cost; archived options are left out.",
    )
    dates = Many(
        DateOfEvent,
        EventDate.objects.upcoming,
        "event_id",
        "starts_at",
        "id",
        help_text="The dates that have not begun and are not cancelled, soonest first.",
    )
    archived = IsSet(
        "archived_at",
        help_text="Whether the event is archived: an archived event cannot be booked.",
    )
    created_at = CreatedAt()
    updated_at = UpdatedAt()


class MediaOffered(Shape):
    """A video or another medium for sale."""

    schema_name = "Media"

    id = own_id(Media)
    name = Text(help_text=NAME)
    description = TextOrNull(help_text=DESCRIPTION)
    price = Number(
        help_text="The price as it was given, with tax or without, in the smallest unit of "
        "`currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency()
    valid_for = TextOrNull(
        help_text=f"How long it can be used after it was bought: {DURATION}; null: it has no end."
    )
    archived = IsSet(
        "archived_at", help_text="Whether the medium is archived: an archived medium is not sold."
    )
    created_at = CreatedAt()
    updated_at = UpdatedAt()
