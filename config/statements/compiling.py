"""SQL that is compiled once and run with other values.

Django's compiler costs about a millisecond for a customer with addresses, so a list or an object
is compiled once for each form that it takes (which filters are there, which way a page goes) and
kept; what differs between requests stands in slots. PostgreSQL plans as long again, so that it
keeps the plan as well: the constants are part of the SQL, and the slots its parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import Expression, QuerySet
from psycopg.adapt import Transformer

from config.access.tenancy import active_company

from .kept import Kept, Rows, Values

# The forms that clients ask for are some hundreds; whoever asks for more starts all over.
MOST = 1024
_kept: dict[Hashable, Statement] = {}


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a value that comes with each run."""

    name: str


class HowMany(Slot):
    """The place of a number of rows: part of the SQL, since it decides how they are best found."""


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


@dataclass(frozen=True)
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

    def rows(self, values: Values) -> Rows:
        """Run it for the active company and return its rows."""
        active_company()
        return rows_of(self._text(values), values)

    def _text(self, values: Values) -> str:
        """Return the SQL with its numbers of rows."""
        return "".join(
            part if isinstance(part, str) else str(int(values[part.name])) for part in self._parts
        )

    @cached_property
    def _parts(self) -> list[str | HowMany]:
        """The SQL around those numbers: constants written out, other slots by name."""
        literal = Transformer(_connected().connection).as_literal
        first, *others = self.sql.split("%s")
        parts: list[str | HowMany] = []
        text = first
        for param, other in zip(self.params, others, strict=True):
            if isinstance(param, HowMany):
                parts += [text, param]
                text = other
            elif isinstance(param, Slot):
                text += f"%({param.name})s{other}"
            else:
                text += literal(param).decode().replace("%", "%%") + other
        return [*parts, text]


class Opening(ABC):
    """What opens the transaction of each statement that is run in its `with`, one for each.

    For who only reads, and only by statements: under READ COMMITTED each of them sees what is there
    when it begins, whether a transaction is around them or not.
    """

    @property
    @abstractmethod
    def sql(self) -> str: ...

    def rows(self, kept: Kept, text: str, values: Values) -> Rows:
        """Run a statement behind it, and return its rows."""
        return kept.rows(text, values, self.sql.encode())

    def __enter__(self) -> None:
        self._token = _opening.set(self)

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        _opening.reset(self._token)


_opening: ContextVar[Opening | None] = ContextVar("regulars_opening", default=None)


def rows_of(text: str, values: Values, *, then: str = "") -> Rows:
    """Run SQL with the values of its slots, `%(name)s`, and return its rows; its plan is kept.

    A command may follow it inside a transaction, such as SAVEPOINT.
    """
    connection, opening = _connected(), _opening.get()
    if _is_watched(connection):
        around = transaction.atomic() if opening else nullcontext()
        with around, connection.cursor() as cursor:
            if opening:
                cursor.execute(opening.sql)
            cursor.execute(text, values)
            found = cursor.fetchall() if cursor.description else []
            if then:
                cursor.execute(then)
            return found
    if then:
        return run_with(lambda kept: kept.rows_then(text, values, then.encode()))
    if opening:
        return run_with(lambda kept: opening.rows(kept, text, values))
    return run_with(lambda kept: kept.rows(text, values))


def run_with(run: Callable[[Kept], Rows]) -> Rows:
    """Run something on what the connection keeps; what goes wrong is raised as Django's errors."""
    connection = _connected()
    with connection.wrap_database_errors:
        return run(Kept.of(connection.connection))


def is_free() -> bool:
    """Whether the connection is inside no transaction, and nobody watches its statements."""
    connection = _connected()
    return not (connection.in_atomic_block or _is_watched(connection))


def _is_watched(connection: Any) -> bool:
    """Whether somebody wants to see each statement, which only cursors show."""
    return bool(connection.execute_wrappers or connection.queries_logged)


def _connected() -> Any:
    connection: Any = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    return connection


def compiled(key: Hashable, build: Callable[[], Statement]) -> Statement:
    """Return the statement kept under `key`, built at the first call."""
    statement = _kept.get(key)
    if statement is None:
        if len(_kept) >= MOST:
            _kept.clear()
        statement = _kept[key] = build()
    return statement
