from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid

# --- Catalogue ---


class InvalidService(Invalid, code="invalid_service"):
    message = _("The service is invalid.")
    advice = "Correct the field that the message names."


class InvalidEvent(Invalid, code="invalid_event"):
    message = _("The event is invalid.")
    advice = "Correct the field that the message names."


class InvalidMedia(Invalid, code="invalid_media"):
    message = _("The medium is invalid.")
    advice = "Correct the field that the message names."


class PricingOptionTaken(Conflict, code="pricing_option_taken"):
    message = _("This event already has a pricing option of this name. Choose another name.")
    advice = "Send another name, or use the pricing option that has it."
    field = "name"


class LastPricingOption(Conflict, code="last_pricing_option"):
    message = _("An event needs at least one pricing option. Add another one first.")
    advice = "Add another pricing option, then archive this one."


class ServiceArchived(Invalid, code="service_archived"):
    message = _("This service is archived and no longer booked. Restore it, or book another.")
    advice = "Restore the service, or name another one."
    field = "service"


class FacilitatorArchived(Invalid, code="facilitator_archived"):
    message = _("This facilitator is archived and no longer booked. Restore them, or book another.")
    advice = "Restore the facilitator, or name another one."
    field = "facilitator"


class EventArchived(Invalid, code="event_archived"):
    message = _("This event is archived and no longer booked. Restore it, or book another.")
    advice = "Restore the event, or name a date of another one."
    field = "event_date"


class MediaArchived(Invalid, code="media_archived"):
    message = _("This medium is archived and no longer sold. Restore it, or sell another.")
    advice = "Restore the medium, or name another one."
    field = "media"


# --- Space and time ---


class FacilitatorBusy(Conflict, code="facilitator_busy"):
    message = _(
        "The facilitator is booked at that time. Choose another time or another facilitator."
    )
    advice = (
        "Choose a time that is free, or another facilitator. The message names the booking in "
        "the way."
    )


class EventFull(Conflict, code="event_full"):
    message = _("There are not so many spaces left. Book fewer, or another date.")
    advice = "Book fewer spaces, or another date of the event."


class FewerThanTaken(Conflict, code="fewer_than_taken"):
    message = _("More spaces than that are taken already. Leave as many as are booked.")
    advice = "Send a capacity that holds the bookings, or cancel bookings first."


class EventDateCancelled(Conflict, code="event_date_cancelled"):
    message = _("This date of the event is cancelled. Book another date.")
    advice = "Name another date of the event."


class EventDateOver(Conflict, code="event_date_over"):
    message = _(
        "Customers have come to this date already, or missed it. Cancel the open places one by one."
    )
    advice = "Cancel the bookings of the date that are still open, one by one."


class NoPlaces(Invalid, code="no_places"):
    message = _("Send from 1 to 100 places.")
    advice = "Send the places that are bought together, at least 1 and at most 100."
    field = "places"


class InvalidBooking(Invalid, code="invalid_booking"):
    message = _("The booking is invalid.")
    advice = "Correct the field that the message names."


class BookingNotOpen(Conflict, code="booking_not_open"):
    message = _("This booking is over or was cancelled. Make a new one.")
    advice = (
        "Read its status: a booking that is over or cancelled stays as it was. Make a new one "
        "instead."
    )


class TooEarly(Conflict, code="too_early"):
    message = _("This booking has not begun yet, so it cannot be a no-show. Cancel it instead.")
    advice = (
        "Wait until the booking begins. If the customer is there already, start it; if they will "
        "not come, cancel it."
    )


class WaiverUnexplained(Invalid, code="waiver_unexplained"):
    message = _("Say why this late cancellation costs nothing. Give a reason.")
    advice = "Send `reason` with `waive_fee`, or leave `waive_fee` out."
    field = "reason"


class RestoreClashes(Conflict, code="restore_clashes"):
    message = _("Not everything that ended with this customer can come back.")
    advice = (
        "Solve what the message names, or send `leave_clashes` to restore the rest and leave that "
        "ended."
    )


# --- Paying ---


class NothingSold(Invalid, code="nothing_sold"):
    message = _("Nothing is sold and nothing is paid. Choose what is sold, or what is to be paid.")
    advice = "Name at least one thing that is sold or to be paid."


class AlreadyPaid(Conflict, code="already_paid"):
    message = _("Nothing is left to pay: this is paid, or costs nothing. Leave it as it is.")
    advice = "Treat the request as done: the booking is paid in full, or costs nothing."


class AlreadyCovered(Conflict, code="already_covered"):
    message = _(
        "A pass or a credit has paid for this already, or for a part of it. Pay what is left with "
        "money or a credit."
    )
    advice = (
        "Pay what is left, if anything, with money or a credit: a pass pays for all or nothing."
    )


class AlreadyInvoiced(Conflict, code="already_invoiced"):
    message = _("There is an invoice for this already. Pay the invoice, or void it first.")
    advice = "Pay the invoice, or void it and pay in another way."


class LastDayPast(Invalid, code="last_day_past"):
    message = _("The last day is over already. Send a day from today on, or none.")
    advice = "Send a day from today on, or none."
    field = "expires_on"


class PurchaseCancelled(Conflict, code="purchase_cancelled"):
    message = _("This purchase was cancelled already. Leave it, or sell the medium again.")
    advice = "Treat the request as done."
