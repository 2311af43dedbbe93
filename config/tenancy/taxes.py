from django.db import models
from django.db.models import Q

from .models import check
from .tax_fields import TaxBehavior, TaxBehaviorField, TaxRateField


class Taxed(models.Model):
    """Something with a price: the tax on it in percent, and whether the price includes it.

    A row that names neither is given its company's by the action that creates it.
    """

    tax_rate = TaxRateField()
    tax_behavior = TaxBehaviorField()

    class Meta:
        abstract = True


def tax_check(name: str) -> models.CheckConstraint:
    """Return the constraint that a row's tax is from 0 to 100 percent and in or on its price."""
    return check(name, Q(tax_rate__gte=0, tax_rate__lte=100, tax_behavior__in=TaxBehavior.values))
