"""Query parameters of lists of credits (contract, section 4), and of balances."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from config.api.filtering import Choice, Filters, Moment, Switch
from customers.filters import CustomerKey

from .models import Credit, Goodwill


class CreditFilters(Filters):
    """Filters for credits: `redeemed`, `expired` and `revoked` add rows, `multi_use` selects."""

    redeemed = Switch(
        help_text="true: credits that are used up are listed as well. Absent or false: they are "
        "not."
    )
    expired = Switch(
        help_text="true: credits that have expired are listed as well. Absent or false: they are "
        "not."
    )
    revoked = Switch(
        help_text="true: credits that were revoked are listed as well. Absent or false: they are "
        "not."
    )
    multi_use = Switch(
        help_text="true: only credits with any number of uses. false: only the others. Absent: "
        "both."
    )

    @classmethod
    def narrow(cls, queryset: QuerySet[Any, Any], values: Mapping[str, Any]) -> Any:
        """Apply the three switches together, since each of them adds rows."""
        ended = {name: bool(values.get(name)) for name in ("redeemed", "expired", "revoked")}
        rows: Any = queryset
        rows = rows.including(**ended)
        if "multi_use" in values:
            rows = rows.filter(multi_use=values["multi_use"])
        return rows


class StatusFilters(Filters):
    """Filters for the credits of a customer."""

    status = Choice(
        *Credit.STATUSES,
        method="in_status",
        help_text="Only credits in this status. `live`: can be used. `redeemed`: nothing is left. "
        "`revoked`: staff or a client revoked it. `expired`: its end has passed. Absent: credits "
        "in every status.",
    )

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)


class CustomerGoodwillFilters(Filters):
    """Filters for the goodwill of a customer."""

    status = Choice(
        *Goodwill.STATUSES,
        method="in_status",
        help_text="Only goodwill in this status. `waiting`: a second person has to decide. Absent: "
        "goodwill in every status.",
    )

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)


class GoodwillFilters(CustomerGoodwillFilters):
    """Filters for goodwill."""

    customer_id = CustomerKey("customer_id")


class BalanceMoment(Filters):
    """The moment of a balance."""

    as_of = Moment(help_text="The moment for which the balance is worked out. Absent: now.")
