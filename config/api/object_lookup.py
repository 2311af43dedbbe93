"""Looks up the rows that a path names, by statements that are compiled once."""

from functools import cache, cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from config.statements.compiling import AnyActor, Fetch, Param, Statement
from config.statements.lookups import Lookup, successor_of
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id
from config.tenancy.models import noun_of

from .parents import Parent
from .problems import Refused, not_found

_ID = models.UUIDField()
# The response header with the id of the surviving customer, if the path names a merged one.
MERGED_INTO = "Merged-Into"


class ObjectLookup:
    """Finds the rows that the path names: rows of `queryset`, below `parent` if there is one.

    `key`: the path parameter with the id of the row.
    `ids`: the prefix of each id in the path; by default those of the models.
    `row_implies_parent`: whether a found row proves that the parents in the path exist.
    `values`: the values of placeholders: the company and the ids of the path.
    """

    queryset: ClassVar[Any]
    ids: ClassVar[dict[str, str]]
    parent: ClassVar[Parent | None] = None
    key: ClassVar[str] = "id"
    row_implies_parent: ClassVar[bool] = True

    actor: Actor
    kwargs: dict[str, str]
    path: dict[str, UUID]
    values: dict[str, Any]
    # Runs a statement: in its own transaction for a read request, else in that of the request.
    fetch: Fetch
    # The public id of the surviving row if the path names a merged one, else "".
    surviving_id: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if {"queryset", "parent"} & cls.__dict__.keys() and "ids" not in cls.__dict__:
            own = getattr(cls.queryset.model, "id_prefix", "")
            cls.ids = (cls.parent.ids if cls.parent else {}) | {cls.key: own}
        cls.row_implies_parent = cls.parent is None or cls.parent.is_implied

    def get_object(self) -> Any:
        """Return the row that the path names; raises a 404."""
        if not self.row_implies_parent:
            self.require_parent()
        return self._found(self._row())

    @cached_property
    def parent_object(self) -> Any:
        """The parent that the path names; raises a 404."""
        return self._found(self._parent())

    def require_parent(self) -> None:
        """Raise a 404 unless the parent exists, so that a missing one is no empty list."""
        if self.parent is not None and not self.fetch(self._parent_id(), self.values).raw():
            raise not_found(self.noun)

    def _found(self, lookup: Lookup[Any]) -> Any:
        found = lookup.first(fetch=self.fetch, **self.values)
        if found is None:
            raise not_found(self.noun)
        return found

    @classmethod
    @cache
    def merging_ids(cls) -> dict[str, Any]:
        """Return the path parameters whose rows can be merged, with their models."""
        found = dict(cls.parent.models) if cls.parent else {}
        if hasattr(cls, "queryset"):
            found[cls.key] = cls.queryset.model
        return {name: one for name, one in found.items() if successor_of(one) is not None}

    def follow_merge_or_raise(self, error: Refused) -> None:
        """After a 404, replace merged rows of the path by the surviving ones; else raise the error.

        Paths without merged rows so need no extra statement. A 404 is raised before anything is
        written.
        """
        self.surviving_id = self.follow_merged() if error.problem.status == 404 else ""
        if not self.surviving_id:
            raise error

    def follow_merged(self) -> str:
        """Replace each merged row of the path by the surviving one.

        Returns the public id of the last survivor, "" if the path names no merged row.
        """
        surviving_id = ""
        for name, model in self.merging_ids().items():
            statement = successor_of(model)
            if name not in self.path or statement is None:
                continue
            found = self.fetch(statement, {**self.values, "id": self.path[name]}).rows()
            if found:
                self.path[name] = self.values[name] = found[0][0]
                surviving_id = show_id(model.id_prefix, found[0][0])
        return surviving_id

    @property
    def noun(self) -> str:
        """The noun of a 404: what the last id in the path identifies.

        It is the same whichever id of the path is wrong.
        """
        return self.noun_of_id([*self.kwargs][-1])

    @classmethod
    def noun_of_id(cls, name: str) -> str:
        """Return the noun of what an id in the path identifies."""
        models = cls.parent.models if cls.parent else {}
        return noun_of(models.get(name, cls.queryset.model))

    @classmethod
    def scoped(cls) -> Any:
        """Return the rows of this path, with placeholders for the company and the ids."""
        rows = cls.queryset.visible_to(AnyActor())
        if cls.parent is None:
            return rows
        return rows.filter(cls.parent.holds(Param(cls.parent.parameter, _ID)))

    @classmethod
    @cache
    def _row(cls, *, lock: bool = False) -> Lookup[Any]:
        def choose() -> Any:
            row = cls.scoped().order_by().filter(id=Param(cls.key, _ID))
            return row.select_for_update(no_key=True, of=("self",)) if lock else row

        return Lookup(choose)

    @classmethod
    def _parents(cls) -> Any:
        assert cls.parent is not None
        bound = {name: Param(name, _ID) for name in cls.ids}
        rows = cls.parent.rows(AnyActor(), bound).order_by()
        return rows.filter(id=bound[cls.parent.parameter])

    @classmethod
    @cache
    def _parent(cls) -> Lookup[Any]:
        return Lookup(cls._parents)

    @classmethod
    @cache
    def _parent_id(cls) -> Statement:
        return Statement.of(cls._parents().values_list("id"))
