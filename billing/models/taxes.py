"""Tax as SQL computes it: the functions are in `billing/sql/tax.sql`."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypedDict

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Func, Value, When
from django.db.models.functions import Cast, Round
from django.db.models.lookups import Exact

from config.tenancy.tax_fields import TaxBehavior


class TaxGroup(TypedDict):
    """A part of an invoice at one tax rate: its amount after discount, and its tax."""

    tax_rate: float
    tax_behavior: str
    amount: int
    tax: int


class TaxOn(Func):
    """The tax included in an amount or added to it: `TaxOn(amount, rate in percent, behavior)`."""

    function = "billing_tax_on"
    output_field = models.BigIntegerField()
    arity = 3


class TaxesHold(Func):
    """Whether an invoice's tax groups are valid and add up to its discounted subtotal and tax."""

    function = "billing_taxes_hold"
    output_field = models.BooleanField()
    arity = 3


class TaxOnTop(Func):
    """The part of an invoice's taxes that its subtotal does not include."""

    function = "billing_tax_on_top"
    output_field = models.BigIntegerField()
    arity = 1


def gross_price(at: Callable[[str], F] = F, price: str = "price") -> Case:
    """Return a price including its tax, as `gross` in `billing/actions/tax.py` computes it.

    Uses plain arithmetic: a function call for each row of a list is slower.
    """
    share = at(price) * at("tax_rate") * Value(Decimal("0.01"))
    tax = Cast(Round(ExpressionWrapper(share, models.DecimalField())), models.BigIntegerField())
    on_top = Exact(at("tax_behavior"), Value(TaxBehavior.EXCLUSIVE.value))
    return Case(
        When(on_top, then=at(price) + tax), default=at(price), output_field=models.BigIntegerField()
    )
