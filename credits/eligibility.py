"""What would pay for something: the forecast of what redeeming does, by redeeming's own rules."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Value

from config.access.actors import Actor
from config.errors import Refusal
from customers.models import Customer

from .errors import NothingAskedFor, NotNeeded, OnePercentage, OtherOffering
from .models import Credit, PassPurchase
from .models.coupons import OFFERING, PERCENTAGE
from .models.holdings import REFUSALS, Holding


@dataclass
class Part:
    """What one credit or pass would pay. `amount` is money; `uses` is visits, or a whole use."""

    holding: Holding
    amount: int | None = None
    uses: int | None = None


@dataclass
class Forecast:
    """The parts in the order of their use, what is left to pay, and why the others pay nothing.

    `remaining` is None where no price was named: then what pays for the service pays for all.
    """

    remaining: int | None
    parts: list[Part] = field(default_factory=list)
    others: list[tuple[Holding, type[Refusal]]] = field(default_factory=list)
    is_covered: bool = False


def forecast_payment(
    customer: Customer, *, service: str = "", amount: int | None = None, actor: Actor
) -> Forecast:
    """Work out what would pay for a service, an amount, or a service at that price.

    A pass or a credit for the very service pays for all of it, whichever ends first. Else one
    percentage comes off, rounded half up, then balances of money pay, whichever ends first.
    Raises NothingAskedFor.
    """
    if not service and amount is None:
        raise NothingAskedFor
    forecast = Forecast(remaining=amount)
    usable = []
    for holding in _soonest_first(_holdings(customer, actor)):
        refusal = _why_not(holding, service)
        if refusal is None:
            usable.append(holding)
        else:
            forecast.others.append((holding, refusal))
    whole = [holding for holding in usable if _pays_for_all(holding)]
    rest = [holding for holding in usable if not _pays_for_all(holding)]
    for holding in [*whole, *sorted(rest, key=_is_money)]:
        _add(forecast, holding)
    return forecast


def _holdings(customer: Customer, actor: Actor) -> Iterable[Holding]:
    """Return everything that the customer holds, each with the `refusal` that a use would meet."""
    credits = Credit.objects.visible_to(actor).filter(customer=customer).select_related("coupon")
    passes = PassPurchase.objects.visible_to(actor).filter(customer=customer)
    # The least that a use takes: one unit of money or one visit, and nothing of a multi-use.
    yield from credits.with_refusal(Value(1))
    yield from passes.select_related("product").with_refusal(Value(1))


def _soonest_first(holdings: Iterable[Holding]) -> list[Holding]:
    return sorted(holdings, key=lambda one: (one.expiry_date is None, one.expiry_date or 0, one.id))


def _why_not(holding: Any, service: str) -> type[Refusal] | None:
    if holding.refusal is not None:
        return REFUSALS[holding.refusal]
    return None if is_good_for(holding, service) else OtherOffering


def is_good_for(holding: Any, service: str) -> bool:
    """Tell whether a credit or a pass can pay for a service, whatever is left of it.

    Money and percentages are good for anything, a pass that names no offering for any service.
    """
    offerings = holding.offerings if isinstance(holding, PassPurchase) else [holding.offering]
    named = [one.casefold() for one in offerings if one]
    if named:
        return service.casefold() in named
    return bool(service) or not _pays_for_all(holding)


def _pays_for_all(holding: Any) -> bool:
    return isinstance(holding, PassPurchase) or holding.entitlement == OFFERING


def _is_money(holding: Any) -> bool:
    return holding.entitlement != PERCENTAGE


def _add(forecast: Forecast, holding: Any) -> None:
    """Let one more holding pay what it can, or say why it need not."""
    if forecast.is_covered or forecast.remaining == 0:
        forecast.others.append((holding, NotNeeded))
    elif _pays_for_all(holding):
        forecast.parts.append(Part(holding, amount=forecast.remaining, uses=1))
        forecast.is_covered = True
        forecast.remaining = None if forecast.remaining is None else 0
    elif forecast.remaining is None:
        forecast.others.append((holding, OtherOffering))
    elif holding.entitlement == PERCENTAGE:
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
    off = (forecast.remaining * (credit.percentage or 0) + 50) // 100
    forecast.parts.append(Part(credit, amount=off, uses=1))
    forecast.remaining -= off
    forecast.is_covered = forecast.remaining == 0
