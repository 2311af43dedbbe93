"""Declared methods of endpoints: find the row, call one action, show the row."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpResponse


class Verb(NamedTuple):
    """The action that a method of an endpoint calls, and its description in the document.

    `create` passes an unsaved row, built from the body and the parent of the path, to the action.
    `partial_update` passes the row, and the body as `changes`. Other verbs pass the row, and the
    body, if one is accepted, as keyword arguments.
    """

    action: Callable[..., Any]
    sentence: str

    def as_method(self, name: str) -> Callable[..., HttpResponse]:
        method = {"create": self._create, "partial_update": self._change}.get(name, self._act)

        def answer(view: Any, request: Any, **path: str) -> HttpResponse:
            return method(view)

        answer.__name__, answer.__doc__ = name, self.sentence
        return answer

    def _create(self, view: Any) -> HttpResponse:
        fields = view.accepted()
        if view.parent is not None:
            fields[view.parent.field.removesuffix("_id")] = view.parent_object
        row = self.action(view.queryset.model(**fields), actor=view.actor)
        return view.show(row, status=201)

    def _change(self, view: Any) -> HttpResponse:
        row = view.get_object()
        self.action(row, changes=view.accepted(), actor=view.actor)
        return view.show(row)

    def _act(self, view: Any) -> HttpResponse:
        row = view.get_object()
        asked = view.accepted() if view.action in view.accepts else {}
        self.action(row, **asked, actor=view.actor)
        return view.show(row)
