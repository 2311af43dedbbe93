"""The feed of changes (v1)."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from config.api.faults import Faults
from config.api.filter_fields import InstantField
from config.api.pages import Members, Query, limit_schema, whole_number
from config.api.problems import invalid_parameters, quoted
from config.api.rendered_list import RenderedList
from config.api.resource import Resource
from config.api.surfaces import v1
from config.statements.compiling import InlineNumber, Placeholder, Statement, compiled
from config.statements.prepared import Rows

from . import openapi  # noqa: F401
from .filters import ChangeFilters
from .positions import Feed, between
from .shapes import RecordedChange, events

# The position at the end of the feed, as a client names it.
NOW = "now"

POSITIONS = ("after", "since")
OLDEST_FIRST, NEWEST_FIRST = "occurred_at", "-occurred_at"

# Times and ids of transactions at the same moment may cross: among the first changes since a
# moment, the one with the lowest id begins.
_FIRST_SINCE = Statement(
    "SELECT min(id) FROM (SELECT id FROM changes_change WHERE company_id = %s AND at >= %s"
    " ORDER BY at LIMIT 1000) AS first",
    (Placeholder("company_id"), Placeholder("since")),
)


class FeedPage(NamedTuple):
    """A page of the feed: its `query` names the position."""

    query: Query
    limit: int
    is_newest_first: bool


@dataclass(frozen=True)
class FeedPages:
    """Pages of a feed, oldest first, up to where nothing can be missing any more.

    Newest first there is one page, which leads to what comes from now on.
    """

    default: int = 100
    most: int = 1000

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {
            "limit": limit_schema(self.default, self.most),
            "after": {
                "type": "string",
                "description": "The `next` of an earlier answer: what came after it. `now`: what "
                "comes from now on. Without `after` and `since`, the feed begins with the first "
                "change.",
            },
            "since": {
                "type": "string",
                "format": "date-time",
                "description": "Begins with the first change at this moment or later, and goes on "
                "with `next` as `after`. Not together with `after`.",
            },
            "sort": {
                "type": "string",
                "enum": [OLDEST_FIRST, NEWEST_FIRST],
                "default": OLDEST_FIRST,
                "description": "`-occurred_at`: the latest changes on one page, the latest first; "
                "`next` leads to what comes from now on. Not together with `after` or `since`.",
            },
        }

    def members(self) -> Members:
        return ({"next": {"type": "string"}, "has_more": {"type": "boolean"}},)

    def fetch(self, rows: RenderedList, page: FeedPage, path: str) -> tuple[str, dict[str, Any]]:
        query, limit = page.query, page.limit
        feed = Feed.of(rows)
        if page.is_newest_first:
            latest = self._page(rows, 0, feed.until, limit, newest_first=True)[:limit]
            return ",".join(document for document, _ in latest), {
                "next": feed.write(feed.end),
                "has_more": False,
            }
        after = self._start(rows, feed, query)
        # Most reads of a feed find nothing new.
        found = self._page(rows, after, feed.until, limit) if after < feed.end else []
        shown, has_more = found[:limit], len(found) > limit
        seen = shown[-1][1] if shown else 0
        last = seen if has_more else max(after, seen, feed.end)
        return ",".join(document for document, _ in shown), {
            "next": feed.write(last),
            "has_more": has_more,
        }

    def _page(
        self, rows: RenderedList, after: int, until: int, limit: int, *, newest_first: bool = False
    ) -> Rows:
        """Return the documents and positions of a page, and of one more change if there is one."""
        key = (*rows.key, "feed", newest_first)
        statement = compiled(key, lambda: _between(rows, newest_first))
        values = {**rows.values, "after": after, "until": until, "limit": limit + 1}
        return rows.fetch(statement, values).rows()

    def _start(self, rows: RenderedList, feed: Feed, query: Query) -> int:
        """Return the position behind which the page begins; raises a 400."""
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
        # A change with a lower id may still be on its way.
        return feed.end if first is None else min(first - 1, feed.end)

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> FeedPage:
        """Return which page is asked for; `fetch` reads the position in the feed."""
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
    statement = Statement.of(rows.shape.render(chosen).values_list("document", "id"))
    return Statement(f"{statement.sql} LIMIT %s", (*statement.params, InlineNumber("limit")))


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
