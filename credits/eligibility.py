"""Forecast which credits and passes would pay, by the rules of redeeming."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Value

from config.errors import Refusal
from config.tenancy.actors import Actor
from customers.models import Customer

from .errors import NothingAskedFor, NotNeeded, OnePercentage, OtherOffering
from .models import AnyHolding, Credit, PassPurchase
from .models.holdings import REFUSALS


@dataclass
class Part:
    """The share that one credit or pass would pay: an `amount` of money, or `uses`."""

    holding: AnyHolding
    amount: int | None = None
    uses: int | None = None


@dataclass
class Forecast:
    """The parts in the order of use, the rest to pay, and why other credits and passes pay nothing.

    `remaining` is None if no amount was given: a credit or pass for the service then pays all of
    it.
    """

    remaining: int | None
    parts: list[Part] = field(default_factory=list)
    others: list[tuple[AnyHolding, type[Refusal]]] = field(default_factory=list)
    is_covered: bool = False


def forecast_payment(
    customer: Customer,
    *,
    service: str = "",
    amount: int | None = None,
    begins_at: datetime.datetime | None = None,
    actor: Actor,
) -> Forecast:
    """Forecast what would pay for a service, an amount, or a service at that price.

    `begins_at` is the start of the service, now by default. A pass or a credit for the service pays
    all of it; the one that ends first is used. Otherwise one percentage is taken off, rounded half
    up, and balances of money pay the rest, in the order of their ends. Raises NothingAskedFor.
    """
    if not service and amount is None:
        raise NothingAskedFor
    forecast = Forecast(remaining=amount)
    usable = []
    for holding in _soonest_first(_holdings(customer, begins_at, actor)):
        refusal = _why_not(holding, service)
        if refusal is None:
            usable.append(holding)
        else:
            forecast.others.append((holding, refusal))
    for holding in sorted(usable, key=_turn):
        _add(forecast, holding)
    return forecast


def _holdings(
    customer: Customer, begins_at: datetime.datetime | None, actor: Actor
) -> Iterable[AnyHolding]:
    """Yield all credits and passes of the customer, each annotated with the `refusal` of a use."""
    credits = Credit.objects.visible_to(actor).filter(customer=customer).select_related("coupon")
    passes = PassPurchase.objects.visible_to(actor).filter(customer=customer)
    # The smallest use takes one unit of money or one visit.
    yield from credits.with_refusal(Value(1), begins_at=begins_at)
    yield from passes.select_related("product").with_refusal(Value(1), begins_at=begins_at)


def _soonest_first(holdings: Iterable[AnyHolding]) -> list[AnyHolding]:
    return sorted(holdings, key=lambda one: (one.expires_at is None, one.expires_at or 0, one.id))


def _why_not(holding: AnyHolding, service: str) -> type[Refusal] | None:
    code: str | None = vars(holding)["refusal"]
    if code is not None:
        return REFUSALS[code]
    return None if is_good_for(holding, service) else OtherOffering


def is_good_for(holding: AnyHolding, service: str) -> bool:
    """Return whether a credit or a pass is valid for a service, whatever its balance.

    Money and percentages are valid for everything, a pass without offerings for every service.
    """
    offerings = holding.offerings if isinstance(holding, PassPurchase) else [holding.offering]
    named = [one.casefold() for one in offerings if one]
    if named:
        return service.casefold() in named
    return bool(service) or not _pays_for_all(holding)


def _pays_for_all(holding: AnyHolding) -> bool:
    return isinstance(holding, PassPurchase) or holding.is_offering


def _turn(holding: AnyHolding) -> int:
    """Return the rank in the order of use: first whole payments, then percentages, then money."""
    if _pays_for_all(holding):
        return 0
    return 1 if isinstance(holding, Credit) and holding.is_percentage else 2


def _add(forecast: Forecast, holding: AnyHolding) -> None:
    """Add the share of a credit or pass to the forecast, or the reason why it pays nothing."""
    if forecast.is_covered or forecast.remaining == 0:
        forecast.others.append((holding, NotNeeded))
    elif isinstance(holding, PassPurchase) or holding.is_offering:
        forecast.parts.append(Part(holding, amount=forecast.remaining, uses=1))
        forecast.is_covered = True
        forecast.remaining = None if forecast.remaining is None else 0
    elif forecast.remaining is None:
        forecast.others.append((holding, OtherOffering))
    elif holding.is_percentage:
        _take_percentage_off(forecast, holding)
    else:
        paid = min(holding.balance, forecast.remaining)
        forecast.parts.append(Part(holding, amount=paid))
        forecast.remaining -= paid
        forecast.is_covered = forecast.remaining == 0


def _take_percentage_off(forecast: Forecast, credit: Credit) -> None:
    if any(isinstance(part.holding, Credit) and part.holding.percentage for part in forecast.parts):
        forecast.others.append((credit, OnePercentage))
        return
    assert forecast.remaining is not None
    off = credit.percentage_off(forecast.remaining)
    forecast.parts.append(Part(credit, amount=off, uses=1))
    forecast.remaining -= off
    forecast.is_covered = forecast.remaining == 0
