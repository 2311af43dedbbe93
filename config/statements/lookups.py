"""Looks up rows by statements that are compiled once."""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Self

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import QuerySet

from config.tenancy.scoping import compiling

from .compiling import AnyActor, Fetch, Param, Statement

Choose = Callable[[], QuerySet[Any, Any]]


class Lookup[M: models.Model]:
    """Looks up one row by a queryset with placeholders.

    `choose` returns the queryset; it is called only to compile the statement. The caller needs an
    active company, and an open transaction if the queryset locks.
    """

    def __init__(self, choose: Choose) -> None:
        self._choose = choose

    def first(self, *, fetch: Fetch = Statement.run, **values: Any) -> M | None:
        """Return the row for these values of the placeholders, None if there is none."""
        statement, load = self._compiled
        found = fetch(statement, values).rows()
        return load(found[0]) if found else None

    def get(self, **values: Any) -> M:
        """Return the row; raises the model's DoesNotExist if there is none."""
        row = self.first(**values)
        if row is None:
            raise self._choose().model.DoesNotExist
        return row

    def __deepcopy__(self, memo: Any) -> Self:
        # Serializers deep-copy their fields for each request; share the compiled statement.
        return self

    @cached_property
    def _compiled(self) -> tuple[Statement, Callable[[tuple[Any, ...]], M]]:
        queryset = self._choose()
        with compiling():
            compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False)
            sql, params = compiler.as_sql()
        columns = [column for column, _, _ in compiler.select]
        names = [column.target.attname for column in columns]
        converters = compiler.get_converters(columns)

        def load(row: tuple[Any, ...]) -> M:
            values = next(iter(compiler.apply_converters([row], converters)))
            return queryset.model.from_db(DEFAULT_DB_ALIAS, names, values)

        return Statement(sql, tuple(params)), load


def by_id(rows: Any, *, lock: bool = False) -> Lookup[Any]:
    """Return a look-up by id within a company: `first(company_id=…, id=…)`.

    With `lock`, the row is locked until the transaction ends.
    """

    def choose() -> QuerySet[Any, Any]:
        chosen = rows.visible_to(AnyActor()).order_by().filter(pk=Param("id", models.UUIDField()))
        return chosen.select_for_update(no_key=True, of=("self",)) if lock else chosen

    return Lookup(choose)


@cache
def successor_of(model: type[models.Model]) -> Statement | None:
    """Return the statement that finds the row that a row was merged into.

    Returns None if rows of the model cannot be merged. The placeholders are `company_id` and `id`.
    The statement finds nothing for a row that was not merged.
    """
    if not any(field.name == "merged_into" for field in model._meta.concrete_fields):
        return None
    rows: Any = model._default_manager.all()
    company, id = AnyActor.company_id, Param("id", models.UUIDField())
    merged = rows.merged().filter(company_id=company, id=id).order_by()
    return Statement.of(merged.values_list("merged_into_id"))
