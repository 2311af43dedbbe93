"""Renders the rows of a list, by one compiled statement for each pagination style."""

import uuid
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from config.statements.compiling import (
    AnyActor,
    Fetch,
    InlineNumber,
    Param,
    Placeholder,
    Statement,
    compiled,
)
from config.statements.messages import Values
from config.tenancy.scoping import acting_for, compiling

from .cursors import Position
from .expressions import IsAmong
from .shapes import Shape

_ID = models.UUIDField()
_COUNT = models.IntegerField()
_MOMENT = models.DateTimeField()
BATCH = 1000


class CursorSlice(NamedTuple):
    """The joined documents of consecutive rows, and the positions of the first and the last row.

    All three are None without rows. `before` and `after` are true if the list has more rows on that
    side.
    """

    documents: str | None
    first: Position | None
    last: Position | None
    before: bool
    after: bool


@dataclass(frozen=True)
class RenderedList:
    """The rows of a list: its queryset, the shape that renders a row, and the values.

    `choose` returns a queryset with placeholders; it is called only to compile a statement. `key`
    identifies the compiled statement. `cursor_scope` is signed into the cursors, so that other
    lists refuse them.

    Rows are ordered by "id", the order of creation, or by "-id", newest first. With `sorted_by`
    they are ordered by that column of moments, then by id, in the same direction. With `plans_anew`
    PostgreSQL plans each page for its values: few or most rows may come after a moment.

    PostgreSQL joins the documents of a page with `joint`, so that a page is one value. `found_by`
    is a search that finds numbered pages of the newest rows: `found_by.page(size, offset)` returns
    the ids of the page and the total in one row.
    """

    choose: Callable[[], QuerySet[Any, Any]]
    shape: type[Shape]
    key: tuple[Hashable, ...]
    values: Values
    cursor_scope: str
    joint: str = ","
    found_by: Any = None
    sorted_by: str = ""
    plans_anew: bool = False
    fetch: Fetch = Statement.run

    def numbered(self, *, size: int, offset: int) -> tuple[str | None, int]:
        """Return the documents of a numbered page, and the total number of rows."""
        form = (*self.key, "numbered", offset > 0)
        statement = self._compiled(form, lambda: self._numbered(offset > 0))
        values = {**self.values, "size": size, "offset": offset}
        documents, total = self.fetch(statement, values).rows()[0]
        return documents, total

    def all(self) -> tuple[str | None, int]:
        """Return the documents and the number of all rows; for short lists only."""
        statement = compiled((*self.key, "all"), self._all)
        documents, total = self.fetch(statement, self.values).rows()[0]
        return documents, total

    def between(
        self, *, limit: int, cursor: Position | None, backwards: bool, room: int | None = None
    ) -> CursorSlice:
        """Return up to `limit` documents next to the cursor, or at the beginning of the list.

        With `room`, the slice ends with the document that exceeds this number of bytes.
        """
        asked = (cursor is not None, backwards, room is not None)
        statement = self._compiled((*self.key, "cursor", *asked), lambda: self._between(*asked))
        id, moment = cursor or (None, None)
        values = {"limit": limit, "cursor": id, "cursor_moment": moment, "room": room}
        (found,) = self.fetch(statement, {**self.values, **values}).rows()
        documents, first, last, *moments, before, after = found
        first_moment, last_moment = moments or (None, None)
        return CursorSlice(
            documents,
            first and Position(first, first_moment),
            last and Position(last, last_moment),
            before,
            after,
        )

    def every(self, company: uuid.UUID) -> Iterator[CursorSlice]:
        """Yield all documents in batches, each read in a short transaction.

        No connection is held between batches, so that a slow client blocks nothing.
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

    def _compiled(self, form: tuple[Hashable, ...], build: Callable[[], Statement]) -> Statement:
        return compiled(form, lambda: replace(build(), plans_anew=self.plans_anew))

    @cached_property
    def queryset(self) -> QuerySet[Any, Any]:
        return self.choose()

    @property
    def _columns(self) -> tuple[str, ...]:
        """The columns that rows are ordered by."""
        return (self.sorted_by, "id") if self.sorted_by else ("id",)

    @property
    def _descending(self) -> bool:
        return self.queryset.query.order_by[-1:] == ("-id",)

    def _rendered(self, queryset: QuerySet[Any, Any]) -> Statement:
        return Statement.of(self.shape.render(queryset).values_list("document", *self._columns))

    def _all(self) -> Statement:
        page = self._rendered(self.queryset)
        sql = f"SELECT string_agg(document, %s), count(*) FROM ({page.sql}) AS page"
        return Statement(sql, (self.joint, *page.params))

    def _numbered(self, has_offset: bool) -> Statement:
        if self.found_by is not None and self.queryset.query.order_by == ("-id",):
            return self._found()
        ids = Statement.of(self.queryset.values("id"))
        every = Statement.of(self.queryset.order_by().values("id"))
        beyond = (" OFFSET %s", (Placeholder("offset"),)) if has_offset else ("", ())
        page = self._rendered(
            self._among(
                f"ARRAY({ids.sql} LIMIT %s{beyond[0]})",
                (*ids.params, InlineNumber("size"), *beyond[1]),
            )
        )
        return Statement(
            f"SELECT string_agg(document, %s),"
            f" (SELECT count(*) FROM ({every.sql}) AS every) FROM ({page.sql}) AS page",
            (self.joint, *every.params, *page.params),
        )

    def _found(self) -> Statement:
        """Return the statement of a numbered page whose ids and total the search finds."""
        wanted = self.found_by.page(Param("size", _COUNT), Param("offset", _COUNT))
        with compiling():
            compiler = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS)
            found, params = compiler.compile(wanted)
        page = self._rendered(self._among("(SELECT ids FROM found)::uuid[]", ()))
        return Statement(
            f"WITH found AS MATERIALIZED (SELECT ids, total FROM {found})"
            " SELECT string_agg(document, %s), (SELECT total FROM found)"
            f" FROM ({page.sql}) AS page",
            (*params, self.joint, *page.params),
        )

    def _between(self, has_cursor: bool, backwards: bool, has_room: bool) -> Statement:
        """Return the statement of a slice: read away from the cursor, in the order of the list.

        Two EXISTS check for more rows on both sides, instead of rendering one more row.
        """
        down = self._descending != backwards
        rows = self.queryset.order_by(*(f"-{name}" if down else name for name in self._columns))
        if has_cursor:
            cursor = Param("cursor", _ID), Param("cursor_moment", _MOMENT)
            rows = rows.filter(self._beyond(down, *cursor))
            near = self._ids(self._beyond(not down, *cursor, itself=True))
        else:
            near = Statement("SELECT WHERE false")
        reached = "first" if backwards else "last"
        end = RawSQL(f"slice.{reached}", (), _ID), RawSQL(f"slice.{reached}_moment", (), _MOMENT)
        far = self._ids(self._beyond(down, *end))
        before, after = (far, near) if backwards else (near, far)
        ids = Statement.of(rows.values("id"))
        picked = f"ARRAY({ids.sql} LIMIT %s)"
        page = self._rendered(self._among(picked, (*ids.params, InlineNumber("limit"))))
        if has_room:
            page = self._within_room(page, down)
        way = "DESC" if self._descending else "ASC"
        order = "ORDER BY " + ", ".join(f"{name} {way}" for name in self._columns)
        ends = {"id": ("first", "last"), self.sorted_by: ("first_moment", "last_moment")}
        taken = "".join(
            f", (array_agg({name} {order}))[1] AS {ends[name][0]}"
            f", (array_agg({name} {order}))[count(*)] AS {ends[name][1]}"
            for name in reversed(self._columns)
        )
        moments = ", first_moment, last_moment" if self.sorted_by else ""
        return Statement(
            f"SELECT documents, first, last{moments}, EXISTS({before.sql}), EXISTS({after.sql})"
            f" FROM (SELECT string_agg(document, %s {order}) AS documents{taken}"
            f" FROM ({page.sql}) AS page) AS slice",
            (*before.params, *after.params, self.joint, *page.params),
        )

    def _within_room(self, page: Statement, down: bool) -> Statement:
        """Limit a page to the rows that begin within the first `room` bytes."""
        columns = ", ".join(("document", *self._columns))
        order = ", ".join(f"{name} {'DESC' if down else 'ASC'}" for name in self._columns)
        beginning = f"sum(octet_length(document)) OVER (ORDER BY {order}) - octet_length(document)"
        return Statement(
            f"SELECT {columns} FROM (SELECT {columns}, {beginning} AS beginning"
            f" FROM ({page.sql}) AS page) AS measured WHERE beginning < %s::bigint",
            (*page.params, Placeholder("room")),
        )

    def _among(self, ids: str, params: tuple[Any, ...]) -> QuerySet[Any, Any]:
        """Return the rows whose ids are in a SQL array, in the order of the list.

        The ids of a page are selected first, so that joins and subqueries run only for the rows of
        the page, not for the rows before it.
        """
        picked = IsAmong(F("id"), RawSQL(ids, params))
        rows = self.queryset.model.objects.visible_to(AnyActor()).filter(picked)
        return rows.order_by(*self.queryset.query.order_by)

    def _beyond(self, down: bool, id: Any, moment: Any, *, itself: bool = False) -> Q:
        """Return the condition for rows after a position; with `itself`, that row included."""
        way = "lt" if down else "gt"
        by_id = Q(**{f"id__{way}{'e' if itself else ''}": id})
        if not self.sorted_by:
            return by_id
        # The first condition lets PostgreSQL use the index of the column.
        until, past = f"{self.sorted_by}__{way}e", f"{self.sorted_by}__{way}"
        return Q(**{until: moment}) & (Q(**{past: moment}) | by_id)

    def _ids(self, condition: Q) -> Statement:
        return Statement.of(self.queryset.order_by().filter(condition).values("id"))
