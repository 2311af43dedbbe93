"""Records requests by the id of their operation (`config.requests`)."""

from functools import cache
from itertools import groupby
from time import perf_counter
from typing import Any, ClassVar

from config.requests.recorder import recorder
from config.tenancy.ids import read_id

from .surfaces import Surface

READS = ("GET", "HEAD")
# The verb of each action in operation ids; for other actions, the path ends with the verb.
_VERBS = {
    "list": "list",
    "create": "create",
    "upsert": "upsert",
    "retrieve": "read",
    "update": "replace",
    "partial_update": "change",
    "destroy": "archive",
    "pay": "create",
}


class RequestLogging:
    """Names the operations and scopes of an endpoint, and records its requests.

    `scopes` maps "read", "write" or an action to a scope, "" for none.
    """

    scopes: ClassVar[dict[str, str]]

    safe_actions: ClassVar[tuple[str, ...]]
    surface: ClassVar[Surface]
    ids: ClassVar[dict[str, str]]
    request: Any
    action: str
    is_dry_run: bool
    authentication: Any

    def note(self, status: int, error_code: str, began: float) -> None:
        """Record a request for the request log; `began` is its start by `perf_counter`."""
        request = self.request
        recorder.note(
            self.authentication.actor,
            request_id=request.id,
            operation=self.operation_of(self.action, request.resolver_match.route),
            method=request.method,
            path=self._shown_path(),
            status=status,
            error_code=error_code,
            seconds=perf_counter() - began,
        )

    @property
    def is_harmless(self) -> bool:
        """Whether a request that is no GET still writes nothing."""
        return self.is_dry_run or self.action in self.safe_actions

    def _shown_path(self) -> str:
        """Return the path; replace each value that is no id by the name of its parameter."""
        match = self.request.resolver_match
        path = match.route
        for name, text in match.kwargs.items():
            is_id = read_id(self.ids.get(name, ""), text) is not None
            path = path.replace(f"<{name}>", text if is_id else f"{{{name}}}")
        return f"/{path}"

    @classmethod
    @cache
    def scope_of(cls, method: str, action: str) -> str:
        """Return the scope that an action requires."""
        return cls.scopes.get(action) or cls.scopes["read" if method in READS else "write"]

    @classmethod
    @cache
    def operation_of(cls, action: str, path: str) -> str:
        """Return the operationId of an action at a path, "" without an action.

        It consists of the surface, the words of the path and the verb: `v1_customers_notes_list`.
        """
        if not action:
            return ""
        parts = [part for part in path.strip("/").split("/") if part[0] not in "<{"]
        words = [cls.surface.name, *parts, *filter(None, [_VERBS.get(action)])]
        # `/v1/…` begins with its surface's name.
        return "_".join(word for word, _ in groupby(words)).replace("-", "_")
