"""SQL that is compiled once and run with other values.

Django's compiler costs about a millisecond for a customer with addresses, so a list or an object
is compiled once for each form that it takes (which filters are there, which way a page goes) and
kept; what differs between requests stands in slots.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Expression, QuerySet

from config.access.tenancy import active_company

Values = Mapping[str, Any]
# The forms that clients ask for are some hundreds; whoever asks for more starts all over.
MOST = 1024
_kept: dict[Hashable, Statement] = {}


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a value that comes with each run."""

    name: str


class Bound(Expression):
    """An expression whose value comes with each run: `filter(id=Bound("id", UUIDField()))`."""

    def __init__(self, name: str, output_field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return f"%s::{self.output_field.db_type(connection)}", [Slot(self.name)]

    def __repr__(self) -> str:
        return f"Bound({self.name!r})"

    @property
    def identity(self) -> tuple[Any, ...]:
        return (type(self), self.name)


class Anyone:
    """Stands for the actor while a statement is compiled."""

    company_id = Bound("company_id", models.UUIDField())


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its values, some of them slots."""

    sql: str
    params: tuple[Any, ...] = ()

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any]) -> Statement:
        # What can find nothing has columns all the same.
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False)
        sql, params = compiler.as_sql()
        return cls(sql, tuple(params))

    def rows(self, values: Values) -> list[tuple[Any, ...]]:
        """Run it for the active company and return its rows."""
        active_company()
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self.sql, self.bind(values))
            return cursor.fetchall()

    def bind(self, values: Values) -> list[Any]:
        return [values[part.name] if isinstance(part, Slot) else part for part in self.params]


def compiled(key: Hashable, build: Callable[[], Statement]) -> Statement:
    """Return the statement kept under `key`, built at the first call."""
    statement = _kept.get(key)
    if statement is None:
        if len(_kept) >= MOST:
            _kept.clear()
        statement = _kept[key] = build()
    return statement
