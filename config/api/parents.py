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
    """The parent of a resource's rows, such as a customer with `customer_id` in path and table.

    `field`: the foreign key to the parent. `also`: another foreign key that can refer to it.
    `within`: the parent's own parent, if the path names it too.
    `named`: the path parameter, if it has another name than `field`.
    """

    field: str
    queryset: Any
    within: "Parent | None" = None
    also: str = ""
    named: str = ""

    @property
    def parameter(self) -> str:
        """The name of the path parameter with the parent's id."""
        return self.named or self.field

    @property
    def ids(self) -> dict[str, str]:
        """The prefix of each id in the path, up to that of the parent."""
        above = self.within.ids if self.within else {}
        return above | {self.parameter: self.queryset.model.id_prefix}

    @property
    def models(self) -> dict[str, Any]:
        """The model of each id in the path, up to that of the parent."""
        above = self.within.models if self.within else {}
        return above | {self.parameter: self.queryset.model}

    def holds(self, value: Any) -> Q:
        """Return the condition for rows of the parent with the id `value`."""
        below = Q(**{self.field: value})
        return below | Q(**{self.also: value}) if self.also else below

    @property
    def is_implied(self) -> bool:
        """Whether a row proves that the parents in the path exist and belong together."""
        return self.within is None

    def rows(self, actor: Any, ids: Mapping[str, Any]) -> Any:
        """Return the parents that match the ids of the path above them."""
        rows = self.queryset.visible_to(actor)
        return rows.filter(self.within.holds(ids[self.within.parameter])) if self.within else rows


def lock_owner(row: Any, path: Mapping[str, Any], actor: Actor) -> bool:
    """Lock the customer of a row until the transaction ends; return whether it has one."""
    owner = getattr(row, "customer_id", None) or path.get("customer_id")
    if owner is None:
        return False
    return _owner().first(company_id=actor.company_id, id=owner) is not None


@cache
def _owner() -> Lookup[Any]:
    return by_id(apps.get_model("customers", "Customer").objects, lock=True)
