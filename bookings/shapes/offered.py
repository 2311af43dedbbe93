"""The inputs for the catalogue."""

from typing import Any

from billing.shapes.money_inputs import MoneyIn
from billing.shapes.prices import BehaviorIn, TaxRateIn
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


class MinutesIn(WholeIn):
    """A length in minutes, up to a week."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LONGEST, **kwargs)


class SpacesIn(WholeIn):
    """A number of spaces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_SPACES, **kwargs)


class FacilitatorIn(RelatedField):
    """The facilitator; null for none yet."""

    def __init__(self) -> None:
        super().__init__(Facilitator.objects, source="facilitator", required=False, allow_null=True)


class ChangedService(Accepted):
    """Fields of a service; bookings that were made stay as they are."""

    name = TextField(Service.name.field, allow_blank=False, allow_null=False)
    description = TextField(Service.description.field)
    duration_minutes = MinutesIn(source="duration", required=False)
    price = MoneyIn(required=False, help_text="With tax or without: see `tax_behavior`.")
    tax_rate = TaxRateIn()
    tax_behavior = BehaviorIn()
    configuration = KeysIn(required=False)


class NewService(ChangedService):
    """A service to offer: how long it takes, and its price."""

    name = TextField(Service.name.field, required=True)
    duration_minutes = MinutesIn(source="duration")
    price = MoneyIn(help_text="With tax or without: see `tax_behavior`.")


class ChangedFacilitator(Accepted):
    """Fields of a facilitator."""

    name = TextField(Facilitator.name.field, allow_blank=False, allow_null=False)
    email = EmailIn(Facilitator.email.field)


class NewFacilitator(ChangedFacilitator):
    """Somebody who does services and leads events."""

    name = TextField(Facilitator.name.field, required=True)


class NewPricingOption(Accepted):
    """The price of a place: an amount of money, or a number of visits of a pass."""

    name = TextField(PricingOption.name.field, required=True)
    price = MoneyIn(help_text="Of one place, with tax or without: see `tax_behavior`.")
    tax_rate = TaxRateIn(
        help_text="The tax on the price, in percent; the event's unless it is given."
    )
    tax_behavior = BehaviorIn()
    visits = SpacesIn(
        required=False, help_text="How many visits of a pass pay for one place; 1 by default."
    )


class ChangedEventDate(Accepted):
    """When an event is and how many spaces it has; bookings move along."""

    starts_at = MomentIn(required=False)
    duration_minutes = MinutesIn(source="duration", required=False)
    capacity = SpacesIn(required=False)
    facilitator_id = FacilitatorIn()


class NewEventDate(ChangedEventDate):
    """One more date of an event."""

    starts_at = MomentIn()
    duration_minutes = MinutesIn(source="duration")
    capacity = SpacesIn()


class ChangedEvent(Accepted):
    """Fields of an event; places that were booked keep their price."""

    name = TextField(Event.name.field, allow_blank=False, allow_null=False)
    description = TextField(Event.description.field)
    tax_rate = TaxRateIn(
        help_text="The tax of its pricing options, in percent, but for those of another one."
    )
    tax_behavior = BehaviorIn()


class NewEvent(ChangedEvent):
    """An event to offer, with what its places cost and its first dates."""

    name = TextField(Event.name.field, required=True)
    pricing_options = NewPricingOption(
        many=True,
        allow_empty=False,
        max_length=100,  # type: ignore[call-arg]
    )
    dates = NewEventDate(
        many=True,
        required=False,
        max_length=MOST_DATES,  # type: ignore[call-arg]
    )


class ChangedMedia(Accepted):
    """Fields of a medium; what was bought stays as it is."""

    name = TextField(Media.name.field, allow_blank=False, allow_null=False)
    description = TextField(Media.description.field)
    price = MoneyIn(required=False, help_text="With tax or without: see `tax_behavior`.")
    tax_rate = TaxRateIn()
    tax_behavior = BehaviorIn()
    valid_for = TextField(Media.valid_for.field)


class NewMedia(ChangedMedia):
    """A video or another medium to sell."""

    name = TextField(Media.name.field, required=True)
    price = MoneyIn(help_text="With tax or without: see `tax_behavior`.")
