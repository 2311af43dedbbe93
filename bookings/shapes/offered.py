"""What is accepted for what can be booked and bought."""

from typing import Any

from billing.shapes.accepted import MoneyIn
from config.api.accepting import (
    Accepted,
    EmailIn,
    KeysIn,
    MomentIn,
    RateIn,
    RelatedIn,
    TextIn,
    WholeIn,
)

from ..actions.events import MOST_DATES
from ..models import Event, Facilitator, Media, PricingOption, Service
from ..models.catalogue import LONGEST
from ..models.events import MOST_SPACES
from .catalogue import FACILITATOR


def _of(model: Any, name: str) -> Any:
    return model._meta.get_field(name)


class MinutesIn(WholeIn):
    """A length in minutes, up to a week."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LONGEST, **kwargs)


class SpacesIn(WholeIn):
    """A number of spaces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_SPACES, **kwargs)


class FacilitatorIn(RelatedIn):
    """Who does it; null for nobody yet."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Facilitator.objects,
            FACILITATOR,
            source="facilitator",
            required=False,
            allow_null=True,
            **kwargs,
        )


class ChangedService(Accepted):
    """Fields of a service; bookings that were made stay as they are."""

    name = TextIn(_of(Service, "name"), allow_blank=False, allow_null=False)
    description = TextIn(_of(Service, "description"))
    duration = MinutesIn(required=False)
    price = MoneyIn(required=False)
    tax_rate = RateIn()
    configuration = KeysIn(required=False)


class NewService(ChangedService):
    """A service to offer: its minutes, and its price before tax."""

    name = TextIn(_of(Service, "name"), required=True)
    duration = MinutesIn()
    price = MoneyIn()


class ChangedFacilitator(Accepted):
    """Fields of a facilitator."""

    name = TextIn(_of(Facilitator, "name"), allow_blank=False, allow_null=False)
    email = EmailIn(_of(Facilitator, "email"))


class NewFacilitator(ChangedFacilitator):
    """Somebody who does services and leads events."""

    name = TextIn(_of(Facilitator, "name"), required=True)


class NewPricingOption(Accepted):
    """What a place costs: a price before tax, or so many visits of a pass."""

    name = TextIn(_of(PricingOption, "name"), required=True)
    price = MoneyIn()
    visits = SpacesIn(required=False)


class ChangedEventDate(Accepted):
    """When an event is and how many spaces it has; bookings move along."""

    starts_at = MomentIn(required=False)
    duration = MinutesIn(required=False)
    capacity = SpacesIn(required=False)
    facilitator_id = FacilitatorIn()


class NewEventDate(ChangedEventDate):
    """One more date of an event."""

    starts_at = MomentIn()
    duration = MinutesIn()
    capacity = SpacesIn()


class ChangedEvent(Accepted):
    """Fields of an event; places that were booked keep their price."""

    name = TextIn(_of(Event, "name"), allow_blank=False, allow_null=False)
    description = TextIn(_of(Event, "description"))
    tax_rate = RateIn()


class NewEvent(ChangedEvent):
    """An event to offer, with what its places cost and its first dates."""

    name = TextIn(_of(Event, "name"), required=True)
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

    name = TextIn(_of(Media, "name"), allow_blank=False, allow_null=False)
    description = TextIn(_of(Media, "description"))
    price = MoneyIn(required=False)
    valid_for = TextIn(_of(Media, "valid_for"))


class NewMedia(ChangedMedia):
    """A video or another medium to sell."""

    name = TextIn(_of(Media, "name"), required=True)
    price = MoneyIn()
