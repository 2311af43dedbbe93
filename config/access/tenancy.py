"""The first fence between companies, and the key to the second.

Every row of a company is read while that company is active: `acting_for` opens the transaction,
tells PostgreSQL (whose row-level security is the second fence) and lets managers work. A manager
used outside of it raises.
"""

import datetime
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, Protocol, Self

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import sql

from config.changes.context import NOBODY, SETTINGS, Author, author_here
from config.times import day_begins

SET_COMPANY = "SELECT set_config('regulars.company', %s, true)"
SET_ALL = f"{SET_COMPANY}, {SETTINGS}"
_AND_LOOK_ONLY = ", set_config('transaction_read_only', 'on', true)"

_active: ContextVar[uuid.UUID | None] = ContextVar("regulars_company", default=None)


class NoActiveCompany(RuntimeError):
    """Rows of a company were asked for while no company was active."""


class CompanySwitched(RuntimeError):
    """A second company was made active inside the first one's transaction."""


class SeesCompany(Protocol):
    """Whatever has a company whose rows it may see: an actor, or a stand-in for one."""

    @property
    def company_id(self) -> Any: ...


def active_company() -> uuid.UUID:
    """Return the id of the active company; raises NoActiveCompany outside of any."""
    company = _active.get()
    if company is None:
        raise NoActiveCompany("No company is active: open `acting_for(company)` around this.")
    return company


def is_active(company: uuid.UUID) -> bool:
    """Say whether a company is the active one."""
    return _active.get() == company


def mark_active(company: uuid.UUID) -> Token[uuid.UUID | None]:
    """Note the company that a statement has just set; raises CompanySwitched on a second one."""
    current = _active.get()
    if current not in (None, company):
        raise CompanySwitched("One transaction works for one company only.")
    return _active.set(company)


def forget_active(token: Token[uuid.UUID | None], using: str = DEFAULT_DB_ALIAS) -> None:
    """Undo `mark_active`; inside a longer transaction PostgreSQL is told as well.

    The setting ends with its transaction by itself, but the end of a savepoint keeps it.
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
    """Work for one company, in one transaction; raises CompanySwitched inside another's.

    What changes meanwhile is the author's doing: where none is given, that of an `acting_for`
    around this one, or else of this process. Where one may `look_only`, PostgreSQL itself refuses
    every write.
    """
    is_inner = _active.get() is not None and author is None
    with transaction.atomic(using=using):
        token = mark_active(company)
        try:
            with connections[using].cursor() as cursor:
                told = [] if is_inner else (author or author_here()).settings
                statement = SET_COMPANY if is_inner else SET_ALL
                cursor.execute(statement + _AND_LOOK_ONLY * look_only, [str(company), *told])
            yield
        except BaseException:
            # The rollback undoes the setting, and a transaction that broke takes no statement.
            _active.reset(token)
            raise
        forget_active(token, using)


class TenantQuery(sql.Query):
    """Refuses to become SQL while no company is active."""

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        active_company()
        return super().get_compiler(*args, **kwargs)


class TenantQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows that belong to a company."""

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None):
        super().__init__(model, query or TenantQuery(model), using, hints)

    def visible_to(self, actor: SeesCompany) -> Self:
        return self.filter(company_id=actor.company_id)

    def on_days(self, moment: str, first: datetime.date, last: datetime.date) -> Self:
        """Those whose moment is on a day from the first to the last, by the clocks at work."""
        after = day_begins(last + datetime.timedelta(days=1))
        return self.filter(**{f"{moment}__gte": day_begins(first), f"{moment}__lt": after})

    def newest_first(self) -> Self:
        return self.order_by("-id")

    def oldest_first(self) -> Self:
        return self.order_by("id")

    def update(self, **kwargs: Any) -> int:
        active_company()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Rows of a company are archived, never deleted.")


class ArchivableQuerySet[M: models.Model](TenantQuerySet[M]):
    """Rows that are archived instead of deleted."""

    def live(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)


class RemovableQuerySet[M: models.Model](TenantQuerySet[M]):
    """Rows that are no record of anybody, and removed once they have served."""

    def remove(self) -> int:
        """Delete the rows at once; returns how many there were."""
        active_company()
        return self._raw_delete(self.db) or 0
