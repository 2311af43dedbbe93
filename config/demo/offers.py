"""The offers of sample companies: the data of catalogue.toml, and the rows created from it."""

import datetime
import tomllib
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from billing.models import Plan
from bookings.models import Event, Media, PricingOption, Service
from credits.models import Coupon, CreditRule, PassProduct

DATA = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
# Minutes and spaces of each event, by its name.
HOURS = {terms["name"]: (terms["duration"], terms["capacity"]) for terms in DATA["events"]}


@dataclass(frozen=True)
class Catalogue:
    """Everything that a company offers, by name; tax rates are in percent.

    `options` has the full and the reduced price of each event. The `rule` grants the `perk` for
    billing periods since the day `ruled_on`.
    """

    tax_rate: Decimal
    services: dict[str, Service]
    events: dict[str, Event]
    options: dict[uuid.UUID, list[PricingOption]]
    plans: dict[str, Plan]
    coupons: dict[str, Coupon]
    passes: dict[str, PassProduct]
    media: dict[str, Media]
    rule: CreditRule | None
    ruled_on: datetime.date

    @property
    def perk(self) -> Coupon:
        return next(iter(self.coupons.values()))
