"""How lists come in pages: by number with a total, or by cursor."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from django.conf import settings

from .cursors import Cursors, Position
from .faults import Faults
from .problems import invalid_parameters, quoted
from .rendered_list import RenderedList

Query = Mapping[str, str]
Members = tuple[dict[str, Any], ...]

CURSORS = ("after", "before")


class Pages(Protocol):
    """A way to page: which parameters it takes, and what it answers for them."""

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """Name and JSON schema of each query parameter."""

    def members(self) -> Members:
        """JSON schema of each member that stands beside `data`, for each form of a page."""

    def check(self, query: Query, cursor_scope: str, faults: Faults) -> None:
        """Take note of every parameter that is not valid, before `fetch` raises the first."""

    def fetch(self, rows: RenderedList, query: Query, path: str) -> tuple[str, dict[str, Any]]:
        """Return the joined documents of one page and the members beside `data`.

        `path` is the list's own, for surfaces that link to its other pages.
        """


def whole_number(query: Query, name: str, default: int, least: int, most: int) -> int:
    """Read a parameter as a whole number; raises a 400 that names it and its bounds."""
    text = query.get(name)
    if text is None:
        return default
    is_number = re.fullmatch(r"-?[0-9]{1,15}", text) is not None
    if not (is_number and least <= int(text) <= most):
        sentence = f"Must be a whole number from {least} to {most:,}; got {quoted(text)}."
        raise invalid_parameters({name: sentence})
    return int(text)


def limit_schema(default: int, most: int) -> dict[str, Any]:
    """Return the JSON schema of a parameter that says how many rows a page has."""
    bounds = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return {**bounds, "description": "How many at the most."}


@dataclass(frozen=True)
class NumberedPage:
    """The facts of one numbered page. `last` is the number of pages there are.

    `address` is the list's own with its filters, without a page.
    """

    number: int
    size: int
    total: int
    address: str = ""

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

    def fetch(self, rows: RenderedList, query: Query, path: str) -> tuple[str, dict[str, Any]]:
        number, size = self._number(query), self._size(query)
        documents, total = rows.numbered(size=size, offset=(number - self.first) * size)
        others = {name: value for name, value in query.items() if name != self.number}
        address = f"{settings.PUBLIC_URL}{path}?{urlencode({**others, self.number: ''})}"
        return documents or "", self.beside(NumberedPage(number, size, total, address))

    def check(self, query: Query, cursor_scope: str, faults: Faults) -> None:
        for read in (self._number, self._size):
            with faults.collecting():
                read(query)

    def _number(self, query: Query) -> int:
        return whole_number(query, self.number, self.first, self.first, self.furthest)

    def _size(self, query: Query) -> int:
        most = self.furthest if self.caps else self.most
        return min(whole_number(query, self.size, self.default, 1, most), self.most)


@dataclass(frozen=True)
class Everything:
    """Every row at once, with nothing beside `data`."""

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {}

    def members(self) -> Members:
        return ({},)

    def fetch(self, rows: RenderedList, query: Query, path: str) -> tuple[str, dict[str, Any]]:
        return rows.all()[0] or "", {}

    def check(self, query: Query, cursor_scope: str, faults: Faults) -> None:
        """Nothing is asked for, so nothing can be wrong."""


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

    def fetch(self, rows: RenderedList, query: Query, path: str) -> tuple[str, dict[str, Any]]:
        if self.parameters.keys() & query.keys():
            return self.pages.fetch(rows, query, path)
        documents, total = rows.all()
        size = max(total, self.pages.default)
        return documents or "", self.pages.beside(NumberedPage(self.pages.first, size, total))

    def check(self, query: Query, cursor_scope: str, faults: Faults) -> None:
        self.pages.check(query, cursor_scope, faults)


@dataclass(frozen=True)
class CursorPages:
    """Pages between cursors, which stay right while rows come and go."""

    default: int = 100
    most: int = 1000
    about_after: str = "What comes after this cursor."

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {
            "limit": limit_schema(self.default, self.most),
            "after": {"type": "string", "description": self.about_after},
            "before": {"type": "string", "description": "What comes before this cursor."},
        }

    def members(self) -> Members:
        cursor = {"type": ["string", "null"]}
        return (
            {
                "start_cursor": cursor,
                "end_cursor": cursor,
                "has_next_page": {"type": "boolean"},
                "has_previous_page": {"type": "boolean"},
            },
        )

    def fetch(self, rows: RenderedList, query: Query, path: str) -> tuple[str, dict[str, Any]]:
        cursors = Cursors(rows.cursor_scope)
        limit, (way, cursor) = self._limit(query), self._cursor(query, cursors)
        page = rows.between(limit=limit, cursor=cursor, backwards=way == "before")
        return page.documents or "", {
            "start_cursor": page.first and cursors.write(page.first),
            "end_cursor": page.last and cursors.write(page.last),
            "has_next_page": page.after,
            "has_previous_page": page.before,
        }

    def check(self, query: Query, cursor_scope: str, faults: Faults) -> None:
        with faults.collecting():
            self._limit(query)
        with faults.collecting():
            self._cursor(query, Cursors(cursor_scope))

    def _limit(self, query: Query) -> int:
        return whole_number(query, "limit", self.default, 1, self.most)

    def _cursor(self, query: Query, cursors: Cursors) -> tuple[str, Position | None]:
        """Return which way to read, and the position to start at."""
        if "after" in query and "before" in query:
            raise invalid_parameters(dict.fromkeys(CURSORS, "Send after or before, not both."))
        way = "before" if "before" in query else "after"
        return way, cursors.read(way, query[way]) if way in query else None


@dataclass(frozen=True)
class NumberedUnlessCursors:
    """Numbered pages, until a parameter of the other way to page asks for that one.

    A page between cursors costs the same wherever it lies, and counts nothing. Clients that are
    generated send the defaults of numbered pages with everything, so these are no contradiction;
    and the other way has none, or they would always go that way.
    """

    numbered: NumberedPages
    cursors: CursorPages = CursorPages()

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        cursors = self.cursors.parameters
        limit = {key: value for key, value in cursors["limit"].items() if key != "default"}
        return self.numbered.parameters | cursors | {"limit": limit}

    def members(self) -> Members:
        return self.numbered.members() + self.cursors.members()

    def fetch(self, rows: RenderedList, query: Query, path: str) -> tuple[str, dict[str, Any]]:
        if not self._asks_for_cursors(query):
            return self.numbered.fetch(rows, query, path)
        self._refuse_both(query)
        return self.cursors.fetch(rows, query, path)

    def check(self, query: Query, cursor_scope: str, faults: Faults) -> None:
        if not self._asks_for_cursors(query):
            return self.numbered.check(query, cursor_scope, faults)
        with faults.collecting():
            self._refuse_both(query)
        return self.cursors.check(query, cursor_scope, faults)

    def _asks_for_cursors(self, query: Query) -> bool:
        return not self.cursors.parameters.keys().isdisjoint(query)

    def _refuse_both(self, query: Query) -> None:
        """Raise the 400 for a parameter of numbered pages beside one of cursors."""
        other = next(name for name in sorted(self.cursors.parameters) if name in query)
        for name, schema in self.numbered.parameters.items():
            if query.get(name, str(schema["default"])) != str(schema["default"]):
                sentence = f"Send {name} or {other}, not both: pages have numbers or cursors."
                raise invalid_parameters({name: sentence, other: sentence})


_TYPES = {int: "integer", str: "string", bool: "boolean", type(None): "null"}


def _schema_of(examples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of members, from what they are in a few pages."""
    members = {}
    for name in examples[0]:
        values = [example[name] for example in examples]
        if isinstance(values[0], dict):
            properties = _schema_of(values)
            members[name] = {
                "type": "object",
                "properties": properties,
                "required": list(properties),
            }
        else:
            types = sorted({_TYPES[type(value)] for value in values}, key="null".__eq__)
            members[name] = {"type": types if len(types) > 1 else types[0]}
    return members
