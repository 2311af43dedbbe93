"""Create the catalogue of a company, through the actions that staff use."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import uuid_utils.compat
from babel.numbers import get_currency_precision
from django.db import models

from billing.actions import create_plan
from billing.models import Plan
from bookings.actions import create_event, create_media, create_service
from bookings.models import Event, Media, PricingOption, Service
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.tax_fields import TaxBehavior
from credits.actions import create_coupon, create_pass_product, create_rule
from credits.models import Coupon, CreditRule, PassProduct
from customers.actions import create_zone
from customers.models import Zone

from .nations import NATIONS, nation_of
from .offers import DATA, Catalogue


@dataclass
class _Shop:
    """Creates rows for a company, with the creation time `opened`, or now if that is None."""

    company: Company
    actor: Actor
    opened: datetime.datetime | None
    new: set[uuid.UUID] = field(default_factory=set)

    def price(self, amount: float) -> int:
        """Return a price in the smallest unit of the company's currency."""
        currency = self.company.currency
        worth = DATA["worth"].get(currency, 1)
        return round(amount * worth * 10 ** get_currency_precision(currency))

    def offer[M: models.Model](self, create: Callable[..., M], row: M, **more: Any) -> M:
        """Return the live row with the same name and currency; create it if there is none."""
        rows: Any = type(row)._default_manager
        live = rows.visible_to(self.actor).live().filter(name=vars(row)["name"])
        if not isinstance(row, Zone):
            live = live.filter(currency=self.company.currency)
        present: M | None = live.oldest_first().first()
        if present is not None:
            return present
        row = create(self.dated(row), actor=self.actor, **more)
        self.new.add(row.pk)
        return row

    def offer_all[M: models.Model](
        self, kind: str, model: type[M], create: Callable[..., M], **more: Any
    ) -> list[M]:
        """Offer every row of a kind in catalogue.toml; `more` has default values."""
        rows = []
        for terms in DATA[kind]:
            money = {name: self.price(terms[name]) for name in ("price", "amount") if name in terms}
            rows.append(self.offer(create, model(**{**more, **terms, **money})))
        return rows

    def dated[M: models.Model](self, row: M, moment: datetime.datetime | None = None) -> M:
        """Set the creation time of a row to `moment`, or to one second after the row before."""
        if self.opened is not None:
            self.opened += datetime.timedelta(seconds=1)
            moment = moment or self.opened
            row.pk = uuid_utils.compat.uuid7(nanoseconds=int(moment.timestamp()) * 1_000_000_000)
            vars(row)["created_at"] = moment
        return row


def open_catalogue(
    company: Company,
    *,
    opened: datetime.datetime | None = None,
    ruled: datetime.datetime | None = None,
    actor: Actor,
) -> Catalogue:
    """Offer everything in catalogue.toml; existing rows with the same names are kept.

    The rows get the creation time `opened`, and the rule that grants the perk gets `ruled`; None
    means now.
    """
    shop = _Shop(company, actor, opened)
    nation = NATIONS.get(company.country)
    rate = Decimal(nation.form["company"]["tax_rate"] if nation else 0)
    as_usual = {"tax_rate": rate, "tax_behavior": company.tax_behavior}
    with_tax = {"tax_rate": rate, "tax_behavior": TaxBehavior.INCLUSIVE}
    plans = shop.offer_all("plans", Plan, create_plan, **with_tax)
    coupons = shop.offer_all("coupons", Coupon, create_coupon)
    classes = [one["name"] for one in DATA["events"]]
    rule = _rule(shop, plans[0], coupons[0], ruled)
    zone = ZoneInfo(company.timezone)
    events = [_event(shop, one, **as_usual) for one in DATA["events"]]
    return Catalogue(
        tax_rate=rate,
        services=_by_name(shop.offer_all("services", Service, create_service, **as_usual)),
        events=_by_name(events),
        options={one.pk: _options(shop, one) for one in events},
        plans=_by_name(plans),
        coupons=_by_name(coupons),
        passes=_by_name(
            shop.offer_all(
                "passes", PassProduct, create_pass_product, offerings=classes, **with_tax
            )
        ),
        media=_by_name(shop.offer_all("media", Media, create_media, **with_tax)),
        rule=rule,
        ruled_on=rule.created_at.astimezone(zone).date() if rule else datetime.date.max,
    )


def open_zones(company: Company, *, actor: Actor) -> None:
    """Create a zone for each part of a city, named after the first characters of its codes."""
    shop = _Shop(company, actor, None)
    for city in nation_of(company.country).cities:
        alike = takewhile(lambda column: len(set(column)) == 1, zip(*city.codes, strict=False))
        name = f"{city.name} {''.join(column[0] for column in alike)}".strip()
        zone = Zone(name=name, postal_codes=city.codes, company_id=company.id)
        shop.offer(create_zone, zone)


def _event(shop: _Shop, terms: dict[str, Any], **taxed: Any) -> Event:
    options = [
        PricingOption(name=name, price=shop.price(terms["price"] * part), visits=terms["visits"])
        for name, part in DATA["options"].items()
    ]
    event = Event(name=terms["name"], **taxed)
    return shop.offer(create_event, event, pricing_options=options)


def _options(shop: _Shop, event: Event) -> list[PricingOption]:
    """Return the first and the last of an event's live pricing options."""
    live = PricingOption.objects.visible_to(shop.actor).live().filter(event=event)
    options = list(live.oldest_first())
    return [options[0], options[-1]]


def _rule(
    shop: _Shop, plan: Plan, coupon: Coupon, ruled: datetime.datetime | None
) -> CreditRule | None:
    """Let a new plan grant a coupon; an existing plan may have subscribers, so it gets no rule."""
    cycle = CreditRule.BILLING_CYCLE
    live = CreditRule.objects.visible_to(shop.actor).live()
    rule = live.filter(plan=plan, coupon=coupon, every=cycle).first()
    if rule is None and plan.pk in shop.new:
        rule = shop.dated(CreditRule(plan=plan, coupon=coupon, every=cycle), ruled)
        rule = create_rule(rule, actor=shop.actor)
        rule.refresh_from_db()
    return rule


def _by_name[M: models.Model](rows: list[M]) -> dict[str, M]:
    return {vars(row)["name"]: row for row in rows}
