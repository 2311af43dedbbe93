"""Query parameters of the lists of customers (contract, sections 2 and 5)."""

from typing import Any

from django.db.models import Exists, OuterRef

from billing.models import Subscription
from config.api.filtering import Choice, Filters, Key, Moment, Switch, Words

from .models import Customer
from .models.finding import Matching, Naming
from .shapes.shown import ZONE


class CustomerFilters(Filters):
    """How an app finds customers."""

    search = Words(
        Matching, help_text="Words that name, e-mail or phone have words beginning with."
    )
    status = Choice(
        Customer.ACTIVE,
        Customer.INACTIVE,
        Customer.DEACTIVATED,
        method="with_status",
        help_text="Absent: customers of every status.",
    )
    created_after = Moment("created_at", "gt", help_text="Created later than this.")
    has_subscription = Switch(method="subscribed", help_text="Whether there is an active one.")
    zone_id = Key(
        method="in_zone", prefix=ZONE, help_text="With a live address in this service zone."
    )

    def with_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.with_status(value)

    def in_zone(self, rows: Any, name: str, value: Any) -> Any:
        return rows.in_zone(value)

    def subscribed(self, rows: Any, name: str, value: bool) -> Any:
        """With an active subscription, or without one."""
        active = Exists(Subscription.objects.active().filter(customer_id=OuterRef("pk")))
        return rows.filter(active if value else ~active)


class AccountFilters(Filters):
    """How two documented clients go through all customers."""

    created_at_start = Moment("created_at", "gte", help_text="Created at this moment or later.")
    created_at_end = Moment("created_at", "lte", help_text="Created at this moment or before.")
    company_name = Words(
        Naming, help_text="Words that the customer's name has words beginning with."
    )
    archived = Switch(method="only_archived", help_text="Absent: archived customers too, flagged.")

    def only_archived(self, rows: Any, name: str, value: bool) -> Any:
        return rows.archived() if value else rows.live()


class ZoneFilters(Filters):
    """How an app goes through service zones."""

    archived = Switch(method="only_archived", help_text="Absent: archived zones too, flagged.")

    def only_archived(self, rows: Any, name: str, value: bool) -> Any:
        return rows.archived() if value else rows.live()
