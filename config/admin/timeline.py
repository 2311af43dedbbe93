"""A timeline of events from several tables, newest first, read in one statement."""

import datetime
import itertools
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import DateTimeField, F, IntegerField, QuerySet, UUIDField, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.statements.compiling import Param, Statement

from .batch_read import Whose, values_of
from .tables import page_name

EACH = 25
_MOMENT, _KEY = Param("moment", DateTimeField()), Param("key", UUIDField())
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_CURSOR = re.compile(r"(-?\d{1,17})-(\d{1,3})-([0-9a-f]{32})\Z")


@dataclass(frozen=True)
class TimelineEntry:
    """The content of one line; `mark` is a coloured label."""

    text: str
    details: Sequence[Any] = ()
    mark: SafeString | str = ""
    amount: str = ""
    long: str = ""


@dataclass(frozen=True)
class Branch:
    """One type of events in a timeline: which rows, when they happened, and how they are shown.

    `rows` are filtered by the column `whose`, the id of the timeline's owner. `moment` and `fields`
    are columns or expressions; `key` orders rows of the same moment. `page` is the model whose page
    is linked, by the id in the column `of`. For speed with a long history, `whose` and `moment`
    need a common index.
    """

    name: str
    icon: str
    rows: Any
    moment: Any
    fields: Mapping[str, Any]
    describe: Callable[[dict[str, Any]], TimelineEntry]
    page: Any = None
    of: str = "pk"
    key: Any = None
    whose: str = "customer_id"


def fields(*columns: str, **others: Any) -> dict[str, Any]:
    """Return the fields of a branch: columns by name, and expressions as keyword arguments."""
    return {**{name: name for name in columns}, **others}


def by(name: str) -> str:
    """Return "by" and the author's name, "" if the name is empty."""
    return _("by %(name)s") % {"name": name} if name else ""


class Cursor(NamedTuple):
    """The end of a page of a timeline: the moment, then the rank of the branch, then the key."""

    moment: datetime.datetime
    rank: int
    key: uuid.UUID

    def __str__(self) -> str:
        microseconds = (self.moment - _EPOCH) // datetime.timedelta(microseconds=1)
        return f"{microseconds}-{self.rank}-{self.key.hex}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Parse a cursor; return None if it is invalid."""
        found = _CURSOR.match(text)
        if found is None:
            return None
        microseconds, rank, key = found.groups()
        try:
            moment = _EPOCH + datetime.timedelta(microseconds=int(microseconds))
        except OverflowError:
            return None
        return cls(moment, int(rank), uuid.UUID(key))


@dataclass(frozen=True)
class Line:
    """One line of a timeline."""

    moment: datetime.datetime
    icon: str
    entry: TimelineEntry
    link: str


@dataclass
class Page:
    """One page of a timeline, with its lines grouped by day; `older` is the next page's cursor."""

    days: list[tuple[datetime.date, list[Line]]] = field(default_factory=list)
    older: str = ""


class Timeline:
    """A timeline of several branches; each combination of filter and cursor has one statement."""

    def __init__(self, branches: Sequence[Branch]) -> None:
        self.branches = tuple(branches)
        self.statements: dict[tuple[str, int | None], Statement] = {}

    def page(self, of: Any, before: Cursor | None, name: str = "") -> Page:
        """Return the page before a cursor, of all branches or only those with a name."""
        rank = min(before.rank, len(self.branches)) if before else None
        values = values_of(of) | (before._asdict() if before else {})
        found = self._statement(name, rank).rows(values)
        lines = [self._line(*row) for row in found[:EACH]]
        by_day = itertools.groupby(lines, lambda line: timezone.localdate(line.moment))
        older = str(Cursor(*found[EACH - 1][:3])) if len(found) > EACH else ""
        return Page([(day, list(group)) for day, group in by_day], older)

    def _statement(self, name: str, before: int | None) -> Statement:
        """Return the statement for a name and a cursor's rank, compiled on first use."""
        if (name, before) not in self.statements:
            self.statements[name, before] = self._compiled(name, before)
        return self.statements[name, before]

    def _compiled(self, name: str, before: int | None) -> Statement:
        parts = [
            _part(rank, branch, before)
            for rank, branch in enumerate(self.branches)
            if name in ("", branch.name)
        ]
        rows = parts[0]
        if len(parts) > 1:
            rows = rows.union(*parts[1:], all=True)
            rows = rows.order_by("-entry_moment", "-entry_rank", "-entry_key")[: EACH + 1]
        return Statement.of(rows)

    def _line(self, moment: datetime.datetime, rank: int, key: uuid.UUID, text: str) -> Line:
        branch, values = self.branches[rank], json.loads(text)
        link = ""
        if branch.page:
            link = reverse(page_name(branch.page, "change"), args=[values["page"]])
        return Line(moment, branch.icon, branch.describe(values), link)


def _part(rank: int, branch: Branch, before: int | None) -> QuerySet[Any, Any]:
    """Return the newest rows of a branch, before a cursor if its rank is given."""
    moment = F(branch.moment) if isinstance(branch.moment, str) else branch.moment
    rows = branch.rows.visible_to(Whose).filter(**{branch.whose: Whose.pk})
    rows = rows.annotate(
        entry_moment=moment,
        entry_rank=Value(rank, IntegerField()),
        entry_key=branch.key or F("pk"),
        values=JSONObject(page=branch.of, **branch.fields),
    )
    if before is not None:
        rows = rows.filter(entry_moment__lte=_MOMENT)
        if rank > before:
            rows = rows.exclude(entry_moment=_MOMENT)
        elif rank == before:
            rows = rows.exclude(entry_moment=_MOMENT, entry_key__gte=_KEY)
    newest = rows.order_by("-entry_moment", "-entry_key")[: EACH + 1]
    return newest.values_list("entry_moment", "entry_rank", "entry_key", "values")


def moment_in(values: dict[str, Any], name: str) -> datetime.datetime:
    """Return a field of an entry as a datetime."""
    return datetime.datetime.fromisoformat(values[name])
