"""The rows of a list: one compiled statement for each way to page through them."""

import uuid
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from config.access.tenancy import acting_for
from config.statements.compiling import Bound, HowMany, Slot, Statement, Values, compiled

from .expressions import IsAmong
from .shapes import Shape

_ID = models.UUIDField()
BATCH = 1000


class Span(NamedTuple):
    """Documents of rows that follow one another, joined; the ids of the first and of the last.

    All three are None where there is no row. Whether others stand `before` and `after` them.
    """

    documents: str | None
    first: uuid.UUID | None
    last: uuid.UUID | None
    before: bool
    after: bool


@dataclass(frozen=True)
class Rows:
    """Rows that a list shows: how to choose them, the shape that renders them, the values.

    `choose` makes a queryset with slots, which only happens when a statement is compiled; `key`
    tells this form of the list from every other; `place` names the list for its cursors.
    The order is that of ids, which is that of creation; "-id" first shows the newest first.
    PostgreSQL joins the documents of a page as well, by `joint`: a page is one value. `found_by`
    is an expression that makes the ids of all rows, where one does so sooner than the table.
    """

    choose: Callable[[], QuerySet[Any, Any]]
    shape: type[Shape]
    key: tuple[Hashable, ...]
    values: Values
    place: str
    joint: str = ","
    found_by: Any = None

    def numbered(self, *, size: int, offset: int) -> tuple[str | None, int]:
        """Return the documents of a numbered page and how many rows there are in all."""
        form = (*self.key, "numbered", offset > 0)
        statement = compiled(form, lambda: self._numbered(offset > 0))
        documents, total = statement.rows({**self.values, "size": size, "offset": offset})[0]
        return documents, total

    def all(self) -> tuple[str | None, int]:
        """Return the documents of every row and how many there are: for lists short by nature."""
        documents, total = compiled((*self.key, "all"), self._all).rows(self.values)[0]
        return documents, total

    def between(self, *, limit: int, cursor: uuid.UUID | None, backwards: bool) -> Span:
        """Return up to `limit` documents, those next to the cursor or at the beginning."""
        form = (*self.key, "cursor", cursor is not None, backwards)
        statement = compiled(form, lambda: self._between(cursor is not None, backwards))
        found = statement.rows({**self.values, "limit": limit, "cursor": cursor})
        return Span(*found[0])

    def every(self, company: uuid.UUID) -> Iterator[Span]:
        """Yield all documents in batches, each in a short transaction of its own.

        Between batches no connection is held: a reader that stalls costs nobody anything.
        """
        cursor = None
        while True:
            with acting_for(company):
                batch = self.between(limit=BATCH, cursor=cursor, backwards=False)
            if not connection.in_atomic_block:
                connection.close()
            yield batch
            if not batch.after:
                return
            cursor = batch.last

    @cached_property
    def queryset(self) -> QuerySet[Any, Any]:
        return self.choose()

    @property
    def _descending(self) -> bool:
        return self.queryset.query.order_by == ("-id",)

    def _rendered(self, queryset: QuerySet[Any, Any]) -> Statement:
        return Statement.of(self.shape.render(queryset).values_list("document", "id"))

    def _all(self) -> Statement:
        page = self._rendered(self.queryset)
        sql = f"SELECT string_agg(document, %s), count(*) FROM ({page.sql}) AS page"
        return Statement(sql, (self.joint, *page.params))

    def _numbered(self, has_offset: bool) -> Statement:
        if self.found_by is not None:
            found, first = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS).compile(self.found_by)
            begin = f"WITH found (id) AS MATERIALIZED {found}"
            ids = Statement(f"SELECT id FROM found ORDER BY id{' DESC' * self._descending}")
            every = Statement("SELECT FROM found")
        else:
            begin, first = "", ()
            ids = Statement.of(self.queryset.values("id"))
            every = Statement.of(self.queryset.order_by().values("id"))
        beyond = (" OFFSET %s", (Slot("offset"),)) if has_offset else ("", ())
        page = self._rendered(
            self._among(
                f"{ids.sql} LIMIT %s{beyond[0]}", (*ids.params, HowMany("size"), *beyond[1])
            )
        )
        return Statement(
            f"{begin} SELECT string_agg(document, %s),"
            f" (SELECT count(*) FROM ({every.sql}) AS every) FROM ({page.sql}) AS page",
            (*first, self.joint, *every.params, *page.params),
        )

    def _between(self, has_cursor: bool, backwards: bool) -> Statement:
        """Read away from the cursor, and show in the order of the list.

        Whether there are others is looked up behind the last row, and not by rendering one more.
        """
        down = self._descending != backwards
        rows = self.queryset.order_by("-id" if down else "id")
        if has_cursor:
            rows = rows.filter(self._beyond(down, Bound("cursor", _ID)))
            near = self._ids(~self._beyond(down, Bound("cursor", _ID)))
        else:
            near = Statement("SELECT WHERE false")
        reached = "span.first" if backwards else "span.last"
        far = self._ids(self._beyond(down, RawSQL(reached, (), _ID)))
        before, after = (far, near) if backwards else (near, far)
        ids = Statement.of(rows.values("id"))
        page = self._rendered(self._among(f"{ids.sql} LIMIT %s", (*ids.params, HowMany("limit"))))
        order = f"ORDER BY id {'DESC' if self._descending else 'ASC'}"
        return Statement(
            f"SELECT documents, first, last, EXISTS({before.sql}), EXISTS({after.sql})"
            f" FROM (SELECT string_agg(document, %s {order}) AS documents,"
            f" (array_agg(id {order}))[1] AS first, (array_agg(id {order}))[count(*)] AS last"
            f" FROM ({page.sql}) AS page) AS span",
            (*before.params, *after.params, self.joint, *page.params),
        )

    def _among(self, ids: str, params: tuple[Any, ...]) -> QuerySet[Any, Any]:
        """Return the rows whose ids SQL picks, in the order of the list.

        A page's ids are picked first: what else a row shows is joined to those alone, and neither
        to the rows in front of them nor, from its own beginning, up to them.
        """
        picked = IsAmong(F("id"), RawSQL(f"ARRAY({ids})", params))
        return self.queryset.model.objects.filter(picked).order_by(*self.queryset.query.order_by)

    def _beyond(self, down: bool, place: Any) -> Q:
        return Q(**{f"id__{'lt' if down else 'gt'}": place})

    def _ids(self, condition: Q) -> Statement:
        return Statement.of(self.queryset.order_by().filter(condition).values("id"))
