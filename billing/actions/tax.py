from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from config.errors import Refusal


def tax_on(net: int, rate: Decimal) -> int:
    """Return the tax in percent on an amount, rounded half up, as `TaxOf` does in SQL."""
    tax = Decimal(net) * rate / 100
    return int(tax.quantize(Decimal(1), ROUND_HALF_UP))


def check_tax_rate(rate: Decimal, *, refusal: type[Refusal]) -> None:
    """Raise the refusal at `tax_rate` unless the rate is from 0 to 100 percent."""
    if not 0 <= Decimal(rate) <= 100:
        sentence = _("Must be from 0 to 100 percent; got “%(rate)s”.") % {"rate": rate}
        raise refusal.at("tax_rate", sentence)
