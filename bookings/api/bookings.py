"""Bookings and media of customers, on the M2M and v1 surfaces (contract, sections 1 and 2)."""

from typing import Any, cast

from django.http import HttpResponse

from config.api.numbered_pages import NumberedPages, NumberedUnlessCursors
from config.api.parents import Parent
from config.api.problems import invalid_parameters
from config.api.resource import Resource
from config.api.surfaces import m2m, v1
from config.api.verbs import Verb
from credits.shapes.paying import PAYING
from customers.api import of_customer
from customers.models import Customer

from .. import actions
from ..filters import BookingFilters, PurchaseFilters, TransactionFilters
from ..models import PLACE, Booking, MediaPurchase, Transaction
from ..shapes import cancellations, inputs, media, outputs, paying
from ..shapes import m2m as m2m_shapes

_BOOKINGS = {"read": "bookings:read", "write": "bookings:write"}
_VIDEOS = {"read": "videos:read", "write": "videos:write"}


# --- M2M ---


class CustomerTransactions(Resource):
    """Event places that a customer bought, newest first; of the last three months by default."""

    surface = m2m
    scopes = _BOOKINGS
    queryset = Transaction.objects.newest_first()
    parent = of_customer
    filterset_class = TransactionFilters
    shows = {"*": m2m_shapes.EventTransaction}


class Places(Resource):
    """A place at an event that a customer bought, or that was bought for the customer."""

    surface = m2m
    scopes = _BOOKINGS
    queryset = Booking.objects.places().newest_first()
    ids = {"customer_id": Customer.id_prefix, "id": PLACE}
    parent = Parent("customer_id", Customer.objects, also="transaction__customer_id")
    shows = {"*": m2m_shapes.EventBooking}


class Appointments(Resource):
    """Appointments of a customer, newest first."""

    surface = m2m
    scopes = {"read": "appointments:read", "write": "appointments:write"}
    queryset = Booking.objects.appointments().newest_first()
    parent = of_customer
    shows = {"*": m2m_shapes.Appointment}


class Videos(Resource):
    """Videos and other media that a customer bought, newest first."""

    surface = m2m
    scopes = _VIDEOS
    queryset = MediaPurchase.objects.newest_first()
    parent = of_customer
    shows = {"*": m2m_shapes.CustomerMedia}


# --- v1 ---


class Bookings(Resource):
    """Appointments, and places at events, newest first."""

    surface = v1
    scopes = _BOOKINGS
    queryset = Booking.objects.newest_first()
    filterset_class = BookingFilters
    pages = NumberedUnlessCursors(cast(NumberedPages, v1.pages))
    shows = {"*": outputs.CustomerBooking}
    accepts = {
        "create": inputs.NewBooking,
        "partial_update": inputs.ChangedBooking,
        "cancel": inputs.BookingCancellation,
        "pay": paying.PaymentOrParts,
    }
    verbs = {
        "partial_update": Verb(
            actions.change_booking,
            "Move a booking that is still to come about, or change who does it, where, its notes.",
        ),
        "cancel": Verb(
            actions.cancel_booking,
            "Cancel a booking and give back what it took, by the company's rule of late "
            "cancellation: `GET /v1/bookings/{id}/cancellation` forecasts it.",
        ),
        "start": Verb(actions.start_booking, "Note that the customer is there."),
        "complete": Verb(
            actions.complete_booking,
            "Note that it is done. A place at an event is not completed before the event begins.",
        ),
        "check_in": Verb(
            actions.check_in_booking,
            "Note that the customer is here, whenever that is: a place is completed once its event "
            "has begun, an appointment once it is over, and either is in progress before that.",
        ),
        "reopen": Verb(
            actions.reopen_booking,
            "Undo a mark: a booking that was started, completed or missed is confirmed again, and "
            "what was paid stays paid.",
        ),
        "no_show": Verb(
            actions.miss_booking, "Note that the customer did not come; what was paid stays paid."
        ),
        "pay": Verb(
            actions.pay_booking,
            "Pay for a booking, or for what a credit left of its price, by one means or in parts.",
        ),
    }

    def create(self, request: Any) -> HttpResponse:
        """Book an appointment, or places at an event, and pay for it if `payment` says how."""
        fields = self.accepted()
        how = {name: fields.pop(name) for name in PAYING if name in fields}
        payer = fields.pop("purchased_by", fields["customer"])
        booking = Booking(**fields)
        if booking.event_date is None:
            actions.book_appointment(booking, **how, actor=self.actor)
        else:
            purchase = Transaction(customer=payer)
            actions.book_places(purchase, places=[booking], **how, actor=self.actor)
        return self.show(booking, status=201)


class Cancellations(Resource):
    """What cancelling a booking gives back."""

    surface = v1
    scopes = _BOOKINGS
    queryset = Booking.objects.newest_first()
    shows = {"*": cancellations.Cancellation}

    def retrieve(self, request: Any, **path: str) -> HttpResponse:
        """Forecast what cancelling a booking now would give back, or show what it gave back.

        It follows the company's rule of late cancellation, without `waive_fee`.
        """
        return self.show_document(cancellations.described(self.get_object(), actor=self.actor))


class CustomerBookings(Resource):
    """Bookings of a customer, newest first."""

    surface = v1
    scopes = _BOOKINGS
    queryset = Booking.objects.newest_first()
    parent = of_customer
    filterset_class = BookingFilters
    shows = {"*": outputs.CustomerBooking}

    def filter_values(self) -> dict[str, Any]:
        """Check that the customer in the query is the one in the path."""
        given = super().filter_values()
        if given.get("customer_id", self.path["customer_id"]) != self.path["customer_id"]:
            raise invalid_parameters({"customer_id": "Must be the customer of the path."})
        return given


class Transactions(Resource):
    """Event places bought together, newest first."""

    surface = v1
    scopes = _BOOKINGS
    queryset = Transaction.objects.newest_first()
    filterset_class = PurchaseFilters
    shows = {"*": outputs.BookedTogether}
    accepts = {"create": inputs.NewTransaction}

    def create(self, request: Any) -> HttpResponse:
        """Book places at events together, for one customer or for several."""
        fields = self.accepted()
        customer = fields["customer"]
        places = [Booking(**{"customer": customer, **place}) for place in fields["places"]]
        purchase = actions.book_places(
            Transaction(customer=customer),
            places=places,
            **{name: fields[name] for name in PAYING if name in fields},
            actor=self.actor,
        )
        return self.show(purchase, status=201)


class MediaPurchases(Resource):
    """Videos and other media that a customer bought, newest first."""

    surface = v1
    scopes = _VIDEOS
    queryset = MediaPurchase.objects.newest_first()
    parent = of_customer
    shows = {"*": media.MediaBought}
    accepts = {
        "create": inputs.NewMediaPurchase,
        "cancel": inputs.CancellationReason,
        "pay": paying.PaymentOrParts,
    }
    verbs = {
        "pay": Verb(
            actions.pay_media,
            "Pay for a medium, or for what a credit left of its price, by one means or in parts.",
        ),
        "cancel": Verb(
            actions.cancel_media_purchase, "Take a medium back and give back what it took."
        ),
    }

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Sell a medium to the customer, as it is sold now, and take what it is paid with."""
        fields = self.accepted()
        how = {name: fields.pop(name) for name in PAYING if name in fields}
        purchase = MediaPurchase(customer=self.parent_object, **fields)
        return self.show(actions.sell_media(purchase, **how, actor=self.actor), status=201)
