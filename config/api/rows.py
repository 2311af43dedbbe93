"""The rows of a list: one compiled statement for each way to page through them."""

import uuid
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection, models
from django.db.models import Exists, QuerySet
from django.db.models.expressions import RawSQL

from config.access.tenancy import acting_for

from .shapes import Shape
from .statements import Bound, Slot, Statement, Values, compiled

_ID = models.UUIDField()
BATCH = 1000


@dataclass(frozen=True)
class Rows:
    """Rows that a list shows: how to choose them, the shape that renders them, the values.

    `choose` makes a queryset with slots, which only happens when a statement is compiled; `key`
    tells this form of the list from every other; `place` names the list for its cursors.
    The order is that of ids, which is that of creation; "-id" first shows the newest first.
    """

    choose: Callable[[], QuerySet[Any, Any]]
    shape: type[Shape]
    key: tuple[Hashable, ...]
    values: Values
    place: str

    def numbered(self, *, size: int, offset: int) -> tuple[list[str], int]:
        """Return the documents of a numbered page and how many rows there are in all."""
        statement = compiled((*self.key, "numbered"), self._numbered)
        found = statement.rows({**self.values, "size": size, "offset": offset})
        if found:
            return [row[0] for row in found], found[0][2]
        if offset == 0:
            return [], 0
        return [], compiled((*self.key, "count"), self._count).rows(self.values)[0][0]

    def all(self) -> list[str]:
        """Return the documents of every row at once: for lists that are short by nature."""
        statement = compiled(
            (*self.key, "all"), lambda: self._rendered(self.queryset, models.Value(False))
        )
        return [row[0] for row in statement.rows(self.values)]

    def between(
        self, *, limit: int, cursor: uuid.UUID | None, backwards: bool
    ) -> tuple[list[tuple[str, uuid.UUID]], bool]:
        """Return up to limit + 1 documents with their ids, and whether rows lie on the near side.

        They start behind the cursor, or at the beginning, and go away from it.
        """
        form = (*self.key, "cursor", cursor is not None, backwards)
        statement = compiled(form, lambda: self._between(cursor is not None, backwards))
        values = {**self.values, "limit": limit + 1, "cursor": cursor}
        found = statement.rows(values)
        if found or cursor is None:
            return [(row[0], row[1]) for row in found], bool(found and found[0][2])
        near = compiled((*form, "near"), lambda: self._near_side(backwards))
        return [], near.rows(values)[0][0]

    def every(self, company: uuid.UUID) -> Iterator[list[tuple[str, uuid.UUID]]]:
        """Yield all documents in batches, each in a short transaction of its own.

        Between batches no connection is held: a reader that stalls costs nobody anything.
        """
        cursor = None
        while True:
            with acting_for(company):
                batch, _ = self.between(limit=BATCH, cursor=cursor, backwards=False)
            if not connection.in_atomic_block:
                connection.close()
            yield batch[:BATCH]
            if len(batch) <= BATCH:
                return
            cursor = batch[BATCH - 1][1]

    @cached_property
    def queryset(self) -> QuerySet[Any, Any]:
        return self.choose()

    @property
    def _descending(self) -> bool:
        return self.queryset.query.order_by == ("-id",)

    def _rendered(self, queryset: QuerySet[Any, Any], aside: Any) -> Statement:
        rows = self.shape.render(queryset).annotate(aside=aside)
        return Statement.of(rows.values_list("document", "id", "aside"))

    def _numbered(self) -> Statement:
        """Pick the page's ids first, so that rows in front of it are never rendered."""
        ids = Statement.of(self.queryset.values("id"))
        picked = RawSQL(
            f"{ids.sql} LIMIT %s OFFSET %s", (*ids.params, Slot("size"), Slot("offset"))
        )
        count = self._count()
        page = self.queryset.model.objects.filter(id__in=picked).order_by(
            *self.queryset.query.order_by
        )
        return self._rendered(page, RawSQL(count.sql, count.params, models.BigIntegerField()))

    def _count(self) -> Statement:
        ids = Statement.of(self.queryset.order_by().values("id"))
        return Statement(f"SELECT count(*) FROM ({ids.sql}) rows", ids.params)

    def _between(self, has_cursor: bool, backwards: bool) -> Statement:
        down = self._descending != backwards
        rows = self.queryset.order_by("-id" if down else "id")
        aside: Any = models.Value(False)
        if has_cursor:
            beyond = {f"id__{'lt' if down else 'gt'}": Bound("cursor", _ID)}
            rows, aside = rows.filter(**beyond), Exists(self._behind(down))
        statement = self._rendered(rows, aside)
        return Statement(f"{statement.sql} LIMIT %s", (*statement.params, Slot("limit")))

    def _behind(self, down: bool) -> QuerySet[Any, Any]:
        return self.queryset.order_by().filter(
            **{f"id__{'gte' if down else 'lte'}": Bound("cursor", _ID)}
        )

    def _near_side(self, backwards: bool) -> Statement:
        ids = Statement.of(self._behind(self._descending != backwards).values("id"))
        return Statement(f"SELECT EXISTS({ids.sql})", ids.params)
