"""How lists come in pages: by number with a total, or by cursor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .cursors import Cursors
from .problems import bad_request
from .rows import Rows

Query = Mapping[str, str]


class Pages(Protocol):
    """A way to page: which parameters it takes, and what it answers for them."""

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """Name and JSON schema of each query parameter."""

    def members(self) -> dict[str, Any]:
        """JSON schema of each member that stands beside `data`."""

    def fetch(self, rows: Rows, query: Query) -> tuple[list[str], dict[str, Any]]:
        """Return the documents of one page and the members beside `data`."""


def whole_number(query: Query, name: str, default: int, least: int, most: int) -> int:
    """Read a parameter as a whole number; raises a 400 that names it and its bounds."""
    text = query.get(name)
    if text is None:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise bad_request(f"{name} must be a whole number.", {name: "This is no whole number."})
    number = int(text)
    if not least <= number <= most:
        sentence = f"Must be from {least} to {most:,}."
        raise bad_request(f"{name}: {sentence}", {name: sentence})
    return number


@dataclass(frozen=True)
class NumberedPage:
    """The facts of one numbered page. `last` is the number of pages there are."""

    number: int
    size: int
    total: int

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
                "maximum": self.most,
                "default": self.default,
                "description": "How many a page.",
            },
        }

    def members(self) -> dict[str, Any]:
        return _schema_of(self.beside(NumberedPage(0, 1, 0)))

    def fetch(self, rows: Rows, query: Query) -> tuple[list[str], dict[str, Any]]:
        number = whole_number(query, self.number, self.first, self.first, self.furthest)
        size = whole_number(query, self.size, self.default, 1, self.most)
        documents, total = rows.numbered(size=size, offset=(number - self.first) * size)
        return documents, self.beside(NumberedPage(number, size, total))


@dataclass(frozen=True)
class CursorPages:
    """Pages between cursors, which stay right while rows come and go."""

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
            "after": {"type": "string", "description": "What comes after this cursor."},
            "before": {"type": "string", "description": "What comes before this cursor."},
        }

    def members(self) -> dict[str, Any]:
        cursor = {"type": ["string", "null"]}
        return {
            "start_cursor": cursor,
            "end_cursor": cursor,
            "has_next_page": {"type": "boolean"},
            "has_previous_page": {"type": "boolean"},
        }

    def fetch(self, rows: Rows, query: Query) -> tuple[list[str], dict[str, Any]]:
        limit = whole_number(query, "limit", self.default, 1, self.most)
        if "after" in query and "before" in query:
            both = "Give after or before, not both."
            raise bad_request(both, {"after": both, "before": both})
        way = "before" if "before" in query else "after"
        cursors = Cursors(rows.place)
        cursor = cursors.read(way, query[way]) if way in query else None
        found, beyond = rows.between(limit=limit, cursor=cursor, backwards=way == "before")
        page, more = found[:limit], len(found) > limit
        if way == "before":
            page.reverse()
        documents = [document for document, _ in page]
        return documents, {
            "start_cursor": cursors.write(page[0][1]) if page else None,
            "end_cursor": cursors.write(page[-1][1]) if page else None,
            "has_next_page": beyond if way == "before" else more,
            "has_previous_page": more if way == "before" else beyond,
        }


def _schema_of(example: Any) -> dict[str, Any]:
    """Return the schema of members that are whole numbers, or objects of such."""
    return {
        name: {
            "type": "object",
            "properties": _schema_of(value),
            "required": list(value),
            "additionalProperties": False,
        }
        if isinstance(value, dict)
        else {"type": "integer"}
        for name, value in example.items()
    }
