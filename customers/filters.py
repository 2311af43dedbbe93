"""Query parameters of the lists of customers (contract, sections 2 and 5)."""

from typing import Any

from config.api.filtering import ArchivedSwitch, Choice, Filters, Key, Moment, Switch, Words

from .models import Customer, Zone
from .models.finding import Matching, Naming
from .shapes.stats import has_active_subscription


class CustomerFilters(Filters):
    """How an app finds customers."""

    search = Words(
        Matching,
        help_text="Search terms. Each must match the start of a word of the name, the e-mail "
        "address or the phone, in any script, ignoring case and accents.",
    )
    status = Choice(
        Customer.ACTIVE,
        Customer.INACTIVE,
        Customer.DEACTIVATED,
        method="with_status",
        help_text="Absent: customers of every status.",
    )
    created_after = Moment("created_at", "gt", help_text="Created later than this.")
    has_subscription = Switch(
        method="subscribed",
        help_text="Whether the customer has an active subscription, as in `stats`.",
    )
    zone_id = Key(
        method="in_zone",
        prefix=Zone.id_prefix,
        help_text="With a live address in this service zone.",
    )

    def with_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.with_status(value)

    def in_zone(self, rows: Any, name: str, value: Any) -> Any:
        return rows.in_zone(value)

    def subscribed(self, rows: Any, name: str, value: bool) -> Any:
        """With an active subscription, or without one."""
        active = has_active_subscription("pk")
        return rows.filter(active if value else ~active)


class AccountFilters(Filters):
    """How two documented clients go through all customers."""

    created_at_start = Moment("created_at", "gte", help_text="Created at this moment or later.")
    created_at_end = Moment("created_at", "lte", help_text="Created at this moment or before.")
    company_name = Words(
        Naming,
        help_text="Search terms. Each must match the start of a word of the customer's name.",
    )
    archived = ArchivedSwitch(help_text="Absent: archived customers too, flagged.")


class ArchivingOptions(Filters):
    """The query parameters of archiving a customer."""

    end_open = Switch(
        help_text="End what is open in the same step: cancel the bookings to come and give back "
        "what they took, cancel subscriptions, void invoices and drafts that no money is kept for. "
        "Credits and passes stay. If one of them cannot be ended, nothing is changed."
    )
