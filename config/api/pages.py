"""Pagination by cursors, and lists without pagination."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from .cursors import Cursors, Position
from .faults import Faults
from .problems import quoted
from .rendered_list import RenderedList

Query = Mapping[str, str]
Members = tuple[dict[str, Any], ...]

CURSORS = ("after", "before")
# A cursor page ends after about this many bytes of rows.
BYTES_OF_PAGE = 4 * 1024 * 1024


class Pages(Protocol):
    """A pagination style: its query parameters and the members of its response."""

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """The JSON schema of each query parameter, by name."""

    def members(self) -> Members:
        """Return the JSON schema of each member next to `data`, for each form of a page."""

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> Any:
        """Return the requested page, for `fetch`; add invalid parameters to `faults`."""

    def fetch(self, rows: RenderedList, page: Any, path: str) -> tuple[str, dict[str, Any]]:
        """Return the joined documents of one page and the members next to `data`.

        `path` is the path of the list, for links to other pages.
        """


def whole_number(
    query: Query, name: str, default: int, least: int, most: int, faults: Faults
) -> int:
    """Return a query parameter as a whole number, its default if it is absent or invalid."""
    text = query.get(name)
    if text is None:
        return default
    is_number = re.fullmatch(r"-?[0-9]{1,15}", text) is not None
    if is_number and least <= int(text) <= most:
        return int(text)
    sentence = f"Must be a whole number from {least} to {most:,}; got {quoted(text)}."
    faults.add(name, "invalid_parameter", sentence)
    return default


def limit_schema(default: int, most: int, *, ends_at_limit: bool = False) -> dict[str, Any]:
    """Return the JSON schema of the parameter for the size of a page."""
    fewer = "" if ends_at_limit else " A page of large objects has fewer."
    about = f"The largest number of objects on a page.{fewer}"
    bounds = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return {**bounds, "description": about}


@dataclass(frozen=True)
class Everything:
    """No pagination: all rows, and no members next to `data`."""

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {}

    def members(self) -> Members:
        return ({},)

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> None:
        """Do nothing: there are no parameters."""

    def fetch(self, rows: RenderedList, page: None, path: str) -> tuple[str, dict[str, Any]]:
        return rows.all()[0] or "", {}


class CursorPage(NamedTuple):
    """The rows "after" or "before" a cursor; without a cursor, the first or the last rows."""

    limit: int
    way: str
    cursor: Position | None


@dataclass(frozen=True)
class CursorPages:
    """Cursor pagination, which skips and repeats no rows when others are added or removed.

    A page also ends after BYTES_OF_PAGE, unless `ends_at_limit` is set, for small rows.
    """

    default: int = 100
    most: int = 1000
    about_after: str = (
        "A cursor: the page begins after it. Send the `end_cursor` of a page to read the next page."
    )
    ends_at_limit: bool = False

    @cached_property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {
            "limit": limit_schema(self.default, self.most, ends_at_limit=self.ends_at_limit),
            "after": {"type": "string", "description": self.about_after},
            "before": {
                "type": "string",
                "description": "A cursor: the page ends before it. Send the `start_cursor` of a "
                "page to read the previous page. Not together with `after`.",
            },
        }

    def members(self) -> Members:
        return (
            {
                "start_cursor": {
                    "type": ["string", "null"],
                    "description": "The cursor of the first object of this page, for `before`; "
                    "null if the page is empty.",
                },
                "end_cursor": {
                    "type": ["string", "null"],
                    "description": "The cursor of the last object of this page, for `after`; null "
                    "if the page is empty.",
                },
                "has_next_page": {
                    "type": "boolean",
                    "description": "Whether the list goes on after this page.",
                },
                "has_previous_page": {
                    "type": "boolean",
                    "description": "Whether the list has objects before this page.",
                },
            },
        )

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> CursorPage:
        limit = whole_number(query, "limit", self.default, 1, self.most, faults)
        way, cursor = "before" if "before" in query else "after", None
        if "after" in query and "before" in query:
            for name in CURSORS:
                faults.add(name, "invalid_parameter", "Send after or before, not both.")
        elif way in query:
            with faults.collecting():
                cursor = Cursors(cursor_scope).read(way, query[way])
        return CursorPage(limit, way, cursor)

    def fetch(self, rows: RenderedList, page: CursorPage, path: str) -> tuple[str, dict[str, Any]]:
        cursors = Cursors(rows.cursor_scope)
        room = None if self.ends_at_limit else BYTES_OF_PAGE
        backwards = page.way == "before"
        found = rows.between(limit=page.limit, cursor=page.cursor, backwards=backwards, room=room)
        return found.documents or "", {
            "start_cursor": found.first and cursors.write(found.first),
            "end_cursor": found.last and cursors.write(found.last),
            "has_next_page": found.after,
            "has_previous_page": found.before,
        }
