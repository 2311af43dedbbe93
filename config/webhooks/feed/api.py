"""The v1 endpoint of the feed of changes."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from config.api.faults import Faults
from config.api.filter_fields import InstantField
from config.api.pages import BYTES_OF_PAGE, Members, Query, limit_schema, whole_number
from config.api.problems import invalid_parameters, quoted
from config.api.rendered_list import RenderedList
from config.api.resource import Resource
from config.api.surfaces import v1
from config.statements.compiling import InlineNumber, Placeholder, Statement, compiled
from config.statements.prepared import Rows

from . import openapi  # noqa: F401
from .filters import ChangeFilters
from .positions import Feed, between, within_room
from .shapes import RecordedChange, events

# The value of `after` for the position at the end of the feed.
NOW = "now"

# How many changes are read at first.
CHANGES_AT_ONCE = 100

POSITIONS = ("after", "since")
OLDEST_FIRST, NEWEST_FIRST = "occurred_at", "-occurred_at"

# Simultaneous transactions may have ids in another order than their times: of the first changes
# since a moment, the one with the lowest id is the start.
_FIRST_SINCE = Statement(
    "SELECT min(id) FROM (SELECT id FROM changes_change WHERE company_id = %s AND at >= %s"
    " ORDER BY at LIMIT 1000) AS first",
    (Placeholder("company_id"), Placeholder("since")),
)


class FeedPage(NamedTuple):
    """A page of the feed; its `query` has the position."""

    query: Query
    limit: int
    is_newest_first: bool


@dataclass(frozen=True)
class FeedPages:
    """Pages of a feed, oldest first, up to the position before which nothing can be missing.

    With newest first there is one page, whose `next` leads to later changes. A page of large
    objects has fewer changes than `limit`, so that no page fills the memory.
    """

    default: int = 100
    most: int = 1000

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {
            "limit": limit_schema(self.default, self.most),
            "after": {
                "type": "string",
                "description": "The `next` of an earlier answer: the page begins after it. `now`: "
                "only changes made from now on. Without `after` and `since`, the feed begins with "
                "the first change.",
            },
            "since": {
                "type": "string",
                "format": "date-time",
                "description": "The page begins with the first change at this moment or later. For "
                "the pages that follow, send `next` as `after`. Not together with `after`.",
            },
            "sort": {
                "type": "string",
                "enum": [OLDEST_FIRST, NEWEST_FIRST],
                "default": OLDEST_FIRST,
                "description": "`occurred_at`: oldest first. `-occurred_at`: one page with the "
                "latest changes, newest first; its `next` is the end of the feed. Not together "
                "with `after` or `since`.",
            },
        }

    def members(self) -> Members:
        return (
            {
                "next": {
                    "type": "string",
                    "description": "The position after this page. Send it as `after` to read the "
                    "changes that follow, now or later.",
                },
                "has_more": {
                    "type": "boolean",
                    "description": "true: more changes are there already, so ask again at once. "
                    "false: this page is the end of the feed for now.",
                },
            },
        )

    def fetch(self, rows: RenderedList, page: FeedPage, path: str) -> tuple[str, dict[str, Any]]:
        feed = Feed.of(rows)
        if page.is_newest_first:
            latest, _ = self._changes(rows, 0, feed.until, page.limit, newest_first=True)
            return _joined(latest), {"next": feed.write(feed.end), "has_more": False}
        after = self._start(rows, feed, page.query)
        shown: Rows = []
        has_more = False
        # Most requests find nothing new.
        if after < feed.end:
            shown, has_more = self._changes(rows, after, feed.until, page.limit)
        seen = shown[-1][0] if shown else 0
        last = seen if has_more else max(after, seen, feed.end)
        return _joined(shown), {"next": feed.write(last), "has_more": has_more}

    def _changes(
        self, rows: RenderedList, after: int, until: int, limit: int, *, newest_first: bool = False
    ) -> tuple[Rows, bool]:
        """Return the positions and documents of a page, and whether there are more changes.

        A page ends at `limit` changes or at BYTES_OF_PAGE. The first CHANGES_AT_ONCE are read
        first. The rest is then read if it fits by their average size, so that few large objects are
        rendered in vain.
        """
        key = (*rows.key, "feed", newest_first)
        statement = compiled(key, lambda: _between(rows, newest_first))
        shown: Rows = []
        used = 0
        while True:
            rest, room = limit - len(shown), BYTES_OF_PAGE - used
            is_small = used * rest < room * len(shown)
            size = rest if is_small else min(rest, CHANGES_AT_ONCE)
            values = {"after": after, "until": until, "limit": size + 1, "room": room}
            found = rows.fetch(statement, {**rows.values, **values}).rows()
            fitting = [row for row in found[:size] if row[1] is not None]
            shown += fitting
            used += sum(len(document) for _, document in fitting)
            has_more = len(found) > len(fitting)
            is_full = len(fitting) < size or len(shown) == limit or used >= BYTES_OF_PAGE
            if is_full or not has_more:
                return shown, has_more
            after, until = (after, shown[-1][0] - 1) if newest_first else (shown[-1][0], until)

    def _start(self, rows: RenderedList, feed: Feed, query: Query) -> int:
        """Return the position after which the page begins; raises a 400."""
        after, since = query.get("after"), query.get("since")
        if since is None:
            if after is None:
                return 0
            return feed.end if after == NOW else feed.read("after", after)
        if after is not None:
            both = "Give after or since, not both: since says where to begin, after where to go on."
            raise invalid_parameters({"after": both, "since": both})
        try:
            moment = InstantField().clean(since)
        except ValidationError as error:
            raise invalid_parameters({"since": " ".join(error.messages)})
        ((first,),) = rows.fetch(_FIRST_SINCE, {**rows.values, "since": moment}).rows()
        # A change with a lower id may not be committed yet.
        return feed.end if first is None else min(first - 1, feed.end)

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> FeedPage:
        """Return the requested page; `fetch` reads its position in the feed."""
        limit = whole_number(query, "limit", self.default, 1, self.most, faults)
        sort = query.get("sort", OLDEST_FIRST)
        if sort not in (OLDEST_FIRST, NEWEST_FIRST):
            sentence = f"Must be one of {OLDEST_FIRST}, {NEWEST_FIRST}; got {quoted(sort)}."
            faults.add("sort", "invalid_parameter", sentence)
        for other in POSITIONS if sort == NEWEST_FIRST else ():
            if other in query:
                both = f"Send sort={sort} or {other}, not both: a position leads to newer changes."
                for name in ("sort", other):
                    faults.add(name, "invalid_parameter", both)
        return FeedPage(query, limit, sort == NEWEST_FIRST)


def _between(rows: RenderedList, newest_first: bool) -> Statement:
    changes = between(rows.queryset)
    chosen = changes.reverse() if newest_first else changes
    statement = Statement.of(rows.shape.render(chosen).values_list("id", "document"))
    page = Statement(f"{statement.sql} LIMIT %s", (*statement.params, InlineNumber("limit")))
    return within_room(page, newest_first=newest_first)


def _joined(changes: Rows) -> str:
    return ",".join(document for _, document in changes)


class Changes(Resource):
    """List the changes of all objects of the company, each once, oldest first.

    Ask again with `next` as `after`, now or in a year. No change is skipped: a change that is not
    committed yet holds back those behind it. `sort=-occurred_at` shows the latest ones instead.
    """

    surface = v1
    scopes = {"read": "changes:read", "write": "changes:read"}
    queryset = events().oldest_first()
    filterset_class = ChangeFilters
    shows = {"*": RecordedChange}
    pages = FeedPages()
