"""The rows that an address means: looked up by statements that are compiled once."""

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
# Names the customer that stayed in an answer to a request for one that was merged into it.
MERGED_INTO = "Merged-Into"


class ObjectLookup:
    """Finds the rows that the path names: of `queryset`, below a `parent` if there is one.

    `key` is what the path calls the id of one row. `ids` has the prefix of each id in the path:
    those of the models, unless a surface shows a row under another one. `row_implies_parent` says
    that a row that is found shows that the parents in the path are there too. `values` are those of
    a statement's placeholders: the company, and the ids of the path.
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
    # Runs a statement of the answer: by itself for a request that reads, else in its transaction.
    fetch: Fetch
    # The public id of the row that stayed, where the path names one that was merged into it.
    surviving_id: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if {"queryset", "parent"} & cls.__dict__.keys() and "ids" not in cls.__dict__:
            own = getattr(cls.queryset.model, "id_prefix", "")
            cls.ids = (cls.parent.ids if cls.parent else {}) | {cls.key: own}
        cls.row_implies_parent = cls.parent is None or cls.parent.is_implied

    def get_object(self) -> Any:
        """Return the row that the path names; raises the 404."""
        if not self.row_implies_parent:
            self.require_parent()
        return self._found(self._row())

    @cached_property
    def parent_object(self) -> Any:
        """The row that the path names as the parent; raises the 404."""
        return self._found(self._parent())

    def require_parent(self) -> None:
        """Tell an empty list from one of a parent that is not there; raises the 404."""
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
        """Return the models of the ids in the path whose rows can be merged, by parameter."""
        found = dict(cls.parent.models) if cls.parent else {}
        if hasattr(cls, "queryset"):
            found[cls.key] = cls.queryset.model
        return {name: one for name, one in found.items() if successor_of(one) is not None}

    def follow_merge_or_raise(self, error: Refused) -> None:
        """Lead from a merged row that the path names to the one that stayed; raises any other 404.

        So an id that was not merged costs no statement more. Nothing has been written before it is
        known that there is no such row.
        """
        self.surviving_id = self.follow_merged() if error.problem.status == 404 else ""
        if not self.surviving_id:
            raise error

    def follow_merged(self) -> str:
        """Put the row that stayed in the place of each merged one that the path names.

        Returns its public id, "" where the path names none.
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
        """The noun of a 404: the kind of object that the last id in the path names.

        Whichever id of the path is wrong, there is no such row.
        """
        return self.noun_of_id([*self.kwargs][-1])

    @classmethod
    def noun_of_id(cls, name: str) -> str:
        """Return the noun of the kind of object that an id in the path names."""
        models = cls.parent.models if cls.parent else {}
        return noun_of(models.get(name, cls.queryset.model))

    @classmethod
    def scoped(cls) -> Any:
        """The rows of this address, with placeholders for the company and the ids of the path."""
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
