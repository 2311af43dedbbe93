"""Query parameters of lists of credits (contract, section 4), and of balances."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from config.api.filtering import Choice, Filters, Moment, Switch
from customers.filters import CustomerKey

from .models import Credit, Goodwill


class CreditFilters(Filters):
    """Which credits to include besides live ones, and which kind to keep."""

    redeemed = Switch(help_text="Include credits that have been used up.")
    expired = Switch(help_text="Include credits that have reached their end.")
    revoked = Switch(help_text="Include credits that were revoked.")
    multi_use = Switch(help_text="Only credits of any number of uses, or only the others.")

    @classmethod
    def narrow(cls, queryset: QuerySet[Any, Any], values: Mapping[str, Any]) -> Any:
        """Choose by the three together: each lets more in, and none of them takes away."""
        ended = {name: bool(values.get(name)) for name in ("redeemed", "expired", "revoked")}
        rows: Any = queryset
        rows = rows.including(**ended)
        if "multi_use" in values:
            rows = rows.filter(multi_use=values["multi_use"])
        return rows


class StatusFilters(Filters):
    """Which credits of a customer to list."""

    status = Choice(
        *Credit.STATUSES,
        method="in_status",
        help_text="Only credits in this status; absent: in any. `live`: can be used; `redeemed`: "
        "nothing is left; `revoked`: taken back; `expired`: its end has passed.",
    )

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)


class CustomerGoodwillFilters(Filters):
    """Which goodwill of a customer to list."""

    status = Choice(
        *Goodwill.STATUSES,
        method="in_status",
        help_text="Only goodwill in this status; absent: in any. `waiting`: for a second person "
        "to decide.",
    )

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)


class GoodwillFilters(CustomerGoodwillFilters):
    """Which goodwill to list."""

    customer_id = CustomerKey("customer_id", help_text="Of this customer.")


class BalanceMoment(Filters):
    """When a balance is asked for."""

    as_of = Moment(help_text="The moment at which it was so; now unless given.")
