"""Keyset pagination of lists, without counting: the last row of a page starts the next page.

Lists that grow are read from an index, so the last page is as fast as the first. Each page reads
one more row than it shows, to know whether there is a next page.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.views import ChangeList

# Lists that do not grow are paged by OFFSET, up to this many rows; filters find the others.
DEEPEST = 2_000
# The highest page number that is accepted in a query parameter.
MOST_PAGES = 1_000_000


@dataclass(frozen=True)
class Place:
    """The position of a page: its number, and the row that it starts after (or ends before)."""

    number: int = 1
    is_back: bool = False
    row: tuple[str | None, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Place":
        """Parse a query parameter; return the first page if it is empty or invalid."""
        try:
            number, is_back, row = json.loads(urlsafe_b64decode(text.encode()))
            is_sane = 1 <= number <= MOST_PAGES and all(
                one is None or isinstance(one, str) for one in row
            )
        except (ValueError, TypeError, binascii.Error):
            return cls()
        return cls(int(number), bool(is_back), tuple(row)) if is_sane else cls()

    def __str__(self) -> str:
        text = json.dumps([self.number, self.is_back, self.row], separators=(",", ":"))
        return urlsafe_b64encode(text.encode()).decode()


class AtLeast(int):
    """A row count that is only a lower bound; it is shown as "more than" one less."""

    def __str__(self) -> str:
        return _("more than %(count)d") % {"count": self - 1}


class List(ChangeList):
    """A page of a list; `place` is its position, `earlier` and `later` link to adjacent pages.

    `result_count` is exact if all rows fit on one page, else it is an AtLeast.
    """

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Return the filters; drop values with null characters, which no column can hold."""
        found = super().get_filters_params(params).items()
        kept = {name: [one for one in values if "\x00" not in one] for name, values in found}
        return {name: values for name, values in kept.items() if values}

    def get_results(self, request: HttpRequest) -> None:
        self.place = Place.read(request.GET.get(PAGE_VAR, ""))
        rows, self.has_earlier, self.has_later = self._rows()
        known = (self.place.number - 1) * self.list_per_page + len(rows)
        is_whole = not (self.has_earlier or self.has_later)
        self.result_list = rows
        self.result_count = self.full_result_count = len(rows) if is_whole else AtLeast(known + 1)
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.multi_page = not is_whole
        self.can_show_all = self.show_all = False
        self.paginator = self.model_admin.get_paginator(request, rows, self.list_per_page)
        self.paginator.template_name = "admin/pages.html"

    # --- The rows -------------------------------------------------------------------------------

    def _rows(self) -> tuple[list[Any], bool, bool]:
        """Return the rows of the page, and whether there are earlier and later rows."""
        count, place = self.list_per_page, self.place
        order = [str(name) for name in self.queryset.query.order_by]
        if not self.model_admin.grows:
            return self._counted_off(count)
        row = self._read(order, place.row)
        if row is None:
            self.place = place = Place()
        found = beyond(self.queryset, order, row, count + 1, is_back=place.is_back)
        rows, more = found[:count], len(found) > count
        if place.is_back and not more and len(rows) < count:
            # Rows were added or removed, so that this is the first page: show it in full.
            self.place = Place()
            found = beyond(self.queryset, order, None, count + 1)
            return found[:count], False, len(found) > count
        if place.is_back:
            return rows[::-1], more, True
        return rows, row is not None, more

    def _counted_off(self, count: int) -> tuple[list[Any], bool, bool]:
        first = (self.place.number - 1) * count
        if first > DEEPEST:
            self.place, first = Place(), 0
        found = list(self.queryset[first : first + count + 1])
        is_last = first + count > DEEPEST
        return found[:count], first > 0, len(found) > count and not is_last

    def _read(self, order: list[str], row: tuple[str | None, ...]) -> tuple[Any, ...] | None:
        """Convert the values of a position to values of their columns, None if they are invalid."""
        if len(row) != len(order):
            return None
        fields = [self.opts.get_field(name.lstrip("-")) for name in order]
        try:
            values = tuple(
                None if text is None else field.to_python(text)
                for field, text in zip(fields, row, strict=True)
            )
        except (ValidationError, ValueError, TypeError, OverflowError):
            return None
        return None if values[-1] is None or "\x00" in str(values[0]) else values

    def _row(self, row: Any) -> tuple[str | None, ...]:
        if not self.model_admin.grows:
            return ()
        names = [str(name).lstrip("-") for name in self.queryset.query.order_by]
        values = (getattr(row, name) for name in names)
        return tuple(None if value is None else str(value) for value in values)

    # --- Adjacent pages -------------------------------------------------------------------------

    @property
    def earlier(self) -> str:
        number = self.place.number - 1
        if number <= 1 or not self.result_list:
            return self.get_query_string()
        return self._address(Place(number, True, self._row(self.result_list[0])))

    @property
    def later(self) -> str:
        return self._address(Place(self.place.number + 1, False, self._row(self.result_list[-1])))

    def _address(self, place: Place) -> str:
        return self.get_query_string({PAGE_VAR: str(place)})

    # --- Ordering -------------------------------------------------------------------------------

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """Return the chosen order, or else the default; lists that grow need an index for it."""
        if not self.model_admin.grows:
            return list(super().get_ordering(request, queryset))
        first = self._chosen(request) or str(self.model_admin.get_ordering(request)[0])
        way = "-" if first.startswith("-") else ""
        return [first] if first == f"{way}id" else [first, f"{way}id"]

    def get_ordering_field_columns(self) -> dict[int, str]:
        columns = super().get_ordering_field_columns()
        return dict(list(columns.items())[:1]) if self.model_admin.grows else columns

    def _chosen(self, request: HttpRequest) -> str:
        first = str(self.params.get(ORDER_VAR, "")).partition(".")[0]
        sign, digits = first[: first.startswith("-")], first.lstrip("-")
        if not digits.isdecimal() or int(digits) >= len(self.list_display):
            return ""
        column = self.list_display[int(digits)]
        if column not in self.model_admin.get_sortable_by(request):
            return ""
        return sign + str(self.get_ordering_field(column))


def beyond(
    rows: Any,
    order: Sequence[str],
    row: tuple[Any, ...] | None,
    count: int,
    *,
    is_back: bool = False,
) -> list[Any]:
    """Return up to `count` rows after a row, or before it if `is_back`, the nearest first.

    All columns of `order` have one direction. PostgreSQL sorts nulls last in ascending order and
    first in descending order; comparisons exclude nulls, so those rows are read separately.
    """
    is_down = order[0].startswith("-") is not is_back
    names = [name.lstrip("-") for name in order]
    rows = rows.order_by(*(f"-{name}" if is_down else name for name in names))
    if row is None:
        return list(rows[:count])
    compare = TupleLessThan if is_down else TupleGreaterThan
    if len(names) == 1:
        names, row = [*names, *names], (*row, *row)
    null = {f"{names[0]}__isnull": True}
    if row[0] is None:
        rest = rows.filter(**null, **{f"id__{'lt' if is_down else 'gt'}": row[1]})
        parts = [rest, rows.exclude(**null)] if is_down else [rest]
    else:
        rest = rows.filter(compare(Tuple(*map(F, names)), row))
        goes_on = not is_down and rows.model._meta.get_field(names[0]).null
        parts = [rest, rows.filter(**null)] if goes_on else [rest]
    found: list[Any] = []
    for part in parts:
        found += part[: count - len(found)]
        if len(found) == count:
            break
    return found


def is_in_order(model: Any, name: Any) -> bool:
    """Whether an index has the rows of a company in the order of a column."""
    try:
        field = model._meta.get_field(str(name).lstrip("-")).name
    except FieldDoesNotExist:
        return False
    indexes = (index.fields for index in model._meta.indexes if index.condition is None)
    return field == "id" or ["company", field, "id"] in map(list, indexes)


class Bounded(Paginator):
    """A paginator that reads and counts at most `MOST` rows."""

    MOST = 1_000

    @property
    def count(self) -> int:
        """The number of rows, at most `MOST`."""
        if isinstance(self.object_list, list):
            return len(self.object_list)
        known = self.__dict__.get("_count")
        if known is None:
            rows: Any = self.object_list
            known = len(rows.order_by().values_list("pk", flat=True)[: self.MOST])
            self.__dict__["_count"] = known
        return int(known)


class Ahead(Paginator):
    """A paginator that reads one more row per page to know whether there is a next page."""

    def page(self, number: Any) -> Page:
        number = max(1, min(int(number), Bounded.MOST // self.per_page))
        first = (number - 1) * self.per_page
        rows = list(self.object_list[first : first + self.per_page + 1])
        page = Page(rows[: self.per_page], number, self)
        page.has_next = lambda: len(rows) > self.per_page  # type: ignore[method-assign]
        return page

    @property
    def count(self) -> int:
        return Bounded.MOST
