from django.db import models
from django.db.models import Q

from .models import check
from .tax_fields import TaxBehavior, TaxBehaviorField, TaxRateField


class Taxed(models.Model):
    """Mixin for models with a price: the tax rate, and whether the price includes the tax.

    The action that creates a row fills in missing values from the company.
    """

    tax_rate = TaxRateField()
    tax_behavior = TaxBehaviorField()

    class Meta:
        abstract = True


def tax_check(name: str) -> models.CheckConstraint:
    """Return the constraint that the rate is from 0 to 100 and the behavior is a known value."""
    return check(name, Q(tax_rate__gte=0, tax_rate__lte=100, tax_behavior__in=TaxBehavior.values))
