"""What something comes to."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from billing.models.money import MOST
from config.access.actors import Actor
from config.access.models import Company

from ..errors import InvalidBooking
from ..models import Booking


def price_booking(booking: Booking) -> None:
    """Work out tax and total from the price before tax, its discount and the rate of tax.

    Raises InvalidBooking.
    """
    if not 0 <= booking.subtotal <= MOST:
        refuse("subtotal", _("From 0 to %(most)s of the smallest unit.") % {"most": f"{MOST:,}"})
    if not 0 <= booking.discount <= booking.subtotal:
        refuse("discount", _("From nothing to the whole price."))
    net = booking.subtotal - booking.discount
    tax = Decimal(net) * booking.tax_rate / 100
    booking.tax = int(tax.quantize(Decimal(1), ROUND_HALF_UP))
    booking.total = net + booking.tax


def currency_of(actor: Actor) -> str:
    """Return the currency that the company works in."""
    return Company.objects.values_list("currency", flat=True).get(pk=actor.company_id)


def refuse(field: str, sentence: str) -> None:
    """Raise InvalidBooking about a field."""
    raise InvalidBooking(f"{field}: {sentence}", fields={field: sentence})
