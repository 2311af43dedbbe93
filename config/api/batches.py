"""Requests with many items, of which each is read, refused and shown by itself."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.expressions import RawSQL
from django.http import HttpResponse
from rest_framework.exceptions import ValidationError

from config.errors import Refusal
from config.statements.compiling import Placeholder, Statement

from .errors import error_body, problem_of
from .expressions import IsAmong
from .input_fields import Accepted
from .problems import Problem, Refused
from .resource import Resource
from .shapes import Shape


class BatchResource(Resource):
    """The base class of endpoints that take many items in one request (`ItemsIn`)."""

    def accept_each(self, accepts: type[Accepted], items: Iterable[Any]) -> list[Any]:
        """Return what each item asks for, by the domain's names, or the problem that it has."""
        # One serializer reads them all: to make one takes longer than to read an item.
        self._accepting = serializer = accepts(context={"path": self.path, "actor": self.actor})
        return [self._accept(serializer, item) for item in items]

    def _accept(self, serializer: Accepted, item: Any) -> Any:
        try:
            return serializer.run_validation(item)
        except (ValidationError, Refused) as error:
            return self.problem_with(error)

    def problem_with(self, error: ValidationError | Refused | Refusal) -> Problem:
        """Return the problem that an item is refused with."""
        problem = problem_of(error, self.surface, self.domain_names)
        assert problem is not None
        return problem

    def show_each(self, name: str, outcomes: Iterable[Problem | tuple[int, Any]]) -> HttpResponse:
        """Answer with what became of each item: a status, and a row under `name` or an error."""
        outcomes = list(outcomes)
        rows = [outcome[1].pk for outcome in outcomes if not isinstance(outcome, Problem)]
        statement = self._several(self.shape_of("retrieve"))
        shown: dict[UUID, str] = dict(self.fetch(statement, {**self.values, "ids": rows}).rows())
        results = []
        for outcome in outcomes:
            if isinstance(outcome, Problem):
                body = {"status": outcome.status, **error_body(outcome, self.surface)}
                results.append(json.dumps(body, ensure_ascii=False))
            else:
                status, row = outcome
                results.append(f'{{"status":{status},"{name}":{shown[row.pk]}}}')
        # A lone surrogate that a client sent in a name goes back as the escape that it came as.
        whole = f'{{"results":[{",".join(results)}]}}'.encode("utf-8", "backslashreplace")
        return HttpResponse(whole, content_type="application/json")

    @classmethod
    @cache
    def _several(cls, shape: type[Shape]) -> Statement:
        ids = RawSQL("%s::uuid[]", (Placeholder("ids"),))
        rows = cls.scoped().order_by().filter(IsAmong(F("id"), ids))
        return Statement.of(shape.render(rows).values_list("id", "document"))
