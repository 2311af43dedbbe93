"""The query parameters of a request, checked against the document."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, ClassVar

from .bodies import read_object
from .filtering import Filters
from .input_fields import Accepted
from .pages import Pages
from .problems import bad_request
from .surfaces import Surface
from .unknown import UnknownNames


class Incoming:
    """Read the query parameters of a request, and refuse a body where an action takes none.

    `accepts` declares the body of each action, and `query_options` the query parameters of an
    action that is no list.
    """

    surface: ClassVar[Surface]
    accepts: ClassVar[dict[str, type[Accepted]]] = {}
    filterset_class: ClassVar[type[Filters]] = Filters
    filtered: ClassVar[tuple[str, ...]] = ("list",)
    query_options: ClassVar[Mapping[str, type[Filters]]] = {}
    pages: ClassVar[Pages | None] = None

    request: Any
    action: str
    unknown: UnknownNames

    def read_query(self) -> dict[str, str]:
        """Return the parameters that are given, an empty one counting as absent; raises the 400."""
        given, known = self.request.GET, self.parameters(self.action)
        self.unknown.find([name for name in given if name not in known], known, kind="parameter")
        if self.unknown.refused:
            raise self.unknown.refusal()
        for name in known:
            if len(given.getlist(name)) > 1:
                raise bad_request(f"{name}: Given more than once.", {name: "Given twice."})
        return {name: given[name] for name in given if name in known and given[name]}

    @classmethod
    @cache
    def parameters(cls, action: str) -> dict[str, Any]:
        """Return the query parameters of an action, with their schemas."""
        chosen = cls.query_options.get(action)
        if chosen is None and action not in cls.filtered:
            return {}
        filters = {
            name: {**one.schema, "description": one.extra.get("help_text", "")}
            for name, one in (chosen or cls.filterset_class).base_filters.items()
        }
        return filters | (cls.paging().parameters if action == "list" else {})

    @classmethod
    def paging(cls) -> Pages:
        return cls.pages or cls.surface.pages

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object of the request; raises the 400, 413 or 415."""
        return read_object(self.request)

    def refuse_body(self) -> None:
        """Raise the 400 for fields in a body where none are taken."""
        self.unknown.find(self.body, ())
        if self.unknown.refused:
            raise self.unknown.refusal()
