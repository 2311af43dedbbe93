"""What happened to a customer, and the feed of all that happens (v1)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from config.api.cursors import Cursors
from config.api.pages import Members, Query, whole_number
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.rows import Rows
from config.api.surfaces import v1
from config.statements.compiling import Bound, HowMany, Statement, compiled
from customers.models import Customer
from customers.shapes.shown import CUSTOMER

from .feed import settled
from .filters import ChangeFilters
from .models import Change
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
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": self.most,
                "default": self.default,
                "description": "How many at the most.",
            },
            "after": {
                "type": "string",
                "description": "The `next` of an earlier answer; absent: from the beginning.",
            },
        }

    def members(self) -> Members:
        return ({"next": {"type": "string"}, "has_more": {"type": "boolean"}},)

    def fetch(self, rows: Rows, query: Query, path: str) -> tuple[str, dict[str, Any]]:
        limit = whole_number(query, "limit", self.default, 1, self.most)
        cursors = Cursors(rows.place)
        after = cursors.read("after", query["after"]).int if "after" in query else 0
        until = settled(rows.values["company_id"])
        statement = compiled((*rows.key, "feed"), lambda: _between(rows))
        values = {**rows.values, "after": after, "until": until, "limit": limit + 1}
        found = statement.rows(values)
        page, has_more = found[:limit], len(found) > limit
        # Who has read all that fits goes on behind what did not.
        last = page[-1][1] if has_more else max(after, until)
        return ",".join(document for document, _ in page), {
            "next": cursors.write(UUID(int=last)),
            "has_more": has_more,
        }


def _between(rows: Rows) -> Statement:
    chosen = rows.queryset.filter(
        id__gt=Bound("after", _NUMBER), id__lte=Bound("until", _NUMBER)
    ).order_by("id")
    statement = Statement.of(rows.shape.render(chosen).values_list("document", "id"))
    return Statement(f"{statement.sql} LIMIT %s", (*statement.params, HowMany("limit")))


class Changes(Resource):
    """The feed of changes: every change of every object of the company, once, in its order.

    Ask again with `next` as `after`, now or in a year. No change is skipped: one that is still
    being made holds those behind it back until it is there.
    """

    surface = v1
    scopes = {"read": "changes:read", "write": "changes:read"}
    queryset = Change.objects.told().oldest_first()
    filterset_class = ChangeFilters
    shows = {"*": RecordedChange}
    pages = FeedPages()


class CustomerAudit(Resource):
    """Who changed a customer and what is theirs, when, from what to what and why: newest first."""

    surface = v1
    scopes = {"read": "audit:read", "write": "audit:read"}
    queryset = Change.objects.told().newest_first()
    parent = Parent("customer_id", Customer.objects)
    ids = {"customer_id": CUSTOMER}
    filterset_class = ChangeFilters
    shows = {"*": RecordedChange}
