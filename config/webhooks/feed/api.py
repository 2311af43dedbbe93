"""The feed of changes (v1)."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from config.api.pages import Members, Query, limit_schema, whole_number
from config.api.rendered_list import RenderedList
from config.api.resource import Resource
from config.api.surfaces import v1
from config.changes.models import Change
from config.statements.compiling import InlineNumber, Param, Statement, compiled

from .filters import ChangeFilters
from .positions import Feed
from .shapes import RecordedChange

_NUMBER = models.BigIntegerField()


@dataclass(frozen=True)
class FeedPages:
    """Pages of a feed, oldest first, up to where nothing can be missing any more."""

    default: int = 100
    most: int = 1000

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {
            "limit": limit_schema(self.default, self.most),
            "after": {
                "type": "string",
                "description": "The `next` of an earlier answer; absent: from the beginning.",
            },
        }

    def members(self) -> Members:
        return ({"next": {"type": "string"}, "has_more": {"type": "boolean"}},)

    def fetch(self, rows: RenderedList, query: Query, path: str) -> tuple[str, dict[str, Any]]:
        limit = whole_number(query, "limit", self.default, 1, self.most)
        feed = Feed.of(rows)
        after = feed.read("after", query["after"]) if "after" in query else 0
        statement = compiled((*rows.key, "feed"), lambda: _between(rows))
        values = {**rows.values, "after": after, "until": feed.until, "limit": limit + 1}
        found = rows.fetch(statement, values)
        page, has_more = found[:limit], len(found) > limit
        seen = page[-1][1] if page else 0
        last = seen if has_more else max(after, seen, feed.end)
        return ",".join(document for document, _ in page), {
            "next": feed.write(last),
            "has_more": has_more,
        }


def _between(rows: RenderedList) -> Statement:
    chosen = rows.queryset.filter(
        id__gt=Param("after", _NUMBER), id__lte=Param("until", _NUMBER)
    ).order_by("id")
    statement = Statement.of(rows.shape.render(chosen).values_list("document", "id"))
    return Statement(f"{statement.sql} LIMIT %s", (*statement.params, InlineNumber("limit")))


class Changes(Resource):
    """The feed of changes: every change of every object of the company, once, in its order.

    Ask again with `next` as `after`, now or in a year. No change is skipped: one that is still
    being made holds those behind it back until it is there.
    """

    surface = v1
    scopes = {"read": "changes:read", "write": "changes:read"}
    queryset = Change.objects.public().oldest_first()
    filterset_class = ChangeFilters
    shows = {"*": RecordedChange}
    pages = FeedPages()
