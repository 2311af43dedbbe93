"""The inputs for the catalogue."""

from typing import Any

from billing.shapes.descriptions import DURATION, NAME, NEW_PRICE
from billing.shapes.money_inputs import MoneyIn
from billing.shapes.prices import BEHAVIOR, BehaviorIn, TaxRateIn
from config.api.input_fields import (
    Accepted,
    EmailIn,
    KeysIn,
    MomentIn,
    RelatedField,
    TextField,
    WholeIn,
)

from ..actions.events import MOST_DATES
from ..models import Event, Facilitator, Media, PricingOption, Service
from ..models.catalogue import LONGEST
from ..models.events import MOST_SPACES
from .descriptions import (
    DEFAULT_CONFIGURATION,
    EVENT_BEGIN,
    FACILITATOR_NAME,
    LIMITS,
    NEW_DESCRIPTION,
    OPTION_NAME,
)


class MinutesIn(WholeIn):
    """A duration in minutes, up to a week."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LONGEST, **kwargs)


class SpacesIn(WholeIn):
    """A number of spaces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_SPACES, **kwargs)


class FacilitatorIn(RelatedField):
    """The facilitator; null for none."""

    def __init__(self, does: str) -> None:
        super().__init__(
            Facilitator.objects,
            source="facilitator",
            required=False,
            allow_null=True,
            help_text=f"The person who {does}, and who must not be archived; null for nobody yet.",
        )


class ChangedService(Accepted):
    """Fields of a service; bookings that were made stay as they are."""

    name = TextField(Service.name.field, allow_blank=False, allow_null=False, help_text=NAME)
    description = TextField(Service.description.field, help_text=NEW_DESCRIPTION)
    duration_minutes = MinutesIn(
        source="duration",
        required=False,
        help_text="How long an appointment takes, in minutes, at most a week.",
    )
    price = MoneyIn(required=False, help_text=f"The price of an appointment, {NEW_PRICE}")
    tax_rate = TaxRateIn()
    tax_behavior = BehaviorIn()
    configuration = KeysIn(
        required=False, help_text=f"{DEFAULT_CONFIGURATION} It replaces what is stored. {LIMITS}"
    )


class NewService(ChangedService):
    """A service to offer: how long it takes, and its price."""

    name = TextField(Service.name.field, required=True, help_text=NAME)
    duration_minutes = MinutesIn(
        source="duration", help_text="How long an appointment takes, in minutes, at most a week."
    )
    price = MoneyIn(help_text=f"The price of an appointment, {NEW_PRICE}")


class ChangedFacilitator(Accepted):
    """Fields of a facilitator."""

    name = TextField(
        Facilitator.name.field, allow_blank=False, allow_null=False, help_text=FACILITATOR_NAME
    )
    email = EmailIn(
        Facilitator.email.field,
        help_text="The facilitator's e-mail address; null or empty for none.",
    )


class NewFacilitator(ChangedFacilitator):
    """A person who does services and leads events."""

    name = TextField(Facilitator.name.field, required=True, help_text=FACILITATOR_NAME)


class NewPricingOption(Accepted):
    """The price of a place: an amount of money, or a number of visits of a pass."""

    name = TextField(PricingOption.name.field, required=True, help_text=OPTION_NAME)
    price = MoneyIn(help_text=f"The price of one place, {NEW_PRICE}")
    tax_rate = TaxRateIn(
        help_text="The tax on the price, in percent. Default: the `tax_rate` of the event."
    )
    tax_behavior = BehaviorIn(help_text=f"{BEHAVIOR} Default: the `tax_behavior` of the event.")
    visits = SpacesIn(
        required=False, help_text="How many visits of a pass pay for one place. Default: 1."
    )


class ChangedEventDate(Accepted):
    """Fields of an event date; the bookings of the date move with it."""

    starts_at = MomentIn(required=False, help_text=EVENT_BEGIN)
    duration_minutes = MinutesIn(
        source="duration",
        required=False,
        help_text="How long the event takes, in minutes, at most a week.",
    )
    capacity = SpacesIn(
        required=False,
        help_text="How many spaces the date has, not less than those that are booked.",
    )
    facilitator_id = FacilitatorIn("leads the event")


class NewEventDate(ChangedEventDate):
    """One more date of an event."""

    starts_at = MomentIn(help_text=EVENT_BEGIN)
    duration_minutes = MinutesIn(
        source="duration", help_text="How long the event takes, in minutes, at most a week."
    )
    capacity = SpacesIn(help_text="How many spaces the date has.")


class ChangedEvent(Accepted):
    """Fields of an event; places that were booked keep their price."""

    name = TextField(Event.name.field, allow_blank=False, allow_null=False, help_text=NAME)
    description = TextField(Event.description.field, help_text=NEW_DESCRIPTION)
    tax_rate = TaxRateIn(
        help_text="The tax of pricing options that name none, in percent. A new event has the "
        "company's by default; a change also changes the options with the event's tax."
    )
    tax_behavior = BehaviorIn(
        help_text=f"{BEHAVIOR} It is used for pricing options that name none. A new event has the "
        "company's by default."
    )


class NewEvent(ChangedEvent):
    """An event to offer, with what its places cost and its first dates."""

    name = TextField(Event.name.field, required=True, help_text=NAME)
    pricing_options = NewPricingOption(
        many=True,
        allow_empty=False,
        max_length=100,  # type: ignore[call-arg]
        help_text="What a place can cost: 1 to 100 options.",
    )
    dates = NewEventDate(
        many=True,
        required=False,
        max_length=MOST_DATES,  # type: ignore[call-arg]
        help_text=f"The first dates of the event, at most {MOST_DATES}; more can be added later.",
    )


class ChangedMedia(Accepted):
    """Fields of a medium; what was bought stays as it is."""

    name = TextField(Media.name.field, allow_blank=False, allow_null=False, help_text=NAME)
    description = TextField(Media.description.field, help_text=NEW_DESCRIPTION)
    price = MoneyIn(required=False, help_text=f"The price of the medium, {NEW_PRICE}")
    tax_rate = TaxRateIn()
    tax_behavior = BehaviorIn()
    valid_for = TextField(
        Media.valid_for.field,
        help_text=f"How long it can be used after it was bought: {DURATION}; null or empty: it "
        "has no end.",
    )


class NewMedia(ChangedMedia):
    """A video or another medium to sell."""

    name = TextField(Media.name.field, required=True, help_text=NAME)
    price = MoneyIn(help_text=f"The price of the medium, {NEW_PRICE}")
