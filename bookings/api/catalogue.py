"""The catalogue on v1, beyond the contract."""

from typing import Any

from django.http import HttpResponse

from config.api.filtering import ArchivableFilters
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import v1
from config.api.verbs import Verb
from config.tenancy.archiving import archive_row, restore_row

from .. import actions
from ..filters import DateFilters
from ..models import Event, EventDate, Facilitator, PricingOption, Service
from ..models import Media as Medium
from ..shapes import catalogue as outputs
from ..shapes import offered
from ..shapes.inputs import CancellationReason

_SERVICES = {"read": "services:read", "write": "services:write"}
_EVENTS = {"read": "events:read", "write": "events:write"}
_VIDEOS = {"read": "videos:read", "write": "videos:write"}

of_event = Parent("event_id", Event.objects)


class Services(Resource):
    """Services that can be booked, newest first."""

    surface = v1
    scopes = _SERVICES
    queryset = Service.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": outputs.ServiceOffered}
    accepts = {"create": offered.NewService, "partial_update": offered.ChangedService}
    verbs = {
        "create": Verb(actions.create_service, "Offer a service."),
        "partial_update": Verb(
            actions.change_service,
            "Change what is booked from now on; bookings that were made stay as they are.",
        ),
        "archive": Verb(archive_row, "Stop booking a service; what was booked stays."),
        "restore": Verb(restore_row, "Book a service again."),
    }


class Facilitators(Resource):
    """People who do services and lead events, newest first."""

    surface = v1
    scopes = _SERVICES
    queryset = Facilitator.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": outputs.FacilitatorListed}
    accepts = {"create": offered.NewFacilitator, "partial_update": offered.ChangedFacilitator}
    verbs = {
        "create": Verb(actions.create_facilitator, "Take on a facilitator."),
        "partial_update": Verb(actions.change_facilitator, "Change a facilitator."),
        "archive": Verb(archive_row, "Stop booking a facilitator; what was booked stays."),
        "restore": Verb(restore_row, "Book a facilitator again."),
    }


class Events(Resource):
    """Events with their prices and the dates that are to come, newest first."""

    surface = v1
    scopes = _EVENTS
    queryset = Event.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": outputs.EventOffered}
    accepts = {"create": offered.NewEvent, "partial_update": offered.ChangedEvent}
    verbs = {
        "partial_update": Verb(
            actions.change_event, "Change an event; places that were booked keep their price."
        ),
        "archive": Verb(archive_row, "Stop booking an event; places that were booked stay."),
        "restore": Verb(restore_row, "Book an event again."),
    }

    def create(self, request: Any) -> HttpResponse:
        """Offer an event, with what its places cost and its first dates."""
        fields = self.accepted()
        options = [PricingOption(**option) for option in fields.pop("pricing_options")]
        dates = [EventDate(**date) for date in fields.pop("dates", [])]
        event = actions.create_event(
            Event(**fields), pricing_options=options, dates=dates, actor=self.actor
        )
        return self.show(event, status=201)


class PricingOptions(Resource):
    """Prices of a place at an event, newest first."""

    surface = v1
    scopes = _EVENTS
    queryset = PricingOption.objects.newest_first()
    parent = of_event
    filterset_class = ArchivableFilters
    shows = {"*": outputs.PriceOfPlace}
    accepts = {"create": offered.NewPricingOption}
    verbs = {
        "create": Verb(actions.add_pricing_option, "Offer one more price."),
        "archive": Verb(
            actions.archive_pricing_option,
            "Stop offering a price; places that were booked keep theirs.",
        ),
        "restore": Verb(actions.restore_pricing_option, "Offer a price again."),
    }


class EventDates(Resource):
    """Dates of an event, those added last first."""

    surface = v1
    scopes = _EVENTS
    queryset = EventDate.objects.newest_first()
    parent = of_event
    filterset_class = DateFilters
    shows = {"*": outputs.DateOfEvent}
    accepts = {
        "create": offered.NewEventDate,
        "partial_update": offered.ChangedEventDate,
        "cancel": CancellationReason,
    }
    verbs = {
        "create": Verb(actions.add_event_date, "Let the event take place once more."),
        "partial_update": Verb(actions.move_event_date, "Move a date; its bookings move along."),
        "cancel": Verb(
            actions.cancel_event_date,
            "Cancel a date with every place at it, and give back what was paid.",
        ),
    }


class Media(Resource):
    """Videos and other media for sale, newest first."""

    surface = v1
    scopes = _VIDEOS
    queryset = Medium.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": outputs.MediaOffered}
    accepts = {"create": offered.NewMedia, "partial_update": offered.ChangedMedia}
    verbs = {
        "create": Verb(actions.create_media, "Offer a medium for sale."),
        "partial_update": Verb(
            actions.change_media, "Change what is sold from now on; what was bought stays as it is."
        ),
        "archive": Verb(archive_row, "Stop selling a medium; what was bought stays."),
        "restore": Verb(restore_row, "Sell a medium again."),
    }
