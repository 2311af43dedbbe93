"""What every endpoint does, written once. An endpoint declares; see house style."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from config.statements.compiling import Bound, Statement, compiled

from . import preconditions
from .endpoint import Endpoint
from .problems import not_found
from .rows import Rows
from .shapes import Shape
from .streaming import stream

_ID = models.UUIDField()


class Resource(Endpoint):
    """Rows of a company behind an address: declared by a subclass, one for each surface."""

    @property
    def only_reads(self) -> bool:
        asked = getattr(type(self), self.action, None)
        return asked is Resource.retrieve or (asked is Resource.list and not self._is_stream)

    @property
    def _is_stream(self) -> bool:
        """Whether a list is asked for as a whole, by none of the parameters of its pages."""
        return self.streams and not self.paging().parameters.keys() & self.request.GET.keys()

    def list(self, request: Any, **path: str) -> HttpResponseBase:
        is_implied = self.parent is None or self.parent.is_implied
        if self._is_stream or not is_implied:
            self.require_parent()
        rows = self._rows()
        if self._is_stream:
            return stream(rows, self.actor.company_id)
        documents, beside = self.paging().fetch(rows, self.query, request.path)
        if is_implied and not documents:
            self.require_parent()
        members = json.dumps(beside)[1:] if beside else "}"
        return _written(f'{{"data":[{documents}]{"," if beside else ""}{members}')

    def retrieve(self, request: Any, **path: str) -> HttpResponse:
        self.require_parent()
        return self.show(self.path[self.key])

    def show(self, row: Any, status: int = 200, **told: Any) -> HttpResponse:
        """Answer with a row, read again through its shape, and with what no row holds."""
        body = seen = self._read(self.action, row, **told)
        if self.shape_of(self.action) is not self.shape_of("retrieve"):
            seen = self._read("retrieve", row)
        return preconditions.tagged(self.request, _written(body, status), seen)

    def tag(self) -> str:
        return preconditions.tag_of(self._read("retrieve", self.path[self.key]))

    def _read(self, action: str, row: Any, **told: Any) -> str:
        shape = self.shape_of(action)
        statement = compiled((type(self), shape, "one"), lambda: self._one(shape))
        found = statement.rows({**self.values, **told, "id": getattr(row, "pk", row)})
        if not found:
            raise not_found()
        return self.surface.one % found[0][0]

    def say(self) -> HttpResponse:
        """Answer with the sentence of `says`, as the M2M surface does after a write."""
        answer = _written(json.dumps({"message": self.says[self.action]}))
        seen = self._read("retrieve", self.path[self.key])
        return preconditions.tagged(self.request, answer, seen)

    def tell(self, document: Mapping[str, Any], status: int = 200) -> HttpResponse:
        """Answer with what was worked out and is no row of any table."""
        return _written(self.surface.one % json.dumps(document), status)

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return cls.shows.get(action) or cls.shows["*"]

    def _one(self, shape: type[Shape]) -> Statement:
        row = self.scoped().order_by().filter(id=Bound("id", _ID))
        return Statement.of(shape.render(row).values_list("document"))

    def given(self) -> dict[str, Any]:
        """Return the filters of the query by name, read and checked."""
        return self.filterset_class.read(self.query)

    def _rows(self) -> Rows:
        filters, given = self.filterset_class, self.given()
        key: tuple[Any, ...] = (type(self), self.action, filters.form_of(given))
        place = "/".join([type(self).__name__, *map(str, self.values.values())])
        return Rows(
            choose=lambda: filters.narrow(self.scoped(), given),
            shape=self.shape_of(self.action),
            key=key,
            values={**self.values, **given},
            place=place,
            found_by=None if self.parent else filters.found_by(given),
        )


def _written(body: str, status: int = 200) -> HttpResponse:
    return HttpResponse(body.encode(), status=status, content_type="application/json")
