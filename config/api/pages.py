"""How lists come in pages: between cursors, or all at once."""

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
# About how many bytes of rows a page between cursors has before it ends.
BYTES_OF_PAGE = 4 * 1024 * 1024


class Pages(Protocol):
    """A way to page: which parameters it takes, and what it answers for them."""

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """Name and JSON schema of each query parameter."""

    def members(self) -> Members:
        """JSON schema of each member that stands beside `data`, for each form of a page."""

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> Any:
        """Return which page is asked for, as `fetch` takes it; take note of all that is wrong."""

    def fetch(self, rows: RenderedList, page: Any, path: str) -> tuple[str, dict[str, Any]]:
        """Return the joined documents of one page and the members beside `data`.

        `path` is the list's own, for surfaces that link to its other pages.
        """


def whole_number(
    query: Query, name: str, default: int, least: int, most: int, faults: Faults
) -> int:
    """Return a parameter as a whole number, its default where it is absent or wrong."""
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
    """Return the JSON schema of a parameter that says how many rows a page has."""
    fewer = "" if ends_at_limit else " A page of large objects has fewer."
    about = f"The largest number of objects on a page.{fewer}"
    bounds = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return {**bounds, "description": about}


@dataclass(frozen=True)
class Everything:
    """Every row at once, with nothing beside `data`."""

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {}

    def members(self) -> Members:
        return ({},)

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> None:
        """Nothing is asked for, so nothing can be wrong."""

    def fetch(self, rows: RenderedList, page: None, path: str) -> tuple[str, dict[str, Any]]:
        return rows.all()[0] or "", {}


class CursorPage(NamedTuple):
    """Rows on one side of a cursor, `way` after or before; without one, the first or the last."""

    limit: int
    way: str
    cursor: Position | None


@dataclass(frozen=True)
class CursorPages:
    """Pages between cursors, which stay right while rows come and go.

    A page ends at BYTES_OF_PAGE too, unless rows are small by nature: it `ends_at_limit` alone.
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
