"""Descriptions and described fields that several shapes share."""

from django.db import models

from config.api.shapes import Fixed, Id
from config.tenancy.models import noun_of

BRAND = "The brand of the card, such as `Visa`; null if it is not known."
LAST4 = "The last four digits of the card or account number; null if they are not known."
EXP_MONTH = "The month in which the card expires, 1 to 12; null if it is not known."
EXP_YEAR = "The year in which the card expires, four digits; null if it is not known."
METHOD = "How the money was paid, or how it went back."
REFERENCE = "The processor's or the bank's reference of the payment; null if none was given."

DUE_ON = "The last day on which payment is in time, today or later by the company's calendar."
NEVER_DUE = "Absent or null: the invoice never becomes overdue."

DURATION = (
    "an ISO 8601 duration of whole days, weeks, months or years such as `P30D` or `P1Y`, at most "
    "50 years"
)

NAME = "The name that staff and customers see; invoices show it."
NEW_PRICE = "in the smallest unit of the currency; `tax_behavior` says whether it includes the tax."

BILLING_PERIOD = (
    "How long a period lasts, an ISO 8601 duration: `P1W` is a week, `P1M` a month, `P3M` three "
    "months, `P6M` six months, `P1Y` a year."
)
GRACE_DAYS = "How many days a payment may be late."
MINIMUM_PERIODS = (
    "How many periods must pass before a subscription can be cancelled; 0: it can be cancelled on "
    "any day."
)
EARLIEST_CANCELLATION = (
    "The first day on which the subscription can be cancelled; null if it can be on any day."
)


def own_id(
    model: type[models.Model], column: str = "id", *, prefix: str = "", noun: str = ""
) -> Id:
    """Return the field `id`; a surface can pass its own prefix and noun."""
    prefix = prefix or vars(model)["id_prefix"]
    words = f"The id of the {noun or noun_of(model)}: `{prefix}` and 32 hexadecimal digits."
    return Id(prefix, column, help_text=words)


def own_type(value: str) -> Fixed:
    """Return the field `type`, a constant of the shape."""
    return Fixed(value, help_text=f"The type of the object, always `{value}`.")
