"""Bookings and media of customers, on the M2M and v1 surfaces (contract, sections 1 and 2)."""

from typing import Any, cast

from django.http import HttpResponse

from config.api.parents import Parent
from config.api.problems import bad_request
from config.api.resource import Resource
from config.api.surfaces import m2m, v1
from customers.api import of_customer
from customers.models import Customer
from customers.shapes.shown import CUSTOMER

from ..actions import (
    Means,
    book_appointment,
    book_places,
    cancel_booking,
    cancel_media_purchase,
    change_booking,
    complete_booking,
    miss_booking,
    pay_booking,
    sell_media,
    start_booking,
)
from ..filters import BookingFilters, TransactionFilters
from ..models import Booking, MediaPurchase, Transaction
from ..shapes.accepted import (
    Cancellation,
    ChangedBooking,
    MeansIn,
    NewBooking,
    NewMediaPurchase,
    NewTransaction,
)
from ..shapes.catalogue import MEDIA
from ..shapes.shown import (
    BOOKING,
    PLACE,
    TRANSACTION,
    Appointment,
    CustomerBooking,
    CustomerMedia,
    EventBooking,
    EventTransaction,
)

_BOOKINGS = {"read": "bookings:read", "write": "bookings:write"}
_VIDEOS = {"read": "videos:read", "write": "videos:write"}


# --- M2M ---


class CustomerTransactions(Resource):
    """Event places that a customer bought, newest first; of the last three months by default."""

    surface = m2m
    scopes = _BOOKINGS
    queryset = Transaction.objects.newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    filterset_class = TransactionFilters
    shows = {"*": EventTransaction}


class Places(Resource):
    """Places at events that a customer bought, or that were bought for the customer."""

    surface = m2m
    scopes = _BOOKINGS
    queryset = Booking.objects.places().newest_first()
    ids = {"customer_id": CUSTOMER, "id": PLACE}
    parent = Parent("customer_id", Customer.objects, also="transaction__customer_id")
    shows = {"*": EventBooking}


class Appointments(Resource):
    """Appointments of a customer, newest first."""

    surface = m2m
    scopes = {"read": "appointments:read", "write": "appointments:write"}
    queryset = Booking.objects.appointments().newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    shows = {"*": Appointment}


class Videos(Resource):
    """Videos and other media that a customer bought, newest first."""

    surface = m2m
    aliases = ("media",)
    scopes = _VIDEOS
    queryset = MediaPurchase.objects.newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    shows = {"*": CustomerMedia}


# --- v1 ---


class Bookings(Resource):
    """Appointments, and places at events, newest first."""

    surface = v1
    scopes = _BOOKINGS
    queryset = Booking.objects.newest_first()
    ids = {"id": BOOKING}
    filterset_class = BookingFilters
    shows = {"*": CustomerBooking}
    accepts = {
        "create": NewBooking,
        "partial_update": ChangedBooking,
        "cancel": Cancellation,
        "pay": MeansIn,
    }

    def create(self, request: Any) -> HttpResponse:
        """Book an appointment, or places at an event, and pay for it if `payment` says how."""
        fields = self.accepted()
        means = fields.pop("payment", None)
        payer = fields.pop("purchased_by", fields["customer"])
        booking = Booking(**fields)
        if booking.event_date is None:
            book_appointment(booking, means=means, actor=self.actor)
        else:
            purchase = Transaction(customer=payer)
            book_places(purchase, places=[booking], means=means, actor=self.actor)
        return self.show(booking, status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Move a booking that is still to come about, or change who does it, where, its notes."""
        booking = self.target()
        return self.show(change_booking(booking, changes=self.accepted(), actor=self.actor))

    def cancel(self, request: Any, id: str) -> HttpResponse:
        """Cancel a booking and give back what it took."""
        booking = self.target()
        cancel_booking(booking, **self.accepted(), actor=self.actor)
        return self.show(booking)

    def start(self, request: Any, id: str) -> HttpResponse:
        """Note that the customer is there."""
        booking = self.target()
        start_booking(booking, actor=self.actor)
        return self.show(booking)

    def complete(self, request: Any, id: str) -> HttpResponse:
        """Note that it is done."""
        booking = self.target()
        complete_booking(booking, actor=self.actor)
        return self.show(booking)

    def miss(self, request: Any, id: str) -> HttpResponse:
        """Note that the customer did not come; what was paid stays paid."""
        booking = self.target()
        miss_booking(booking, actor=self.actor)
        return self.show(booking)

    def pay(self, request: Any, id: str) -> HttpResponse:
        """Pay for a booking, or for what a credit left of its price."""
        booking = self.target()
        pay_booking(booking, means=cast(Means, self.accepted()), actor=self.actor)
        return self.show(booking)


class CustomerBookings(Resource):
    """Bookings of a customer, newest first."""

    surface = v1
    scopes = _BOOKINGS
    queryset = Booking.objects.newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    filterset_class = BookingFilters
    shows = {"*": CustomerBooking}

    def given(self) -> dict[str, Any]:
        """Hold the customer of the query against the one of the path."""
        given = super().given()
        if given.get("customer_id", self.path["customer_id"]) != self.path["customer_id"]:
            sentence = "Must be the customer of the path."
            raise bad_request(f"customer_id: {sentence}", {"customer_id": sentence})
        return given


class Transactions(Resource):
    """Event places bought together."""

    surface = v1
    scopes = _BOOKINGS
    queryset = Transaction.objects.newest_first()
    ids = {"id": TRANSACTION}
    shows = {"*": EventTransaction}
    accepts = {"create": NewTransaction}

    def create(self, request: Any) -> HttpResponse:
        """Book places at events together, for one customer or for several."""
        fields = self.accepted()
        customer = fields["customer"]
        places = [Booking(**{"customer": customer, **place}) for place in fields["places"]]
        purchase = book_places(
            Transaction(customer=customer),
            places=places,
            means=fields.get("payment"),
            actor=self.actor,
        )
        return self.show(purchase, status=201)


class MediaPurchases(Resource):
    """Videos and other media that a customer bought, newest first."""

    surface = v1
    scopes = _VIDEOS
    queryset = MediaPurchase.objects.newest_first()
    ids = {"customer_id": CUSTOMER, "id": MEDIA}
    parent = of_customer
    shows = {"*": CustomerMedia}
    accepts = {"create": NewMediaPurchase, "cancel": Cancellation}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Sell a medium to the customer, as it is sold now, and take what it is paid with."""
        fields = self.accepted()
        means = fields.pop("payment", None)
        purchase = MediaPurchase(customer=self.above, **fields)
        return self.show(sell_media(purchase, means=means, actor=self.actor), status=201)

    def cancel(self, request: Any, customer_id: str, id: str) -> HttpResponse:
        """Take a medium back and give back what it took."""
        purchase = self.target()
        cancel_media_purchase(purchase, **self.accepted(), actor=self.actor)
        return self.show(purchase)
