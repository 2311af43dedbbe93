from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from config.errors import Refusal
from config.tenancy.companies import Company
from config.tenancy.tax_fields import TaxBehavior
from config.tenancy.taxes import Taxed

from ..models.taxes import TaxGroup

type Rate = tuple[Decimal, str]


class HasTax(Protocol):
    """A row with a tax."""

    tax_rate: Decimal
    tax_behavior: str


class Priced(HasTax, Protocol):
    """A row with a price."""

    price: int


class ForSale(Priced, Protocol):
    """A product: a row with a name and a price."""

    name: str


def tax_on(amount: int, rate: Decimal, behavior: str) -> int:
    """Return the tax included in an amount or added to it.

    The rate is in percent. An exclusive tax is rounded half up. For an inclusive price the net
    amount is rounded half up instead, as `TaxOn` does in SQL.
    """
    percent = Decimal(rate)
    if behavior == TaxBehavior.INCLUSIVE:
        return amount - int((200 * amount + 100 + percent) // (200 + 2 * percent))
    return int((2 * amount * percent + 100) // 200)


def gross(amount: int, rate: Decimal, behavior: str) -> int:
    """Return an amount including its tax."""
    if behavior == TaxBehavior.INCLUSIVE:
        return amount
    return amount + tax_on(amount, rate, behavior)


def gross_of(row: Priced) -> int:
    """Return the price of a row including its tax."""
    return gross(row.price, row.tax_rate, row.tax_behavior)


def fill_tax(
    row: Taxed, *, company_id: UUID, refusal: type[Refusal], default: HasTax | None = None
) -> None:
    """Fill in the missing tax rate and behavior of a row, and check them.

    The values come from `default`, or from the company. Raises the given refusal.
    """
    if row.tax_rate is None or not row.tax_behavior:
        source = default or Company.objects.only("tax_rate", "tax_behavior").get(pk=company_id)
        row.tax_rate = source.tax_rate if row.tax_rate is None else row.tax_rate
        row.tax_behavior = row.tax_behavior or source.tax_behavior
    check_tax(row, refusal=refusal)


def check_tax(row: Taxed, *, refusal: type[Refusal], here: str = "") -> None:
    """Raise the refusal unless the rate is 0 to 100 percent and the behavior is a known one."""
    rate, behavior = row.tax_rate, row.tax_behavior
    if rate is None or not 0 <= Decimal(rate) <= 100:
        got = "null" if rate is None else rate
        sentence = _("Must be from 0 to 100 percent; got “%(rate)s”.") % {"rate": got}
        raise refusal.at(f"{here}tax_rate", sentence)
    if behavior not in TaxBehavior.values:
        sentence = _("Must be “inclusive” or “exclusive”; got “%(behavior)s”.")
        raise refusal.at(f"{here}tax_behavior", sentence % {"behavior": behavior})


def group_taxes(amounts: Iterable[tuple[Rate, int]], *, discount: int) -> list[TaxGroup]:
    """Return the tax groups of amounts at several rates, after a discount on all of them.

    The tax is computed once for each rate and behavior, on the sum after its share of the discount.
    """
    sums: dict[Rate, int] = {}
    for (rate, behavior), amount in amounts:
        key = (Decimal(rate), str(behavior))
        sums[key] = sums.get(key, 0) + amount
    sums = dict(sorted(sums.items()))
    return [
        TaxGroup(
            tax_rate=float(rate),
            tax_behavior=behavior,
            amount=sums[rate, behavior] - share,
            tax=tax_on(sums[rate, behavior] - share, rate, behavior),
        )
        for (rate, behavior), share in spread(discount, sums).items()
    ]


def spread[Key](discount: int, sums: Mapping[Key, int]) -> dict[Key, int]:
    """Split a discount between sums in proportion, by the largest remainder method.

    No share exceeds its sum, and the shares add up to the discount. Of equal remainders the first
    sum gets the unit.
    """
    whole = sum(sums.values()) or 1
    shares = {key: discount * amount // whole for key, amount in sums.items()}
    left = discount - sum(shares.values())
    by_remainder = sorted(sums, key=lambda key: -(discount * sums[key] % whole))
    for key in by_remainder[:left]:
        shares[key] += 1
    return shares


def on_top(taxes: Iterable[TaxGroup]) -> int:
    """Return the sum of the taxes that are added to the amounts of an invoice."""
    return sum(one["tax"] for one in taxes if one["tax_behavior"] == TaxBehavior.EXCLUSIVE)
