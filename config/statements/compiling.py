"""Querysets that are compiled once, to statements that run with different values.

Django's compiler takes about a millisecond for a customer with addresses. So each form of a list
(its filters, the direction of paging) is compiled once and cached, with placeholders for the values
of the request. Planning takes PostgreSQL as long again, so the plan is reused too: constants are
part of the SQL, and placeholders are the parameters of a prepared statement.
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

# The size of the cache. Clients normally use some hundreds of forms; a full cache is cleared.
MOST = 1024
_kept: dict[Hashable, Statement] = {}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A parameter whose value is given for each run."""

    name: str


class InlineNumber(Placeholder):
    """A number of rows, as for LIMIT: written into the SQL, since the best plan depends on it."""


class Param(Expression):
    """An expression for a placeholder: `filter(id=Param("id", UUIDField()))`."""

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
    """A placeholder for the actor, to compile a statement for all companies."""

    company_id = Param("company_id", models.UUIDField())


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters, which are constants or placeholders.

    One plan for all values is good for most statements. If the best plan depends on the values, set
    `plans_anew`: `Authentication.read` then has PostgreSQL plan the statement on each run.
    """

    sql: str
    params: tuple[Any, ...] = ()
    plans_anew: bool = False

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any]) -> Statement:
        # `elide_empty=False`: compile the statement even if its conditions match no row.
        with compiling():
            compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False)
            sql, params = compiler.as_sql()
        return cls(sql, tuple(params))

    def run(self, values: Values) -> Result:
        """Run the statement in the open transaction of the active company; return its result.

        Without `acting_for`, PostgreSQL would not know the company and would find no rows.
        """
        active_company()
        if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
            raise TransactionManagementError("No transaction is open: use `acting_for(company)`.")
        return _fetch(self.fixed_text or self.text(values), values)

    def rows(self, values: Values) -> Rows:
        """Run the statement and return its rows."""
        return self.run(values).rows()

    @cached_property
    def fixed_text(self) -> str:
        """The SQL if it has no inline numbers, else ""."""
        return "" if len(self._parts) > 1 else self.text({})

    def text(self, values: Values) -> str:
        """Return the SQL with its inline numbers filled in."""
        text = ""
        for part in self._parts:
            text += part if isinstance(part, str) else str(int(values[part.name]))
        return text

    @cached_property
    def _parts(self) -> list[str | InlineNumber]:
        """The SQL, split at inline numbers; constants are literals, placeholders are `%(name)s`."""
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


# The signature of `Statement.run`.
type Fetch = Callable[[Statement, Values], Result]


def fetch_rows(sql: str, values: Values) -> Rows:
    """Run SQL with placeholders, `%(name)s`, as a prepared statement, and return its rows."""
    return _fetch(sql, values).rows()


def _fetch(sql: str, values: Values) -> Result:
    (outcome,) = run_batches([Run(sql, values)])
    return results_of(outcome)[-1]


def compiled(key: Hashable, build: Callable[[], Statement]) -> Statement:
    """Return the cached statement for `key`; build it on first use."""
    statement = _kept.get(key)
    if statement is None:
        if len(_kept) >= MOST:
            _kept.clear()
        statement = _kept[key] = build()
    return statement
