"""What a company with sample customers offers, made through the actions as staff would make it.

What it offers already under one of these names, in its own currency, is used as it is.
"""

import datetime
import json
import uuid
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from babel.numbers import get_currency_precision
from django.db import models

from billing.actions import create_plan
from billing.models import Plan
from bookings.actions import create_event, create_media, create_service
from bookings.models import Event, Media, PricingOption, Service
from config.access.actors import Actor
from config.access.models import Company
from credits.actions import create_coupon, create_pass_product, create_rule
from credits.models import Coupon, CreditRule, PassProduct
from customers.actions import save_zone
from customers.models import Zone

from . import offers, wares
from .batch import escape
from .ids import Ids
from .nations import NATIONS, nation_of


class Shop:
    """Offers things in a company's name, each a second after the one before."""

    def __init__(self, company: Company, opened: datetime.datetime) -> None:
        self.company, self.actor = company, Actor.command(company)
        self._ids, self._opened = Ids(), opened
        precision = get_currency_precision(company.currency)
        self._unit = 10**precision * wares.WORTH.get(company.currency, 1)
        taxed = {nation.code: nation.tax_rate for nation in NATIONS}
        self.tax_rate = taxed.get(company.country, 0)
        self.home = nation_of(company.country)

    def price(self, amount: float) -> int:
        """Return what something comes to in the smallest unit of the company's currency."""
        return round(amount * self._unit)

    def offer[M: models.Model](
        self, create: Callable[..., M], row: M, /, **more: Any
    ) -> tuple[M, bool]:
        """Return what is offered under the name of a row, and whether it is new."""
        rows: Any = type(row)._default_manager
        live = rows.visible_to(self.actor).live().filter(name=vars(row)["name"])
        if not isinstance(row, Zone):
            live = live.filter(currency=self.company.currency)
        present = live.oldest_first().first()
        if present is not None:
            return present, False
        return create(self.dated(row), actor=self.actor, **more), True

    def dated[M: models.Model](self, row: M, opened: datetime.datetime | None = None) -> M:
        """Let a row have been there since the company opened."""
        self._opened += datetime.timedelta(seconds=1)
        opened = opened or self._opened
        row.pk = uuid.UUID(self._ids.at(int(opened.timestamp())))
        vars(row)["created_at"] = opened
        return row


def open_shop(
    company: Company, opened: datetime.datetime, ruled: datetime.datetime
) -> offers.Offers:
    """Offer what sample customers need; the plan's perk is granted from `ruled` on."""
    shop = Shop(company, opened)
    services = tuple(_service(shop, *terms) for terms in wares.SERVICES)
    events = tuple(_event(shop, *terms) for terms in wares.EVENTS)
    plans, are_new = zip(*(_plan(shop, **terms) for terms in wares.PLANS), strict=True)
    coupons = {terms["name"]: _coupon(shop, **terms) for terms in wares.COUPONS}
    perk = coupons.pop(wares.PERK)
    names = {"class": [one.name for one in events], "massage": list(wares.MASSAGES)}
    for zone in _zones(shop):
        shop.offer(save_zone, zone)
    return offers.Offers(
        services=services,
        events=events,
        plans=plans,
        perk=_rule(shop, plans[0], perk, ruled if are_new[0] else None),
        presents=tuple(coupons.values()),
        passes=tuple(_pass(shop, names, *terms) for terms in wares.PASSES),
        media=tuple(_medium(shop, *terms) for terms in wares.MEDIA),
    )


def _service(
    shop: Shop, name: str, duration: int, price: float, configuration: dict[str, Any]
) -> offers.Service:
    row, _ = shop.offer(
        create_service,
        Service(
            name=name,
            duration=duration,
            price=shop.price(price),
            tax_rate=shop.tax_rate,
            configuration=configuration,
        ),
    )
    return offers.Service(
        *(row.pk.hex, row.name, row.duration, row.price, _rate(row.tax_rate)),
        configuration=escape(json.dumps(row.configuration)),
    )


def _event(
    shop: Shop, name: str, duration: int, capacity: int, price: float, visits: int
) -> offers.Event:
    options = [
        PricingOption(name=kind, price=shop.price(price * part), visits=visits)
        for kind, part in wares.OPTIONS
    ]
    row, _ = shop.offer(
        create_event, Event(name=name, tax_rate=shop.tax_rate), pricing_options=options
    )
    live = PricingOption.objects.visible_to(shop.actor).live().filter(event=row)
    known = [offers.Option(one.pk.hex, one.price, one.visits) for one in live.oldest_first()]
    return offers.Event(
        *(row.pk.hex, row.name, duration, capacity, _rate(row.tax_rate)),
        options=(known[0], known[-1]),
    )


def _plan(shop: Shop, price: float, **terms: Any) -> tuple[offers.Membership, bool]:
    row, is_new = shop.offer(create_plan, Plan(price=shop.price(price), **terms))
    membership = offers.Membership(
        *(row.pk.hex, row.name, row.price, row.billing_period),
        *(row.grace_days, row.minimum_periods),
    )
    return membership, is_new


def _coupon(shop: Shop, **terms: Any) -> offers.Coupon:
    if "amount" in terms:
        terms["amount"] = shop.price(terms["amount"])
    row, _ = shop.offer(create_coupon, Coupon(**terms))
    return offers.Coupon(
        *(row.pk.hex, row.entitlement, row.amount, row.percentage, row.offering),
        *(row.multi_use, row.valid_for),
    )


def _rule(
    shop: Shop,
    plan: offers.Membership,
    coupon: offers.Coupon,
    ruled: datetime.datetime | None,
) -> offers.Perk | None:
    """Let a plan grant a coupon; no plan of the company's own, which others are on already."""
    live = CreditRule.objects.visible_to(shop.actor).live().filter(plan_id=plan.id)
    rule = live.filter(coupon_id=coupon.id, every=CreditRule.BILLING_CYCLE).first()
    if rule is None and ruled is not None:
        terms = {"plan_id": uuid.UUID(plan.id), "coupon_id": uuid.UUID(coupon.id)}
        rule = CreditRule(every=CreditRule.BILLING_CYCLE, **terms)
        rule = create_rule(shop.dated(rule, ruled), actor=shop.actor)
    if rule is None:
        return None
    since = rule.created_at.astimezone(zoneinfo.ZoneInfo(shop.company.timezone)).date()
    return offers.Perk(rule.pk.hex, plan.id, coupon, since)


def _pass(
    shop: Shop, offerings: Mapping[str, Sequence[str]], name: str, *terms: Any
) -> offers.Pass:
    visits, price, valid_for, kind = terms
    row, _ = shop.offer(
        create_pass_product,
        PassProduct(
            name=name,
            visits=visits,
            price=shop.price(price),
            valid_for=valid_for,
            offerings=list(offerings[kind]),
        ),
    )
    return offers.Pass(row.pk.hex, row.visits, row.price, row.valid_for, tuple(row.offerings))


def _medium(shop: Shop, name: str, price: float, valid_for: str) -> offers.Medium:
    medium = Media(name=name, price=shop.price(price), valid_for=valid_for)
    row, _ = shop.offer(create_media, medium)
    return offers.Medium(row.pk.hex, row.price, row.valid_for)


def _zones(shop: Shop) -> list[Zone]:
    """Return a zone for each part of a city at home, called after how its codes begin."""
    return [
        Zone(
            name=f"{city.name} {_beginning(city.codes)}".strip(),
            postal_codes=list(city.codes),
            company_id=shop.company.id,
        )
        for city in shop.home.places
    ]


def _beginning(codes: Sequence[str]) -> str:
    """Return what all codes begin with."""
    columns = takewhile(lambda column: len(set(column)) == 1, zip(*codes, strict=False))
    return "".join(column[0] for column in columns).strip()


def _rate(percent: Any) -> int:
    """Return a rate in percent in ten-thousandths of one."""
    return int(percent * 10_000)
