"""A request, from its beginning to its end, and what comes in with it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextvars import Token
from typing import Any, ClassVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.http.response import HttpResponseBase
from psycopg_pool import PoolTimeout
from rest_framework import serializers
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from config.access.ids import read_id
from config.access.tenancy import forget_active, mark_active
from config.changes.context import LONGEST_REASON

from . import preconditions
from .accepting import Accepted
from .addressed import Addressed
from .admission import Admission, NotAsExpected, admit
from .authentication import reason_of
from .bodies import read_object
from .errors import answer, answer_refusal, problem_of
from .filtering import Filters
from .idempotency import Once
from .pages import Pages
from .parents import lock_owner
from .problems import Refused, bad_request, not_found
from .surfaces import Surface

_READS = ("GET", "HEAD")


class Endpoint(Addressed, ViewSetMixin, APIView, ABC):
    """Rows of a company behind an address: what a subclass declares, and what comes in.

    `scopes` names the scope for "read" and "write"; `shows` the shape of each action ("*" for any
    other), `says` its sentence where it has no shape, and `accepts` what its body holds. `streams`
    answers a list without paging with every row. `looks` names what is a POST and yet makes and
    moves nothing, `shows_secret` what answers with a secret.
    """

    surface: ClassVar[Surface]
    scopes: ClassVar[dict[str, str]]
    shows: ClassVar[Mapping[str, type[serializers.Serializer]]]
    accepts: ClassVar[dict[str, type[Accepted]]] = {}
    says: ClassVar[dict[str, str]] = {}
    aliases: ClassVar[tuple[str, ...]] = ()
    filterset_class: ClassVar[type[Filters]] = Filters
    filtered: ClassVar[tuple[str, ...]] = ("list",)
    pages: ClassVar[Pages | None] = None
    streams: ClassVar[bool] = False
    looks: ClassVar[tuple[str, ...]] = ()
    shows_secret: ClassVar[tuple[str, ...]] = ()

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    action: str
    action_map: dict[str, str]
    admission: Admission | None
    company: Token[UUID | None] | None
    once: Once | None
    _accepting: Accepted | None = None

    # --- A request, from its beginning to its end ---

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer inside one transaction of one company; whatever is refused leaves no trace.

        Only that it came is counted, before the transaction begins. Of what only reads, each
        statement is a transaction.
        """
        self.admission = self.company = self.once = None
        self.action = self.action_map.get(request.method.lower(), "")
        try:
            self.admission = admit(request)
            answer_it = self._look if self.only_reads else self._work
            try:
                response = answer_it(self.admission, request, **kwargs)
            except NotAsExpected:
                self.admission.settle()
                response = answer_it(self.admission, request, **kwargs)
        except (Refused, OperationalError, InterfaceError, PoolTimeout) as error:
            problem = problem_of(error, self.surface)
            assert problem is not None
            response = answer(problem, self.surface)
        finally:
            self._leave_company()
        if self.admission is not None:
            self.admission.tell(response)
        return response

    @property
    @abstractmethod
    def only_reads(self) -> bool:
        """Whether the request is answered by compiled statements that read, and by nothing else."""

    def _look(self, admission: Admission, request: Any, **path: str) -> HttpResponseBase:
        """Answer what only reads; raises NotAsExpected."""
        self.actor = request.actor = admission.actor
        try:
            with admission:
                response = self._respond(request, **path)
        finally:
            self._leave_company()
        admission.check()
        return response

    def _work(self, admission: Admission, request: Any, **path: str) -> HttpResponseBase:
        """Answer all else in one transaction, which leaves nothing of what is refused.

        Raises NotAsExpected, before anything was done.
        """
        self.actor = request.actor = admission.actor
        with transaction.atomic():
            admission.begin(request)
            response: Any = self._respond(request, **path)
            if self.once is None:
                transaction.set_rollback(response.status_code >= 400)
            else:
                self.once.close(response)
        return response

    def _leave_company(self) -> None:
        if self.company is not None:
            forget_active(self.company)
            self.company = None

    def _respond(self, request: Any, **path: str) -> HttpResponseBase:
        """Do what is asked. DRF's own way there reads, negotiates and renders what we do not."""
        try:
            self.initial(request, **path)
            if not self.action:
                raise self._not_allowed()
            return getattr(self, self.action)(request, **path)
        except Exception as error:
            told = answer_refusal(error, {"view": self})
            if told is None:
                raise
            return told

    def _not_allowed(self) -> Refused:
        allowed = ", ".join(sorted(method.upper() for method in self.action_map))
        sentence = "This address does not take this method."
        return Refused(405, "method_not_allowed", sentence, headers={"Allow": allowed})

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Look at everything that could be wrong before any work."""
        self.company = mark_active(self.actor.company_id)
        if not self.action:
            return
        self._check_scope(self.scope_of(request.method, self.action))
        self.path = {name: self._path_id(name, text) for name, text in kwargs.items()}
        self.query = self._read_query()
        if request.method not in _READS:
            self._check_reason()
            if self.action not in self.accepts:
                self._refuse_body()
            if "HTTP_IDEMPOTENCY_KEY" in request.META and self.is_once(request.method, self.action):
                is_secret = self.action in self.shows_secret
                self.once = Once(request, self.actor, shows_secret=is_secret)
            self._check_condition()

    def _check_condition(self) -> None:
        """Hold a change to what its sender has seen."""
        if preconditions.is_conditional(self.request):
            if not self.is_comparable(self.action, self.path):
                preconditions.refuse(self.request)
            self._hold()
            preconditions.check(self.request, self.tag())
        elif self.is_held(self.action, self.path) and self.actor.requires_match():
            raise preconditions.required()

    @classmethod
    def is_comparable(cls, action: str, path: Iterable[str]) -> bool:
        """Say whether what is written is compared with If-Match: wherever the path names it."""
        return cls.key in path and action not in cls.looks

    @classmethod
    def is_held(cls, action: str, path: Iterable[str]) -> bool:
        """Say whether a client that asked for it has to send If-Match: with all but creations."""
        return cls.is_comparable(action, path) and action != "create"

    def _hold(self) -> None:
        """Keep others from writing to the row until the transaction ends; raises the 404.

        Whatever hangs on a customer is written under the customer's lock, which is the first that
        every action takes: so nobody waits for each other.
        """
        row = self.target()
        if not lock_owner(row, self.path, self.actor):
            self._found(self._row(lock=True))

    @classmethod
    def is_once(cls, method: str, action: str) -> bool:
        """Say whether an Idempotency-Key is heeded: wherever something is made or moved."""
        return method == "POST" and action not in cls.looks

    @classmethod
    def scope_of(cls, method: str, action: str) -> str:
        return cls.scopes.get(action) or cls.scopes["read" if method in _READS else "write"]

    def _check_scope(self, scope: str) -> None:
        if scope not in self.actor.scopes:
            raise Refused(403, "missing_scope", f"This needs the scope {scope}.")

    def _check_reason(self) -> None:
        if reason_of(self.request) is None:
            sentence = (
                f"1 to {LONGEST_REASON} printable letters, those beyond ASCII percent-encoded "
                "(caf%C3%A9)."
            )
            raise bad_request(f"X-Reason: {sentence}", {"X-Reason": sentence})

    def _path_id(self, name: str, text: str) -> UUID:
        found = read_id(self.ids.get(name, ""), text)
        if found is None:
            raise not_found()
        return found

    def _read_query(self) -> dict[str, str]:
        if not self.request.META.get("QUERY_STRING"):
            return {}
        given = self.request.GET
        for name in given:
            if name not in self.parameters(self.action):
                raise bad_request(f"{name}: There is no such parameter.", {name: "Unknown."})
            if len(given.getlist(name)) > 1:
                raise bad_request(f"{name}: Given more than once.", {name: "Given twice."})
        return given.dict()

    @classmethod
    def parameters(cls, action: str) -> dict[str, Any]:
        """Return the query parameters of an action, with their schemas."""
        if action not in cls.filtered:
            return {}
        filters = {
            name: {**one.schema, "description": one.extra.get("help_text", "")}
            for name, one in cls.filterset_class.base_filters.items()
        }
        return filters | (cls.paging().parameters if action == "list" else {})

    @classmethod
    def paging(cls) -> Pages:
        return cls.pages or cls.surface.pages

    def _refuse_body(self) -> None:
        if unknown := next(iter(read_object(self.request)), None):
            raise bad_request(f"{unknown}: There is no such field.", {unknown: "Unknown."})

    # --- Coming in ---

    def accepted(self) -> dict[str, Any]:
        """Return what the body asks for, by the domain's names."""
        serializer = self.accepts[self.action](
            data=read_object(self.request),
            partial=self.request.method == "PATCH",
            context={"path": self.path, "actor": self.actor},
        )
        self._accepting = serializer
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    @property
    def names(self) -> dict[str, str]:
        """What the surface calls the domain's fields, for what is refused."""
        return self._accepting.domain_names() if self._accepting else {}

    @abstractmethod
    def tag(self) -> str:
        """Return the ETag of what the path names, as it is now; raises the 404."""
