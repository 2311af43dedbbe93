from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaxBehavior(models.TextChoices):
    """Whether a price includes its tax or the tax is added to it."""

    INCLUSIVE = "inclusive", _("included in the price")
    EXCLUSIVE = "exclusive", _("added to the price")


class TaxBehaviorField(models.CharField):
    """Whether a price includes its tax; "" until an action fills in the company's default.

    The database default is exclusive, because tax was always added before this column existed.
    """

    def __init__(self, **kwargs: Any) -> None:
        own: dict[str, Any] = {
            "verbose_name": _("tax is"),
            "max_length": 9,
            "choices": TaxBehavior.choices,
            "default": "",
            "db_default": TaxBehavior.EXCLUSIVE.value,
        }
        super().__init__(**own | kwargs)


class TaxRateField(models.DecimalField):
    """A tax rate in percent with four decimal places; None until an action sets the default."""

    def __init__(self, **kwargs: Any) -> None:
        own: dict[str, Any] = {
            "verbose_name": _("tax in percent"),
            "max_digits": 7,
            "decimal_places": 4,
            "default": None,
        }
        super().__init__(**own | kwargs)
