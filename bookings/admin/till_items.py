"""The items of the till: products for sale, debts of the customer, and means of payment."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy

from billing.actions.tax import gross_of
from billing.models import Plan
from config.admin.batch_read import gather
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.ids import read_id
from config.tenancy.money_fields import MOST
from credits.models import PassProduct
from customers.models import Customer

from ..models import Media
from .paying import Way, held_ways, means_of, money_ways
from .to_pay import PARTS, describe_owed, parts_to_pay

# The groups of products by the prefix of their item keys, each with its name and its model.
FOR_SALE: dict[str, tuple[Any, Any]] = {
    "pass": (gettext_lazy("Passes"), PassProduct),
    "plan": (gettext_lazy("Plans"), Plan),
    "media": (gettext_lazy("Videos"), Media),
}
# The most products of each kind that a page offers.
SHOWN_PRODUCTS = 30

# Rows in named groups.
type Groups[T] = list[tuple[str, list[T]]]


@dataclass(frozen=True)
class Item:
    """A product or a debt, with the amount to pay."""

    key: str
    name: str
    detail: str
    amount: int
    currency: str
    row: Any

    @property
    def price(self) -> str:
        return show_money(self.amount, self.currency)


@dataclass(frozen=True)
class Shelf:
    """All the data that the till shows for a customer."""

    for_sale: Groups[Item]
    owed: list[Item]
    money: Groups[Way]
    held: Groups[Way]

    @property
    def on_offer(self) -> list[Item]:
        return [item for _name, items in self.for_sale for item in items]


def read_shelf(
    customer: Customer, actor: Actor, *, currency: str, words: str, ticked: Iterable[str]
) -> Shelf:
    """Return the items of the till, read by one statement.

    Products are offered if their names have the words, or if they are ticked. An archived customer
    is offered none, and pays debts with money only.
    """
    rows = parts_to_pay(_Whose(customer, actor)) | means_of(customer, actor=actor)
    if not customer.is_archived:
        rows |= {kind: _sold(kind, actor, words, ticked) for kind in FOR_SALE}
    found = gather(rows)
    groups = [
        (str(name), [_for_sale(kind, row) for row in found.get(kind, ())])
        for kind, (name, _model) in FOR_SALE.items()
    ]
    return Shelf(
        for_sale=[(name, items) for name, items in groups if items],
        owed=[_owed(row) for name in PARTS for row in found[name]],
        money=money_ways(found),
        held=[] if customer.is_archived else held_ways(found, thing="", currency=currency),
    )


def hold_products(ticked: Sequence[str], actor: Actor) -> None:
    """Lock the products for sale, so that their prices do not change."""
    for kind, (_name, model) in FOR_SALE.items():
        if keys := _keys_of(kind, ticked):
            rows = model.objects.visible_to(actor).filter(pk__in=keys).order_by("pk")
            list(rows.select_for_update(no_key=True).values_list("pk"))


class _Whose:
    """A customer in the form that the queries of the customer's page expect."""

    def __init__(self, customer: Customer, actor: Actor) -> None:
        self.pk, self.company_id = customer.pk, actor.company_id


def _sold(kind: str, actor: Actor, words: str, ticked: Iterable[str]) -> Any:
    rows = FOR_SALE[kind][1].objects.visible_to(actor).live()
    shown = rows.filter(name__icontains=words) if words else rows
    shown = shown.order_by("name", "id")[:SHOWN_PRODUCTS]
    if not (keys := _keys_of(kind, ticked)):
        return shown
    return rows.filter(Q(pk__in=shown.values("pk")) | Q(pk__in=keys)).order_by("name", "id")


def _keys_of(kind: str, ticked: Iterable[str]) -> list[UUID]:
    """Return the ids of one kind in a list of item keys, at most as many as a page shows."""
    names = (key.partition(":") for key in ticked)
    keys = [read_id("", name) for prefix, _colon, name in names if prefix == kind]
    return [key for key in keys if key is not None][:SHOWN_PRODUCTS]


def _for_sale(kind: str, row: Any) -> Item:
    detail = row.get_billing_period_display() if isinstance(row, Plan) else ""
    return Item(f"{kind}:{row.pk}", row.name, detail, gross_of(row), row.currency, row)


def _owed(row: Any) -> Item:
    name, detail = describe_owed(row)
    key = f"{type(row)._meta.model_name}:{row.pk}"
    return Item(key, name, detail, row.balance, row.currency, row)


def read_shown(text: str) -> dict[str, tuple[int, str]] | None:
    """Return the price at which a page showed each item, None if the form has no valid list."""
    try:
        shown = json.loads(text)
        found = {str(key): (int(amount), str(code)) for key, (amount, code) in shown.items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    is_sane = all(0 <= amount <= MOST and len(code) == 3 for amount, code in found.values())
    return found if is_sane else None


def sum_up(amounts: Iterable[tuple[int, str]]) -> Counter[str]:
    """Return the sums of amounts by currency, without zeros."""
    sums: Counter[str] = Counter()
    for amount, currency in amounts:
        sums[currency] += amount
    return +sums
