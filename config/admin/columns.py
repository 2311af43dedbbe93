"""The columns of a list: how pages show them, and how an export writes them."""

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.decorators import display

from config.money import as_written

type Cell = str | int | Decimal | datetime.date | datetime.datetime | None

CHECKBOX = "action_checkbox"
NOTHING = "–"
_LINE_ENDS = re.compile(r"</(?:div|p|li|tr)>|<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in the smallest unit of its currency; an export writes it as two columns."""

    units: int | None
    currency: str


def exported_as[Shown: Callable[..., Any]](
    value: Callable[[Any], Any], *, is_money: bool = False, under: Sequence[Any] = ()
) -> Callable[[Shown], Shown]:
    """Decorate a column so that exports write `value(row)` instead of the shown text.

    `is_money`: the value is an Amount. `under`: the headings, if the value is a tuple.
    """

    def mark(column: Shown) -> Shown:
        column.exports = value  # type: ignore[attr-defined]
        column.exports_money, column.exports_under = is_money, under  # type: ignore[attr-defined]
        return column

    return mark


def column(
    description: Any,
    value: Callable[[Any], Any],
    *,
    exports: Callable[[Any], Any] | None = None,
    **options: Any,
) -> Any:
    """Return a column of a list, or a field of a page, that shows a value of each row.

    `exports` returns what an export writes instead. The options are those of Unfold's `display`.
    """

    @display(description=description, **options)
    def shown(pages: Any, row: Any) -> Any:
        found = value(row)
        return NOTHING if found == "" else found

    return exported_as(exports)(shown) if exports else shown


def exact(moment: datetime.datetime) -> str:
    """Return a moment to the second, for logs."""
    return date_format(timezone.localtime(moment), "D j M Y, H:i:s")


class Column:
    """A column of an exported list: one column of a file, or two if it holds money."""

    def __init__(self, pages: Any, name: str) -> None:
        self.pages, self.name = pages, name
        shown = getattr(pages, name, None)
        self._value = getattr(shown, "exports", None)
        self._is_money = getattr(shown, "exports_money", False)
        self._under = getattr(shown, "exports_under", ())

    @property
    def headings(self) -> Iterator[str]:
        if self._under:
            yield from (capfirst(str(one)) for one in self._under)
            return
        label = capfirst(str(label_for_field(self.name, self.pages.model, self.pages)))
        yield label
        if self._is_money:
            yield _("%(column)s: currency") % {"column": label}

    def cells(self, row: Any) -> Iterator[Cell]:
        """Yield the cells of a row in this column."""
        if self._value is None:
            yield self._shown(row)
            return
        value = self._value(row)
        if self._under:
            yield from map(plain, value)
        elif not self._is_money:
            yield plain(value)
        elif value is None or value.units is None:
            yield from (None, None)
        else:
            yield from (as_written(value.units, value.currency), value.currency)

    def _shown(self, row: Any) -> Cell:
        try:
            field, _attribute, value = lookup_field(self.name, row, self.pages)
        except ObjectDoesNotExist:
            return None
        if not isinstance(field, Field):
            return plain(value)
        if field.flatchoices:
            return plain(dict(field.flatchoices).get(value, value))
        return plain(getattr(row, field.name))


def columns_of(pages: Any, request: Any) -> list[Column]:
    """Return the columns of a list that the staff member sees."""
    names = pages.get_list_display(request)
    return [Column(pages, name) for name in names if name != CHECKBOX]


def plain(value: Any) -> Cell:
    """Return a value as a cell of a file: a date, a number, or text without HTML."""
    match value:
        case None:
            return None
        case bool():
            return _("Yes") if value else _("No")
        case datetime.datetime():
            return timezone.localtime(value).replace(tzinfo=None)
        case datetime.date() | int() | Decimal():
            return value
        case float():
            return Decimal(repr(value))
        case tuple() if len(value) == 2:
            # A state as lists show it: the kind that sets the colour, and the word.
            return plain(value[1])
        case list() | tuple():
            return " · ".join(str(one) for one in map(plain, value) if one not in (None, ""))
    text = _undressed(value) if isinstance(value, SafeString) else str(value).strip()
    return None if text == NOTHING else text


def _undressed(html: str) -> str:
    """Return HTML as text on one line."""
    lines = unescape(strip_tags(_LINE_ENDS.sub("\n", html))).splitlines()
    return " · ".join(filter(None, map(str.strip, lines)))
