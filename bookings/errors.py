from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid

# --- What can be booked ---


class InvalidService(Invalid, code="invalid_service"):
    message = _("The service is invalid.")
    advice = "A service has a name, lasts from a minute to a week, and costs nothing or more."


class InvalidEvent(Invalid, code="invalid_event"):
    message = _("The event is invalid.")
    advice = "An event has a name, a pricing option or more, and dates with spaces."


class InvalidMedia(Invalid, code="invalid_media"):
    message = _("The medium is invalid.")
    advice = "A medium has a name and costs nothing or more."


class PricingOptionTaken(Conflict, code="pricing_option_taken"):
    message = _("This event has a pricing option of this name.")
    advice = "Choose another name, or use the one that is there."
    field = "name"


class LastPricingOption(Conflict, code="last_pricing_option"):
    message = _("An event keeps a pricing option at least.")
    advice = "Add another pricing option first."


class ServiceArchived(Invalid, code="service_archived"):
    message = _("This service is archived and no longer booked.")
    advice = "Restore the service, or book another."
    field = "service"


class FacilitatorArchived(Invalid, code="facilitator_archived"):
    message = _("This facilitator is archived and no longer booked.")
    advice = "Restore the facilitator, or book another."
    field = "facilitator"


class EventArchived(Invalid, code="event_archived"):
    message = _("This event is archived and no longer booked.")
    advice = "Restore the event, or book another."
    field = "event_date"


class MediaArchived(Invalid, code="media_archived"):
    message = _("This medium is archived and no longer sold.")
    advice = "Restore the medium, or sell another."
    field = "media"


# --- Space and time ---


class FacilitatorBusy(Conflict, code="facilitator_busy"):
    message = _("The facilitator is taken at that time.")
    advice = "Choose another time or another facilitator."


class EventFull(Conflict, code="event_full"):
    message = _("There are not so many spaces left.")
    advice = "Book fewer spaces, or another date of the event."


class FewerThanTaken(Conflict, code="fewer_than_taken"):
    message = _("More spaces than that are taken already.")
    advice = "Cancel bookings first, or leave more spaces."


class EventDateCancelled(Conflict, code="event_date_cancelled"):
    message = _("This date of the event was cancelled.")
    advice = "Book another date."


class EventDateOver(Conflict, code="event_date_over"):
    message = _("Some have come to this date already, or missed it, so it is over.")
    advice = "Cancel the places that are still open one by one."


class NoPlaces(Invalid, code="no_places"):
    message = _("Name a place or more, and 100 at the most.")
    advice = "Event places that are bought together are named together."
    field = "places"


class InvalidBooking(Invalid, code="invalid_booking"):
    message = _("The booking is invalid.")
    advice = "The message names the field that is wrong."


class BookingNotOpen(Conflict, code="booking_not_open"):
    message = _("This booking is over or was cancelled.")
    advice = "Look at its status: what is over stays as it was. Make a new booking instead."


class TooEarly(Conflict, code="too_early"):
    message = _("This booking has not begun yet, so nobody can have missed it.")
    advice = "Cancel it if the customer will not come."


# --- Paying ---


class AlreadyPaid(Conflict, code="already_paid"):
    message = _("Nothing is left to pay for this.")
    advice = "There is nothing left to do."


class AlreadyCovered(Conflict, code="already_covered"):
    message = _("A pass or a credit has paid for a part of this already.")
    advice = "Pay what is left with money."


class AlreadyInvoiced(Conflict, code="already_invoiced"):
    message = _("There is an invoice for this already.")
    advice = "Pay the invoice, or void it first."


class NotInvoiced(Invalid, code="not_invoiced"):
    message = _("A medium is paid for when it is bought, not by an invoice.")
    advice = "Pay with a pass, a credit or money, or write an invoice of its own."


class NotTheirHolding(Invalid, code="not_their_holding"):
    message = _("The customer who pays has no such pass or credit.")
    advice = "Use a pass or a credit of the customer who pays."


class LastDayPast(Invalid, code="last_day_past"):
    message = _("The last day is over already.")
    advice = "Give a day from today on, or none."
    field = "expires_on"


class PurchaseCancelled(Conflict, code="purchase_cancelled"):
    message = _("This purchase was cancelled already.")
    advice = "There is nothing left to do."
