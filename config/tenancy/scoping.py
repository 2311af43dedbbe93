"""The active company, which isolates tenants in Python; row-level security does in PostgreSQL.

`acting_for` opens a transaction for one company and sets the company for row-level security. The
manager of a tenant model raises NoActiveCompany outside of it.
"""

import datetime
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from functools import cache
from typing import Any, Protocol, Self

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import sql
from django.db.models.expressions import Col, Combinable
from django.db.models.fields.related_lookups import RelatedExact
from django.db.models.lookups import Exact
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.where import AND

from config.times import day_begins, started_at

from .authors import NOBODY, SETTINGS, Author, author_here

SET_COMPANY = "SELECT set_config('regulars.company', %s, true)"
SET_ALL = f"{SET_COMPANY}, {SETTINGS}"
_AND_CLOCK = ", clock_timestamp()"
_AND_LOOK_ONLY = ", set_config('transaction_read_only', 'on', true)"

# Background work may take longer than a request (`config.server.timeouts`).
_AND_TAKE_TIME = """,
       set_config('statement_timeout', '15min', true), set_config('lock_timeout', '1min', true),
       set_config('idle_in_transaction_session_timeout', '15min', true)"""

_takes_time: ContextVar[bool] = ContextVar("regulars_takes_time", default=False)
_active: ContextVar[uuid.UUID | None] = ContextVar("regulars_company", default=None)
_is_compiling: ContextVar[bool] = ContextVar("regulars_is_compiling", default=False)

# An id as a value, or as an expression such as a placeholder or the column of an outer query.
type Key = uuid.UUID | Combinable
type Field = models.Field[Any, Any]


class NoActiveCompany(RuntimeError):
    """A tenant model was used while no company was active."""


class CompanySwitched(RuntimeError):
    """A second company was made active inside the first one's transaction."""


class SeesCompany(Protocol):
    """Has the company whose rows it may see: an actor, or a placeholder for one."""

    @property
    def company_id(self) -> Key: ...


def active_company() -> uuid.UUID:
    """Return the id of the active company; raises NoActiveCompany if there is none."""
    company = _active.get()
    if company is None:
        raise NoActiveCompany("No company is active: open `acting_for(company)` around this.")
    return company


def is_active(company: uuid.UUID) -> bool:
    """Return whether a company is the active one."""
    return _active.get() == company


def mark_active(company: uuid.UUID) -> Token[uuid.UUID | None]:
    """Mark a company as active, after a statement set it; raises CompanySwitched for another."""
    current = _active.get()
    if current not in (None, company):
        raise CompanySwitched("One transaction works for one company only.")
    return _active.set(company)


def forget_active(token: Token[uuid.UUID | None], using: str = DEFAULT_DB_ALIAS) -> None:
    """Undo `mark_active`; also clear PostgreSQL's setting if the transaction continues.

    The setting ends with its transaction, but not when a savepoint is released.
    """
    _active.reset(token)
    connection = connections[using]
    if _active.get() is None and connection.in_atomic_block and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute(SET_ALL, ["", *NOBODY])


@contextmanager
def acting_for(
    company: uuid.UUID,
    using: str = DEFAULT_DB_ALIAS,
    *,
    author: Author | None = None,
    look_only: bool = False,
) -> Iterator[None]:
    """Make a company active in one transaction; raises CompanySwitched inside of another's.

    `author` is recorded as the author of the changes, by default that of the outer `acting_for`, of
    `written_by`, or this process. With `look_only`, PostgreSQL refuses all writes.
    """
    is_inner = _active.get() is not None and author is None
    with transaction.atomic(using=using):
        token = mark_active(company)
        try:
            with connections[using].cursor() as cursor:
                settings = [] if is_inner else (author or author_here()).settings
                statement = SET_COMPANY if is_inner else SET_ALL
                statement += _AND_LOOK_ONLY * look_only + _AND_TAKE_TIME * _takes_time.get()
                statement += _AND_CLOCK
                cursor.execute(statement, [str(company), *settings])
                now = cursor.fetchone()[-1]
            with started_at(now):
                yield
        except BaseException:
            # The rollback undoes the setting; a broken transaction accepts no statement.
            _active.reset(token)
            raise
        forget_active(token, using)


@contextmanager
def taking_time() -> Iterator[None]:
    """Use the timeouts of background work for transactions that `acting_for` opens in the block."""
    token = _takes_time.set(True)
    try:
        yield
    finally:
        _takes_time.reset(token)


@contextmanager
def compiling() -> Iterator[None]:
    """Allow querysets to be compiled without an active company.

    For statements whose company is a placeholder; do not run queries in the block.
    """
    token = _is_compiling.set(True)
    try:
        yield
    finally:
        _is_compiling.reset(token)


class TenantQuery(sql.Query):
    """A query that cannot be compiled to SQL without an active company.

    Subqueries get the filter by company of their outer query, because a distributed database routes
    a statement by the company in it. TenantForeignKey does the same for joined tables.
    """

    def get_compiler(
        self,
        using: str | None = None,
        connection: BaseDatabaseWrapper | None = None,
        elide_empty: bool = True,
    ) -> SQLCompiler:
        if not _is_compiling.get():
            active_company()
        return super().get_compiler(using, connection, elide_empty)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        company = _company_of(compiler.query)
        rows = self if company is None else self.of_company(company)
        return super(TenantQuery, rows).as_sql(compiler, connection)

    def of_company(self, company: Key) -> Self:
        """Return the query filtered by a company, unless it has such a filter already."""
        rows: Any = self.clone()
        if self.combined_queries:
            rows.combined_queries = tuple(one.of_company(company) for one in self.combined_queries)
            return rows
        if not rows.alias_map:
            rows.get_initial_alias()
        column = _company_column(rows)
        if column is None or _company_of(rows) is not None:
            return self
        rows.where.add(RelatedExact(column, company), AND)
        return rows


def _company_column(query: sql.Query) -> Col | None:
    """Return the company column of the base table of a query, None if it has none."""
    alias = next((alias for alias, count in query.alias_refcount.items() if count), "")
    field = _company_fields().get(query.alias_map[alias].table_name) if alias else None
    return field.get_col(alias) if field else None


def _company_of(query: sql.Query) -> Key | None:
    """Return the company (or own column, if compared with one) that a query is filtered by."""
    column = _company_column(query)
    if column is None or query.where.connector != AND:
        return None
    for condition in query.where.children:
        if isinstance(condition, Exact) and _is_same(condition.lhs, column):
            has_column = getattr(condition.rhs, "contains_column_references", False)
            return column if has_column else condition.rhs
    return None


def _is_same(expression: Any, column: Col) -> bool:
    """Whether an expression refers to a column, regardless of its output field."""
    found = (getattr(expression, "alias", None), getattr(expression, "target", None))
    return found == (column.alias, column.target)


@cache
def _company_fields() -> dict[str, Field]:
    """Return the company field of each tenant table, by table name."""
    fields = (field for model in apps.get_models() for field in model._meta.concrete_fields)
    return {field.model._meta.db_table: field for field in fields if field.attname == "company_id"}


class TenantQuerySet[M: models.Model](models.QuerySet[M]):
    """The queryset of models with rows of companies."""

    def __init__(
        self,
        model: type[models.Model] | None = None,
        query: sql.Query | None = None,
        using: str | None = None,
        hints: dict[str, models.Model] | None = None,
    ) -> None:
        super().__init__(model, query or TenantQuery(model), using, hints)

    def visible_to(self, actor: SeesCompany) -> Self:
        return self.filter(company_id=actor.company_id)

    def on_days(self, moment: str, first: datetime.date, last: datetime.date) -> Self:
        """Return the rows with a moment on one of these days, in the company's time zone."""
        after = day_begins(last + datetime.timedelta(days=1))
        return self.filter(**{f"{moment}__gte": day_begins(first), f"{moment}__lt": after})

    def newest_first(self) -> Self:
        return self.order_by("-id")

    def oldest_first(self) -> Self:
        return self.order_by("id")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Rows of a company are archived, never deleted.")

    # These methods run a query at once, so they first filter it by the active company.

    def update(self, **kwargs: object) -> int:
        self.name_company()
        return super().update(**kwargs)

    def count(self) -> int:
        self.name_company()
        return super().count()

    def exists(self) -> bool:
        self.name_company()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self.name_company()
        return super().aggregate(*args, **kwargs)

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[M]:
        self.name_company()
        return super().iterator(*args, **kwargs)

    def _fetch_all(self) -> None:
        self.name_company()
        super()._fetch_all()

    def name_company(self) -> None:
        """Filter by the active company, unless the queryset is already filtered by a company."""
        if self._result_cache is None:
            # Do not set `query`: its setter would reset `values_list`.
            query: Any = self.query
            self._query = query.of_company(active_company())


class ArchivableQuerySet[M: models.Model](TenantQuerySet[M]):
    """The queryset of models whose rows are archived instead of deleted."""

    def live(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)


class RemovableQuerySet[M: models.Model](TenantQuerySet[M]):
    """The queryset of temporary rows, which are deleted when they are no longer needed."""

    def remove(self) -> int:
        """Delete the rows; return how many there were."""
        self.name_company()
        return self._raw_delete(self.db) or 0
