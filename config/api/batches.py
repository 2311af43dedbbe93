"""Requests with many items, each of which succeeds or fails on its own."""

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
        """Validate each item; return its values by the names of the domain, or its Problem."""
        # Use one serializer for all items: creating one takes longer than validating an item.
        self._accepting = serializer = accepts(context={"path": self.path, "actor": self.actor})
        return [self._accept(serializer, item) for item in items]

    def _accept(self, serializer: Accepted, item: Any) -> Any:
        try:
            return serializer.run_validation(item)
        except (ValidationError, Refused) as error:
            return self.problem_with(error)

    def problem_with(self, error: ValidationError | Refused | Refusal) -> Problem:
        """Return the error of an item as a Problem."""
        problem = problem_of(error, self.surface, self.domain_names)
        assert problem is not None
        return problem

    def show_each(self, name: str, outcomes: Iterable[Problem | tuple[int, Any]]) -> HttpResponse:
        """Return the response: for each item a status, and the row as `name` or an error."""
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
        # Write lone surrogates from the request as escapes, as the client sent them.
        whole = f'{{"results":[{",".join(results)}]}}'.encode("utf-8", "backslashreplace")
        return HttpResponse(whole, content_type="application/json")

    @classmethod
    @cache
    def _several(cls, shape: type[Shape]) -> Statement:
        ids = RawSQL("%s::uuid[]", (Placeholder("ids"),))
        rows = cls.scoped().order_by().filter(IsAmong(F("id"), ids))
        return Statement.of(shape.render(rows).values_list("id", "document"))
