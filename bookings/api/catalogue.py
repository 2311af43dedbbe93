"""What can be booked and bought, on v1 (more than the documents)."""

from typing import Any

from django.http import HttpResponse

from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import v1
from credits.filters import CatalogueFilters
from customers.actions import archive_row, restore_row

from ..actions import (
    add_event_date,
    add_pricing_option,
    archive_pricing_option,
    cancel_event_date,
    change_event,
    change_facilitator,
    change_media,
    change_service,
    create_event,
    create_facilitator,
    create_media,
    create_service,
    move_event_date,
)
from ..filters import DateFilters
from ..models import Event, EventDate, Facilitator, Media, PricingOption, Service
from ..shapes.accepted import Cancellation
from ..shapes.catalogue import (
    DATE,
    EVENT,
    FACILITATOR,
    MEDIA,
    OPTION,
    SERVICE,
    DateOfEvent,
    EventOffered,
    FacilitatorListed,
    MediaOffered,
    PriceOfPlace,
    ServiceOffered,
)
from ..shapes.offered import (
    ChangedEvent,
    ChangedEventDate,
    ChangedFacilitator,
    ChangedMedia,
    ChangedService,
    NewEvent,
    NewEventDate,
    NewFacilitator,
    NewMedia,
    NewPricingOption,
    NewService,
)

_SERVICES = {"read": "services:read", "write": "services:write"}
_EVENTS = {"read": "events:read", "write": "events:write"}
_VIDEOS = {"read": "videos:read", "write": "videos:write"}

of_event = Parent("event_id", Event.objects)


class Services(Resource):
    """Services that can be booked, newest first."""

    surface = v1
    scopes = _SERVICES
    queryset = Service.objects.newest_first()
    ids = {"id": SERVICE}
    filterset_class = CatalogueFilters
    shows = {"*": ServiceOffered}
    accepts = {"create": NewService, "partial_update": ChangedService}

    def create(self, request: Any) -> HttpResponse:
        """Offer a service."""
        service = create_service(Service(**self.accepted()), actor=self.actor)
        return self.show(service, status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change what is booked from now on; bookings that were made stay as they are."""
        service = self.target()
        return self.show(change_service(service, changes=self.accepted(), actor=self.actor))

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Stop booking a service; what was booked stays."""
        service = self.target()
        archive_row(service, actor=self.actor)
        return self.show(service)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Book a service again."""
        service = self.target()
        restore_row(service, actor=self.actor)
        return self.show(service)


class Facilitators(Resource):
    """People who do services and lead events, newest first."""

    surface = v1
    scopes = _SERVICES
    queryset = Facilitator.objects.newest_first()
    ids = {"id": FACILITATOR}
    filterset_class = CatalogueFilters
    shows = {"*": FacilitatorListed}
    accepts = {"create": NewFacilitator, "partial_update": ChangedFacilitator}

    def create(self, request: Any) -> HttpResponse:
        """Take on a facilitator."""
        facilitator = create_facilitator(Facilitator(**self.accepted()), actor=self.actor)
        return self.show(facilitator, status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change a facilitator."""
        facilitator = self.target()
        changes = self.accepted()
        return self.show(change_facilitator(facilitator, changes=changes, actor=self.actor))

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Stop booking a facilitator; what was booked stays."""
        facilitator = self.target()
        archive_row(facilitator, actor=self.actor)
        return self.show(facilitator)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Book a facilitator again."""
        facilitator = self.target()
        restore_row(facilitator, actor=self.actor)
        return self.show(facilitator)


class Events(Resource):
    """Events with their prices and the dates that are to come, newest first."""

    surface = v1
    scopes = _EVENTS
    queryset = Event.objects.newest_first()
    ids = {"id": EVENT}
    filterset_class = CatalogueFilters
    shows = {"*": EventOffered}
    accepts = {"create": NewEvent, "partial_update": ChangedEvent}

    def create(self, request: Any) -> HttpResponse:
        """Offer an event, with what its places cost and its first dates."""
        fields = self.accepted()
        options = [PricingOption(**option) for option in fields.pop("pricing_options")]
        dates = [EventDate(**date) for date in fields.pop("dates", [])]
        event = create_event(
            Event(**fields), pricing_options=options, dates=dates, actor=self.actor
        )
        return self.show(event, status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change an event; places that were booked keep their price."""
        event = self.target()
        return self.show(change_event(event, changes=self.accepted(), actor=self.actor))

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Stop booking an event; places that were booked stay."""
        event = self.target()
        archive_row(event, actor=self.actor)
        return self.show(event)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Book an event again."""
        event = self.target()
        restore_row(event, actor=self.actor)
        return self.show(event)


class PricingOptions(Resource):
    """What a place at an event costs, newest first."""

    surface = v1
    scopes = _EVENTS
    queryset = PricingOption.objects.live().newest_first()
    ids = {"event_id": EVENT, "id": OPTION}
    parent = of_event
    shows = {"*": PriceOfPlace}
    accepts = {"create": NewPricingOption}

    def create(self, request: Any, event_id: str) -> HttpResponse:
        """Offer one more price."""
        option = PricingOption(event=self.above, **self.accepted())
        return self.show(add_pricing_option(option, actor=self.actor), status=201)

    def destroy(self, request: Any, event_id: str, id: str) -> HttpResponse:
        """Stop offering a price; places that were booked keep theirs."""
        option = self.target()
        answer = self.show(option)
        archive_pricing_option(option, actor=self.actor)
        return answer


class EventDates(Resource):
    """Dates of an event, those added last first."""

    surface = v1
    scopes = _EVENTS
    queryset = EventDate.objects.newest_first()
    ids = {"event_id": EVENT, "id": DATE}
    parent = of_event
    filterset_class = DateFilters
    shows = {"*": DateOfEvent}
    accepts = {
        "create": NewEventDate,
        "partial_update": ChangedEventDate,
        "cancel": Cancellation,
    }

    def create(self, request: Any, event_id: str) -> HttpResponse:
        """Let the event take place once more."""
        date = EventDate(event=self.above, **self.accepted())
        return self.show(add_event_date(date, actor=self.actor), status=201)

    def partial_update(self, request: Any, event_id: str, id: str) -> HttpResponse:
        """Move a date; its bookings move along."""
        date = self.target()
        return self.show(move_event_date(date, changes=self.accepted(), actor=self.actor))

    def cancel(self, request: Any, event_id: str, id: str) -> HttpResponse:
        """Cancel a date with every place at it, and give back what was paid."""
        date = self.target()
        cancel_event_date(date, **self.accepted(), actor=self.actor)
        return self.show(date)


class Catalogue(Resource):
    """Videos and other media for sale, newest first."""

    surface = v1
    scopes = _VIDEOS
    queryset = Media.objects.newest_first()
    ids = {"id": MEDIA}
    filterset_class = CatalogueFilters
    shows = {"*": MediaOffered}
    accepts = {"create": NewMedia, "partial_update": ChangedMedia}

    def create(self, request: Any) -> HttpResponse:
        """Offer a medium for sale."""
        return self.show(create_media(Media(**self.accepted()), actor=self.actor), status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change what is sold from now on; what was bought stays as it is."""
        media = self.target()
        return self.show(change_media(media, changes=self.accepted(), actor=self.actor))

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Stop selling a medium; what was bought stays."""
        media = self.target()
        archive_row(media, actor=self.actor)
        return self.show(media)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Sell a medium again."""
        media = self.target()
        restore_row(media, actor=self.actor)
        return self.show(media)
