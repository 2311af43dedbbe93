"""Reads the query parameters, the body and the `X-Reason` header of a request."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, ClassVar
from urllib.parse import unquote

from config.card_numbers import CardNumber, holds_card_number
from config.tenancy.authors import LONGEST_REASON

from .bodies import read_object
from .dry_run import PARAMETER, DryRunOption
from .faults import Faults
from .filtering import Filters
from .input_fields import Accepted
from .pages import Pages
from .problems import bad_request
from .request_logging import READS
from .surfaces import Surface
from .unknown import UnknownNames

# Refused even by lenient surfaces: ignoring `dry_run` would make the change for real.
_NEVER_IGNORED = {PARAMETER: "There is no dry run of this request. Writes of v1 have one."}


class Incoming:
    """Reads the query parameters and the body of a request.

    `accepts`: the serializer of the body of each action.
    `query_options`: the query parameters of actions that are no lists.
    `safe_actions`: the actions that are a POST but change nothing.
    `shows_secret`: the actions whose response has a secret.
    `guarded`: the actions that can refuse likely duplicates.
    `compares`: the actions whose body has a version to compare; a newer version gives a 412.
    """

    surface: ClassVar[Surface]
    accepts: ClassVar[dict[str, type[Accepted]]] = {}
    filterset_class: ClassVar[type[Filters]] = Filters
    filtered: ClassVar[tuple[str, ...]] = ("list",)
    query_options: ClassVar[Mapping[str, type[Filters]]] = {}
    pages: ClassVar[Pages | None] = None
    safe_actions: ClassVar[tuple[str, ...]] = ()
    shows_secret: ClassVar[tuple[str, ...]] = ()
    guarded: ClassVar[tuple[str, ...]] = ()
    compares: ClassVar[tuple[str, ...]] = ()

    request: Any
    action: str
    unknown: UnknownNames
    faults: Faults
    query: dict[str, str]

    def read_query(self) -> dict[str, str]:
        """Return the query parameters; an empty parameter counts as absent."""
        given, known = self.request.GET, self.parameters(self.action, self.request.method)
        unknown = [name for name in given if name not in known]
        self.faults += self.unknown.find(unknown, known, kind="parameter", refuses=_NEVER_IGNORED)
        for name in known:
            if len(given.getlist(name)) > 1:
                self.faults.add(name, "invalid_parameter", "Given more than once. Send it once.")
        return {name: given[name] for name in given if name in known and given[name]}

    def filter_values(self) -> dict[str, Any]:
        """Return the values of the filters by name; raises a 400 for invalid ones."""
        options = self.options_of(self.action)
        return options.read(self.query) if options else {}

    @classmethod
    @cache
    def options_of(cls, action: str) -> type[Filters] | None:
        """Return the query parameters of an action, without those for paging."""
        return cls.query_options.get(action) or (
            cls.filterset_class if action in cls.filtered else None
        )

    @classmethod
    @cache
    def parameters(cls, action: str, method: str) -> dict[str, Any]:
        """Return the query parameters of an action, with their JSON schemas."""
        filters: dict[str, Any] = {}
        if options := cls.options_of(action):
            filters |= options.base_filters
        if cls.has_dry_run(method, action):
            filters |= DryRunOption.base_filters
        known = {
            name: {
                **one.schema,
                "description": one.extra.get("help_text", ""),
                **({"required": True} if one.extra["required"] else {}),
            }
            for name, one in filters.items()
        }
        return known | (cls.paging().parameters if action == "list" else {})

    @classmethod
    def has_dry_run(cls, method: str, action: str) -> bool:
        """Whether an action has dry runs: it writes and shows no secret."""
        writes = method not in READS and action not in cls.safe_actions
        return writes and cls.surface.has_dry_runs and action not in cls.shows_secret

    @classmethod
    def paging(cls) -> Pages:
        return cls.pages or cls.surface.pages

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object of the request; raises a 400, 413 or 415."""
        return read_object(self.request)

    def check_reason(self) -> None:
        """Raise a 400 for an invalid X-Reason, CardNumber for one with a card number."""
        reason = reason_of(self.request)
        if reason is None:
            sentence = (
                f"Must be 1 to {LONGEST_REASON} printable letters, those beyond ASCII "
                "percent-encoded (caf%C3%A9)."
            )
            raise bad_request(f"X-Reason: {sentence}", {"X-Reason": sentence})
        if holds_card_number(reason):
            raise CardNumber(field="X-Reason")

    def refuse_body(self) -> None:
        """Add a fault for each field of a body if the action accepts none."""
        self.faults += self.unknown.find(self.body, ())


def reason_of(request: Any) -> str | None:
    """Return the X-Reason of a request, "" if it has none, None if it is invalid.

    Characters beyond ASCII must be percent-encoded, as in `caf%C3%A9`. A header with other bytes is
    empty when it reaches us, so an empty header is invalid too.
    """
    header = request.META.get("HTTP_X_REASON")
    if header is None:
        return ""
    try:
        reason = unquote(header.encode("latin-1").decode(), errors="strict").strip()
    except UnicodeError:
        return None
    return reason if 0 < len(reason) <= LONGEST_REASON and reason.isprintable() else None
