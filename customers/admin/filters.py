"""The filters of the list of customers."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from billing.models import Subscription
from config.admin.filters import ChoiceFilter, YesNoFilter, searchable
from credits.models import Credit

from ..models import Customer, Zone
from ..shapes.stats import rows_to_pay

STATUS_NAMES = {
    Customer.ACTIVE: _("Active"),
    Customer.INACTIVE: _("Paused"),
    Customer.DEACTIVATED: _("Archived"),
}

MOST_ZONES = 200


class StatusFilter(ChoiceFilter):
    """Filter by status: active, paused or archived."""

    title = _("status")
    parameter_name = "status"
    names = STATUS_NAMES

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.with_status(chosen)


class ZoneFilter(ChoiceFilter):
    """Filter for customers with a live address in a service zone."""

    title = _("zone")
    parameter_name = "zone"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        zones = Zone.objects.visible_to(request.actor).live().order_by("name", "id")
        return [(str(key), name) for key, name in zones.values_list("id", "name")[:MOST_ZONES]]

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.in_zone(chosen)


class TagFilter(admin.SimpleListFilter):
    """Filter by a whole tag, ignoring case."""

    title = _("tag")
    parameter_name = "tag"
    template = "admin/filters/text.html"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return []

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        return iter(())

    def queryset(self, request: Any, queryset: Any) -> Any:
        typed = self.text()
        return queryset.with_tag(typed) if typed else queryset

    def text(self) -> str:
        """Return the typed text."""
        return searchable(str(self.value() or ""))


class HasFilter(YesNoFilter):
    """Filter for customers with or without rows of some kind."""

    @abstractmethod
    def theirs(self) -> Any:
        """Return the rows of this kind of all customers."""

    def by(self, rows: Any, chosen: str) -> Any:
        found = Exists(self.theirs().filter(customer_id=OuterRef("pk")))
        return rows.filter(found if chosen == "yes" else ~found)


class SubscriptionFilter(HasFilter):
    title = _("active subscription")
    parameter_name = "subscription"

    def theirs(self) -> Any:
        return Subscription.objects.active()


class CreditFilter(HasFilter):
    title = _("live credit")
    parameter_name = "credit"

    def theirs(self) -> Any:
        return Credit.objects.unfinished().including()


class ToPayFilter(YesNoFilter):
    """Filter for customers with or without something to pay."""

    title = _("something to pay")
    parameter_name = "owes"

    def by(self, rows: Any, chosen: str) -> Any:
        open_rows = list(rows_to_pay().values())
        if chosen == "yes":
            # Each part has an index; with one OR, PostgreSQL would check every customer.
            first, *others = (found.order_by().values(payer) for found, payer in open_rows)
            return rows.filter(pk__in=first.union(*others, all=True))
        for found, payer in open_rows:
            rows = rows.filter(~Exists(found.filter(**{payer: OuterRef("pk")})))
        return rows
