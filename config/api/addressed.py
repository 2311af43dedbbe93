"""The rows that an address means: looked up by statements that are compiled once."""

from functools import cache, cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from config.access.actors import Actor
from config.statements.compiling import Anyone, Bound, Statement
from config.statements.lookups import Lookup

from .parents import Parent
from .problems import not_found

_ID = models.UUIDField()


class Addressed:
    """Rows of a company behind an address: `queryset`, below those of a `parent` if there is one.

    `ids` has the prefix of each id in the path, and `key` is what the path calls that of one row.
    """

    queryset: ClassVar[Any]
    ids: ClassVar[dict[str, str]] = {"id": ""}
    parent: ClassVar[Parent | None] = None
    key: ClassVar[str] = "id"

    actor: Actor
    path: dict[str, UUID]

    def target(self) -> Any:
        """Return the row that the path names; raises the 404."""
        if self.parent is not None and not self.parent.is_implied:
            self.above  # noqa: B018
        return self._found(self._row())

    @cached_property
    def above(self) -> Any:
        """The row that the path names as the parent; raises the 404."""
        return self._found(self._parent())

    def require_parent(self) -> None:
        """Tell an empty list from one of a parent that is not there; raises the 404."""
        if self.parent is not None and not self._parent_id().rows(self.values):
            raise not_found()

    def _found(self, lookup: Lookup[Any]) -> Any:
        found = lookup.first(**self.values)
        if found is None:
            raise not_found()
        return found

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the slots of a statement: whose rows, and the ids of the path."""
        return {"company_id": self.actor.company_id, **self.path}

    @classmethod
    def scoped(cls) -> Any:
        """The rows of this address, with slots for whose they are and for the ids of the path."""
        rows = cls.queryset.visible_to(Anyone())
        if cls.parent is None:
            return rows
        return rows.filter(cls.parent.holds(Bound(cls.parent.field, _ID)))

    @classmethod
    @cache
    def _row(cls, *, lock: bool = False) -> Lookup[Any]:
        def choose() -> Any:
            row = cls.scoped().order_by().filter(id=Bound(cls.key, _ID))
            return row.select_for_update(no_key=True, of=("self",)) if lock else row

        return Lookup(choose)

    @classmethod
    def _parents(cls) -> Any:
        assert cls.parent is not None
        bound = {name: Bound(name, _ID) for name in cls.ids}
        rows = cls.parent.rows(Anyone(), bound).order_by()
        return rows.filter(id=bound[cls.parent.field])

    @classmethod
    @cache
    def _parent(cls) -> Lookup[Any]:
        return Lookup(cls._parents)

    @classmethod
    @cache
    def _parent_id(cls) -> Statement:
        return Statement.of(cls._parents().values_list("id"))
