"""Pagination by page numbers with a total, alone or in addition to cursors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from .faults import Faults
from .pages import CursorPage, CursorPages, Members, Query, whole_number
from .rendered_list import RenderedList


@dataclass(frozen=True)
class NumberedPage:
    """The number, size and total of one page. `last` is the number of pages.

    `path` and `query` are those of the list; the query is without the page number.
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
    """Pages with a number, a size and an exact total.

    `beside` returns the members next to `data`; `words` has their descriptions by name.
    """

    number: str
    size: str
    first: int
    default: int
    beside: Callable[[NumberedPage], dict[str, Any]]
    words: Mapping[str, str] = field(hash=False)
    most: int = 100
    caps: bool = False
    furthest: int = 10_000_000

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        beyond = f"counts as {self.most}" if self.caps else "is refused with a 400"
        return {
            self.number: {
                "type": "integer",
                "minimum": self.first,
                "maximum": self.furthest,
                "default": self.first,
                "description": f"The number of the page. The first page is {self.first}.",
            },
            self.size: {
                "type": "integer",
                "minimum": 1,
                **({} if self.caps else {"maximum": self.most}),
                "default": self.default,
                "description": f"How many objects a page has, at most {self.most}. A larger "
                f"number {beyond}.",
            },
        }

    def members(self) -> Members:
        examples = NumberedPage(1, 1, 0), NumberedPage(1, 1, 3), NumberedPage(2, 1, 3)
        return (_schema_of([self.beside(page) for page in examples], self.words),)

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
class EverythingUnlessPaged:
    """The whole list as one page, unless a paging parameter is sent."""

    pages: NumberedPages

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        without = "Without both paging parameters, the answer has the whole list."
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


@dataclass(frozen=True)
class NumberedUnlessCursors:
    """Numbered pages, unless a parameter of cursor pagination is sent.

    Cursor pages have the same cost at any position and count no total. Generated clients send all
    default values, so the defaults of numbered pages are allowed together with cursors, and cursor
    parameters have no defaults.
    """

    numbered: NumberedPages
    cursors: CursorPages = field(default_factory=CursorPages)
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


def _schema_of(examples: list[dict[str, Any]], words: Mapping[str, str]) -> dict[str, Any]:
    """Derive the JSON schema of the members from those of example pages."""
    members: dict[str, dict[str, Any]] = {}
    for name in examples[0]:
        values = [example[name] for example in examples]
        if isinstance(values[0], dict):
            inside = _schema_of(values, words)
            members[name] = {"type": "object", "properties": inside, "required": [*inside]}
        else:
            types = sorted({_TYPES[type(value)] for value in values}, key="null".__eq__)
            members[name] = {"type": types if len(types) > 1 else types[0]}
        members[name]["description"] = words[name]
    return members
