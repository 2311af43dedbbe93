"""Log each request, by the id of its operation (`config.requests`)."""

from functools import cache
from itertools import groupby
from time import perf_counter
from typing import Any, ClassVar

from config.requests.recorder import recorder
from config.tenancy.ids import read_id

from .surfaces import Surface

READS = ("GET", "HEAD")
# The verb of an action in the id of its operation. Any other verb is the last word of its path.
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
    """Names the operations of an endpoint and their scopes, and notes its requests.

    `scopes` names the scope for "read" and "write", or for one action; "" is none.
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
        """Note a request for the log of requests; `began` is of the clock `perf_counter`."""
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
        """Whether a request that is no GET writes nothing all the same."""
        return self.is_dry_run or self.action in self.safe_actions

    def _shown_path(self) -> str:
        """Return the path, with the name of a parameter in place of a value that is no id."""
        match = self.request.resolver_match
        path = match.route
        for name, text in match.kwargs.items():
            is_id = read_id(self.ids.get(name, ""), text) is not None
            path = path.replace(f"<{name}>", text if is_id else f"{{{name}}}")
        return f"/{path}"

    @classmethod
    @cache
    def scope_of(cls, method: str, action: str) -> str:
        """Return the scope that an action needs."""
        return cls.scopes.get(action) or cls.scopes["read" if method in READS else "write"]

    @classmethod
    @cache
    def operation_of(cls, action: str, path: str) -> str:
        """Return the operationId of an action at a path, "" for no action.

        It has the surface, the words of the path and the verb: `v1_customers_notes_list`.
        """
        if not action:
            return ""
        parts = [part for part in path.strip("/").split("/") if part[0] not in "<{"]
        words = [cls.surface.name, *parts, *filter(None, [_VERBS.get(action)])]
        # `/v1/…` begins with its surface's name.
        return "_".join(word for word, _ in groupby(words)).replace("-", "_")
