"""The base class of endpoints: list, retrieve and the declared verbs (`config/README.md`)."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import TooManyFieldsSent
from django.db import models
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import get_resolver

from config.changes.actions import record_data_export
from config.changes.models import DataExport
from config.statements.compiling import Param, Statement

from . import preconditions
from .endpoint import Endpoint
from .filtering import Moment
from .input_fields import Accepted
from .pages import CURSORS
from .problems import not_found, quoted
from .rendered_list import RenderedList
from .shapes import Shape
from .streaming import stream
from .verbs import Verb

# Actions whose body is the changed object.
CHANGES = ("update", "partial_update")
# Read-only fields that never change; all other read-only fields are computed.
_FIXED = ("id", "created_at", "currency", "kind", "service_id", "event_id")
_ID = models.UUIDField()


def compiled_read[Method: Callable[..., Any]](method: Method) -> Method:
    """Mark a method that runs only compiled statements that read, through `self.fetch`."""
    method.is_compiled = True  # type: ignore[attr-defined]
    return method


class Resource(Endpoint):
    """Base class of endpoints that list, show and change the rows of a model on one surface.

    `verbs` declares methods that find a row, call one action and show the row. `answer_headers` has
    the descriptions of special response headers, by action and name.
    """

    verbs: ClassVar[dict[str, Verb]] = {}
    answer_headers: ClassVar[dict[str, dict[str, str]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, verb in cls.__dict__.get("verbs", {}).items():
            setattr(cls, name, verb.as_method(name))
        own = (name for base in cls.__mro__ for name in vars(base))
        # Look at the attribute itself, since a subclass may override a marked method.
        cls.compiled_reads = frozenset(
            name for name in own if hasattr(getattr(cls, name, None), "is_compiled")
        )

    _accepting: Accepted | None = None

    @property
    def is_stream(self) -> bool:
        """Whether the request is for a whole list, without paging parameters."""
        if not self.streams or self.action != "list":
            return False
        try:
            given, parameters = self.request.GET, self.paging().parameters
        except TooManyFieldsSent:
            # `_check_query` refuses this later, after the credential is verified.
            return False
        # An empty cursor means the first page; other empty parameters count as absent.
        return not any(name in parameters and (given[name] or name in CURSORS) for name in given)

    @compiled_read
    def list(self, request: Any, **path: str) -> HttpResponseBase:
        if self.is_stream or not self.row_implies_parent:
            self.require_parent()
        rows = self._rows()
        if self.is_stream:
            what, query = str(self.queryset.model._meta.verbose_name_plural), self.query
            kind = DataExport.Kind.STREAM
            record_data_export(kind, what=what, query=urlencode(query), actor=self.actor)
            return stream(rows, self.actor.company_id)
        documents, beside = self.paging().fetch(rows, self.page, request.path)
        if self.row_implies_parent and not documents:
            self.require_parent()
        members = json.dumps(beside)[1:] if beside else "}"
        return _json(f'{{"data":[{documents}]{"," if beside else ""}{members}'.encode())

    @compiled_read
    def retrieve(self, request: Any, **path: str) -> HttpResponse:
        if not self.row_implies_parent:
            self.require_parent()
        document = self._document("retrieve", self.path[self.key])
        tag = preconditions.tag_of(document, self.editable())
        return preconditions.tagged(request, self.surface.one % document, tag)

    def accepted(self) -> dict[str, Any]:
        """Return the validated body, by the field names of the domain.

        Raises a 400 or 422 with all faults of the body and the query.
        """
        accepts, body = self.accepts[self.action], self.body
        if self.action in CHANGES or self.action in self.upserts:
            body = self._without_read_only(accepts, body)
        serializer = accepts(
            data=body,
            partial=self.request.method == "PATCH",
            context={"path": self.path, "actor": self.actor, "unknown": self.unknown},
        )
        self._accepting = serializer
        with self.faults.collecting():
            serializer.is_valid(raise_exception=True)
        self.faults.check(self.surface)
        return serializer.validated_data

    def _without_read_only(self, accepts: type[Accepted], body: dict[str, Any]) -> dict[str, Any]:
        """Return a body without its read-only fields, so that clients can send a whole object back.

        Fields that never change must have their current value. Other read-only fields are ignored,
        and reported in a header if their value differs.
        """
        fields = self.shape_of("retrieve")._declared_fields
        read_only = [
            name for name in body if name in fields and name not in accepts._declared_fields
        ]
        if not read_only:
            return body
        current = self.current()
        for name in read_only:
            if fields[name].is_same(body[name], current.get(name)):
                continue
            if name in accepts.refuses:
                self.faults.add(name, "read_only_field", accepts.refuses[name])
            elif name in _FIXED:
                sentence = (
                    f"Is {quoted(current.get(name))} and never changes; got {quoted(body[name])}."
                )
                self.faults.add(name, "read_only_field", sentence)
            else:
                self.unknown.ignored.append(name)
        return {name: value for name, value in body.items() if name not in read_only}

    @property
    def domain_names(self) -> dict[str, str]:
        """Map field names of the domain to those of the surface, for refusals."""
        return self._accepting.domain_names() if self._accepting else {}

    def show(self, row: Any, status: int = 200, **values: Any) -> HttpResponse:
        """Return a response with a row, read again; `values` fill in more placeholders."""
        document = seen = self._document(self.action, row, **values)
        if self.shape_of(self.action) is not self.shape_of("retrieve"):
            seen = self._document("retrieve", row)
        tag = preconditions.tag_of(seen, self.editable())
        response = preconditions.tagged(self.request, self.surface.one % document, tag, status)
        if status in (201, 202) and self.is_readable(self.request.resolver_match.route):
            public = self.shape_of("retrieve")._declared_fields["id"].public(row.pk)
            response["Location"] = f"{self.reads_at or self.request.path}/{public}"
        return response

    @classmethod
    @cache
    def is_readable(cls, route: str) -> bool:
        """Whether a row created at a route can be read, at `reads_at` or below the route."""
        return bool(cls.reads_at) or cls._reads().get(f"{route}/<{cls.key}>") == "retrieve"

    @classmethod
    def is_listed(cls) -> bool:
        """Whether the resource has a list."""
        return "list" in cls._reads().values()

    @classmethod
    def _reads(cls) -> dict[str, str]:
        """Return the action of GET at each route of the resource."""
        routes: list[tuple[str, Any]] = [
            (str(one.pattern), one.callback) for one in get_resolver().url_patterns
        ]
        own = [(route, view) for route, view in routes if getattr(view, "cls", None) is cls]
        return {route: view.actions["get"] for route, view in own if "get" in view.actions}

    def tag(self) -> str:
        document = self._document("retrieve", self.path[self.key])
        return preconditions.tag_of(document, self.editable())

    @classmethod
    @cache
    def editable(cls) -> tuple[tuple[str, ...], ...]:
        """Return the paths of the editable members in the shown object.

        A field with an id, such as `facilitator_id`, may be shown as an object, `facilitator`.
        """
        actions = [one for one in (*CHANGES, *cls.upserts) if one in cls.accepts]
        shown = cls.shape_of("retrieve")._declared_fields if actions else ()
        paths = set()
        for accepts in (cls.accepts[action] for action in actions):
            for name in accepts._declared_fields:
                path = accepts.shown_as.get(name, name)
                if path not in shown and path.endswith("_id"):
                    path = f"{path.removesuffix('_id')}.id"
                if path.partition(".")[0] in shown:
                    paths.add(path)
        return tuple(tuple(path.split(".")) for path in sorted(paths))

    def _document(self, action: str, row: Any, **values: Any) -> bytes:
        """Return a row rendered by the shape of an action, in UTF-8; raises a 404."""
        values = {**self.values, **values, "id": getattr(row, "pk", row)}
        found = self.fetch(self._one(self.shape_of(action)), values).raw()
        if not found:
            raise not_found(self.noun)
        assert found[0] is not None
        return found[0]

    def current(self) -> dict[str, Any]:
        """Return the current document of the object that a request changes; raises a 404.

        Returns {} if an upsert creates a new object.
        """
        row = self.path[self.key] if self.key in self.path else self.find_upserted()
        return json.loads(self._document("retrieve", row)) if row is not None else {}

    def show_message(self) -> HttpResponse:
        """Return a response with the text of `messages`, as the M2M surface does after a write."""
        answer = json.dumps({"message": self.messages[self.action]}).encode()
        return preconditions.tagged(self.request, answer, self.tag())

    def show_document(self, document: Mapping[str, Any], status: int = 200) -> HttpResponse:
        """Return a response with an object that is no row of a table."""
        return _json(self.surface.one % json.dumps(document).encode(), status)

    @classmethod
    @cache
    def shape_of(cls, action: str) -> Any:
        """Return the shape of the response of an action."""
        return cls.shows.get(action) or cls.shows["*"]

    @classmethod
    @cache
    def _one(cls, shape: type[Shape]) -> Statement:
        row = cls.scoped().order_by().filter(id=Param("id", _ID))
        return Statement.of(shape.render(row).values_list("document"))

    def _rows(self) -> RenderedList:
        filters, given = self.filterset_class, self.filters
        key: tuple[Any, ...] = (type(self), self.action, filters.form_of(given))
        return RenderedList(
            choose=lambda: filters.narrow(self.scoped(), given),
            shape=self.shape_of(self.action),
            key=key,
            values={**self.values, **given},
            cursor_scope=self.cursor_scope,
            sorted_by=filters.sorted_by(given),
            plans_anew=any(isinstance(filters.base_filters[name], Moment) for name in given),
            fetch=self.fetch,
            found_by=None if self.parent else filters.found_by(given),
        )


def _json(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")
