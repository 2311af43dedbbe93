"""SQL that is compiled once and run with other values.

Django's compiler costs about a millisecond for a customer with addresses, so a list or an object
is compiled once for each form that it takes (which filters are there, which way a page goes) and
kept; what differs between requests has placeholders. PostgreSQL plans as long again, so that it
keeps the plan as well: the constants are part of the SQL, and the placeholders its parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Expression, QuerySet
from django.db.transaction import TransactionManagementError
from psycopg.adapt import Transformer

from config.tenancy.scoping import active_company, compiling

from .messages import Run, Values
from .prepared import Result, Rows, results_of, run_batches

# The forms that clients ask for are some hundreds; whoever asks for more starts all over.
MOST = 1024
_kept: dict[Hashable, Statement] = {}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The place of a value that comes with each run."""

    name: str


class InlineNumber(Placeholder):
    """The place of a number of rows: part of the SQL, since it decides how they are best found."""


class Param(Expression):
    """An expression whose value comes with each run: `filter(id=Param("id", UUIDField()))`."""

    def __init__(self, name: str, output_field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return f"%s::{self.output_field.db_type(connection)}", [Placeholder(self.name)]

    def __repr__(self) -> str:
        return f"Param({self.name!r})"

    @property
    def identity(self) -> tuple[Any, ...]:
        return (type(self), self.name)


class AnyActor:
    """Stands for the actor while a statement is compiled."""

    company_id = Param("company_id", models.UUIDField())


@dataclass(frozen=True)
class Statement:
    """SQL with its values, some of them placeholders.

    A plan for every value that a placeholder may have suits most statements. One for which the
    best plan depends on the value `plans_anew` each time that a request only reads.
    """

    sql: str
    params: tuple[Any, ...] = ()
    plans_anew: bool = False

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any]) -> Statement:
        # What can find nothing has columns all the same.
        with compiling():
            compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False)
            sql, params = compiler.as_sql()
        return cls(sql, tuple(params))

    def run(self, values: Values) -> Result:
        """Run it in the open transaction of the active company and return its result.

        Outside of one PostgreSQL does not know the company, and no row would be found.
        """
        active_company()
        if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
            raise TransactionManagementError("No transaction is open: use `acting_for(company)`.")
        return _fetch(self.fixed_text or self.text(values), values)

    def rows(self, values: Values) -> Rows:
        """Return the rows of `run`."""
        return self.run(values).rows()

    @cached_property
    def fixed_text(self) -> str:
        """The SQL of a statement without numbers of rows, "" for one that has them."""
        return "" if len(self._parts) > 1 else self.text({})

    def text(self, values: Values) -> str:
        """Return the SQL with its numbers of rows."""
        text = ""
        for part in self._parts:
            text += part if isinstance(part, str) else str(int(values[part.name]))
        return text

    @cached_property
    def _parts(self) -> list[str | InlineNumber]:
        """The SQL around the inline numbers: constants written out, other placeholders by name."""
        connection: Any = connections[DEFAULT_DB_ALIAS]
        connection.ensure_connection()
        literal = Transformer(connection.connection).as_literal
        first, *others = self.sql.split("%s")
        parts: list[str | InlineNumber] = []
        text = first
        for param, other in zip(self.params, others, strict=True):
            if isinstance(param, InlineNumber):
                parts += [text, param]
                text = other
            elif isinstance(param, Placeholder):
                text += f"%({param.name})s{other}"
            else:
                text += literal(param).decode().replace("%", "%%") + other
        return [*parts, text]


# Runs a statement with values and returns its result, as `Statement.run` does.
type Fetch = Callable[[Statement, Values], Result]


def fetch_rows(sql: str, values: Values) -> Rows:
    """Run SQL with placeholders, `%(name)s`, as a prepared statement, and return its rows."""
    return _fetch(sql, values).rows()


def _fetch(sql: str, values: Values) -> Result:
    (outcome,) = run_batches([Run(sql, values)])
    return results_of(outcome)[-1]


def compiled(key: Hashable, build: Callable[[], Statement]) -> Statement:
    """Return the statement kept under `key`, built at the first call."""
    statement = _kept.get(key)
    if statement is None:
        if len(_kept) >= MOST:
            _kept.clear()
        statement = _kept[key] = build()
    return statement
