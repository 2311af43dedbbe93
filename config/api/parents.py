"""The parent objects of an endpoint's rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Q

from config.statements.lookups import Lookup, by_id
from config.tenancy.actors import Actor


@dataclass(frozen=True)
class Parent:
    """The row in whose place a resource stands: `customer_id` in the path and in the table.

    `within` is the parent's own parent, where the path names that as well; `also` another key of a
    row that can point at the parent instead. `named` is the parameter of the path where it is not
    called as the column is.
    """

    field: str
    queryset: Any
    within: "Parent | None" = None
    also: str = ""
    named: str = ""

    @property
    def parameter(self) -> str:
        """The name of the path parameter that holds the parent's id."""
        return self.named or self.field

    @property
    def ids(self) -> dict[str, str]:
        """The prefix of each id in the path, down to the parent's own."""
        above = self.within.ids if self.within else {}
        return above | {self.parameter: self.queryset.model.id_prefix}

    @property
    def models(self) -> dict[str, Any]:
        """The model of each id in the path, down to the parent's own."""
        above = self.within.models if self.within else {}
        return above | {self.parameter: self.queryset.model}

    def holds(self, value: Any) -> Q:
        """Return what is true of the rows that stand below a parent."""
        below = Q(**{self.field: value})
        return below | Q(**{self.also: value}) if self.also else below

    @property
    def is_implied(self) -> bool:
        """Whether a row below it tells that it is there, and under the very parent of the path."""
        return self.within is None

    def rows(self, actor: Any, ids: Mapping[str, Any]) -> Any:
        """Return the parents that the path can mean."""
        rows = self.queryset.visible_to(actor)
        return rows.filter(self.within.holds(ids[self.within.parameter])) if self.within else rows


def lock_owner(row: Any, path: Mapping[str, Any], actor: Actor) -> bool:
    """Lock the customer whom a row belongs to, for the transaction; say whether it has one."""
    owner = getattr(row, "customer_id", None) or path.get("customer_id")
    if owner is None:
        return False
    return _owner().first(company_id=actor.company_id, id=owner) is not None


@cache
def _owner() -> Lookup[Any]:
    return by_id(apps.get_model("customers", "Customer").objects, lock=True)
