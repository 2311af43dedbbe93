"""How lists come in pages: by number with a total, or by cursor."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from django.conf import settings

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
    about = "How many at the most" + ("." if ends_at_limit else "; a page of large rows has fewer.")
    bounds = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return {**bounds, "description": about}


@dataclass(frozen=True)
class NumberedPage:
    """The facts of one numbered page. `last` is the number of pages there are.

    `path` and `query` are those of the list, the query without its page.
    """

    number: int
    size: int
    total: int
    path: str = ""
    query: Query = field(default_factory=dict)

    def address(self, number: int) -> str:
        """Return the address of another page of the list."""
        return f"{settings.PUBLIC_URL}{self.path}?{urlencode({**self.query, 'page': number})}"

    @property
    def last(self) -> int:
        return -(-self.total // self.size)


@dataclass(frozen=True)
class NumberedPages:
    """Pages with a number, a size and an exact total."""

    number: str
    size: str
    first: int
    default: int
    beside: Callable[[NumberedPage], dict[str, Any]]
    most: int = 100
    caps: bool = False
    furthest: int = 10_000_000

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {
            self.number: {
                "type": "integer",
                "minimum": self.first,
                "maximum": self.furthest,
                "default": self.first,
                "description": f"Which page, counted from {self.first}.",
            },
            self.size: {
                "type": "integer",
                "minimum": 1,
                **({} if self.caps else {"maximum": self.most}),
                "default": self.default,
                "description": f"How many a page, {self.most} at the most.",
            },
        }

    def members(self) -> Members:
        examples = NumberedPage(1, 1, 0), NumberedPage(1, 1, 3), NumberedPage(2, 1, 3)
        return (_schema_of([self.beside(page) for page in examples]),)

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> NumberedPage:
        number = whole_number(query, self.number, self.first, self.first, self.furthest, faults)
        most = self.furthest if self.caps else self.most
        size = min(whole_number(query, self.size, self.default, 1, most, faults), self.most)
        others = {name: value for name, value in query.items() if name != self.number}
        return NumberedPage(number, size, 0, query=others)

    def fetch(self, rows: RenderedList, page: NumberedPage, path: str) -> tuple[str, Any]:
        offset = (page.number - self.first) * page.size
        documents, total = rows.numbered(size=page.size, offset=offset)
        return documents or "", self.beside(replace(page, total=total, path=path))


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


@dataclass(frozen=True)
class EverythingUnlessPaged:
    """Every row as one page, until one of the parameters asks for pages."""

    pages: NumberedPages

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        without = "Without either, the answer is every one."
        return {
            name: {**schema, "description": f"{schema['description']} {without}"}
            for name, schema in self.pages.parameters.items()
        }

    def members(self) -> Members:
        return self.pages.members()

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> NumberedPage | None:
        is_paged = self.parameters.keys() & query.keys()
        return self.pages.read(query, cursor_scope, faults) if is_paged else None

    def fetch(self, rows: RenderedList, page: NumberedPage | None, path: str) -> tuple[str, Any]:
        if page is not None:
            return self.pages.fetch(rows, page, path)
        documents, total = rows.all()
        size = max(total, self.pages.default)
        return documents or "", self.pages.beside(NumberedPage(self.pages.first, size, total))


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
    about_after: str = "What comes after this cursor."
    ends_at_limit: bool = False

    @cached_property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {
            "limit": limit_schema(self.default, self.most, ends_at_limit=self.ends_at_limit),
            "after": {"type": "string", "description": self.about_after},
            "before": {"type": "string", "description": "What comes before this cursor."},
        }

    def members(self) -> Members:
        cursors = {key: {"type": ["string", "null"]} for key in ("start_cursor", "end_cursor")}
        flags = {key: {"type": "boolean"} for key in ("has_next_page", "has_previous_page")}
        return (cursors | flags,)

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


@dataclass(frozen=True)
class NumberedUnlessCursors:
    """Numbered pages, until a parameter of the other way to page asks for that one.

    A page between cursors costs the same wherever it lies, and counts nothing. Clients that are
    generated send the defaults of numbered pages with everything, so these are no contradiction;
    and the other way has none, or they would always go that way.
    """

    numbered: NumberedPages
    cursors: CursorPages = CursorPages()
    # The description of each form, in the order of `members`.
    forms = (
        "A page with a number: the answer without `limit`, `after` and `before`.",
        "A page between cursors: the answer to `limit`, `after` or `before`.",
    )

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        limit = self.cursors.parameters["limit"]
        limit = {key: value for key, value in limit.items() if key != "default"}
        return self.numbered.parameters | self.cursors.parameters | {"limit": limit}

    def members(self) -> Members:
        return self.numbered.members() + self.cursors.members()

    def read(self, query: Query, cursor_scope: str, faults: Faults) -> NumberedPage | CursorPage:
        cursors = self.cursors.parameters
        if cursors.keys().isdisjoint(query):
            return self.numbered.read(query, cursor_scope, faults)
        other = min(cursors.keys() & query.keys())
        for name, schema in self.numbered.parameters.items():
            if query.get(name, str(schema["default"])) != str(schema["default"]):
                sentence = f"Send {name} or {other}, not both: pages have numbers or cursors."
                for one in (name, other):
                    faults.add(one, "invalid_parameter", sentence)
        return self.cursors.read(query, cursor_scope, faults)

    def fetch(self, rows: RenderedList, page: NumberedPage | CursorPage, path: str) -> Any:
        if isinstance(page, CursorPage):
            return self.cursors.fetch(rows, page, path)
        return self.numbered.fetch(rows, page, path)


_TYPES = {int: "integer", str: "string", bool: "boolean", type(None): "null"}


def _schema_of(examples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of members, from what they are in a few pages."""
    members = {}
    for name in examples[0]:
        values = [example[name] for example in examples]
        if isinstance(values[0], dict):
            inside = _schema_of(values)
            members[name] = {"type": "object", "properties": inside, "required": [*inside]}
        else:
            types = sorted({_TYPES[type(value)] for value in values}, key="null".__eq__)
            members[name] = {"type": types if len(types) > 1 else types[0]}
    return members
