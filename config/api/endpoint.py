"""A request, from its beginning to its end, and what comes in with it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from time import perf_counter
from typing import Any, ClassVar

from django.db import transaction
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from config.access.models.clients import requires_match
from config.outages import ERRORS, LOST_COMMIT, outage_of
from config.requests.recorder import recorder
from config.statements.compiling import Statement
from config.tenancy.ids import read_id
from config.tenancy.scoping import forget_active, mark_active

from . import dry_run, preconditions
from .authentication import Authentication, StaleCredential
from .errors import answer, answer_refusal, outage_problem, problem_of
from .faults import Faults
from .idempotency import IdempotentRequest, read_key
from .incoming import Incoming
from .limits import headers_of
from .object_lookup import MERGED_INTO, ObjectLookup
from .parents import lock_owner
from .problems import Refused, missing_scope, not_found
from .request_logging import READS, RequestLogging
from .unknown import UnknownNames


class Endpoint(ObjectLookup, Incoming, RequestLogging, ViewSetMixin, APIView, ABC):
    """One request: authenticated, checked, and answered in a transaction.

    `shows` names the shape of each action ("*" for any other), `messages` its sentence where it has
    no shape, and `accepts` what its body holds. `streams` answers a list without paging with every
    row; `upserts` names what answers 201 for a row that it makes and 200 for one that was there.
    `reads_at` is the address below which a row is read, where that is not the one that makes it.
    `compiled_reads` names the actions that run compiled statements which read, and nothing else.
    `starts_work` names the actions that start background work: what they made is answered with 202.
    `takes_file` maps the media types of the file that is the body of `create` to the ending of its
    name; `sends_file` names the media types of the file that `retrieve` sends (config.api.files).
    """

    shows: ClassVar[Mapping[str, type[serializers.Serializer]]]
    messages: ClassVar[dict[str, str]] = {}
    streams: ClassVar[bool] = False
    upserts: ClassVar[tuple[str, ...]] = ()
    reads_at: ClassVar[str] = ""
    starts_work: ClassVar[tuple[str, ...]] = ()
    takes_file: ClassVar[Mapping[str, str]] = {}
    sends_file: ClassVar[tuple[str, ...]] = ()

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    action: str
    action_map: dict[str, str]
    filters: dict[str, Any]
    authentication: Authentication | None
    page: Any
    idempotent: IdempotentRequest | None
    compiled_reads: ClassVar[frozenset[str]]
    is_dry_run: bool
    is_committing: bool

    # --- A request, from its beginning to its end ---

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request, and note it for the log of requests."""
        began = perf_counter()
        self.authentication = self.idempotent = None
        self.is_committing = self.is_dry_run = False
        self.action = self.action_map.get(request.method.lower(), "")
        status, code = 500, "internal_error"
        try:
            response: Any = self._answer(request, **kwargs)
            status, code = response.status_code, getattr(response, "error_code", "")
            return response
        finally:
            actor = getattr(self.authentication, "actor", None)
            if recorder.is_on and actor is not None and status != 401:
                scope = self.scope_of(request.method, self.action) if self.action else ""
                operation = self.operation_of(self.action, request.resolver_match.route)
                recorder.count(actor, operation, scope, status)
                if status >= 400 or not (request.method in READS or self.is_harmless):
                    self.note(status, code, began)

    def _answer(self, request: Any, **path: str) -> HttpResponseBase:
        """Authenticate a request, count it, and answer it; whatever is refused leaves no trace.

        An answer whose cached credential turns out to be stale is thrown away and made again. The
        second `verify` returns at once if the look-up counted the request, else it raises the 401.

        A request that only reads has no transaction around it: each of its statements is one. Under
        READ COMMITTED each statement sees what is there when it begins in either case.
        """
        response: Any = None
        try:
            self.authentication = authentication = Authentication(request)
            if not authentication.is_cached:
                authentication.verify()
            while response is None:
                self.actor = request.actor = authentication.actor
                is_stream = self.streams and self.is_stream
                only_reads = self.action in self.compiled_reads and not is_stream
                self.fetch = authentication.read if only_reads else Statement.run
                respond = self._respond if only_reads else self._in_transaction
                try:
                    answered = respond(request, **path)
                    if not authentication.is_verified:
                        # The request was refused before its first statement.
                        authentication.verify()
                    response = answered
                except StaleCredential:
                    authentication.verify()
        except (Refused, *ERRORS) as error:
            problem = problem_of(error, self.surface)
            if problem is None:
                raise
            if outage_of(error, in_commit=self.is_committing) == LOST_COMMIT:
                problem = outage_problem(LOST_COMMIT)
            response = answer(problem, self.surface)
        if self.authentication is not None and self.authentication.quotas:
            for name, value in headers_of(self.authentication.quotas).items():
                response[name] = value
        return response

    def _in_transaction(self, request: Any, **path: str) -> HttpResponseBase:
        """Answer a request in one transaction, which leaves nothing of what is refused."""
        assert self.authentication is not None
        token = mark_active(self.actor.company_id)
        try:
            with transaction.atomic():
                self.authentication.begin()
                response: Any = self._respond(request, **path)
                if self.is_dry_run:
                    if response.status_code < 400:
                        dry_run.describe(response, request.id, self.actor)
                    transaction.set_rollback(True)
                elif self.idempotent is None:
                    transaction.set_rollback(response.status_code >= 400)
                else:
                    self.idempotent.close(response)
                self.is_committing = not transaction.get_rollback()
            return response
        finally:
            forget_active(token)

    def _respond(self, request: Any, **path: str) -> HttpResponseBase:
        """Do what is asked. DRF's own way there reads, negotiates and renders what we do not."""
        self.unknown, self.faults = UnknownNames(is_lenient=self.surface.is_lenient), Faults()
        self.surviving_id = ""
        try:
            self.initial(request, **path)
            if not self.action:
                raise self._not_allowed()
            known, act = len(self.unknown.ignored), getattr(self, self.action)
            try:
                response = act(request, **path)
            except Refused as error:
                self.follow_merge_or_raise(error)
                del self.unknown.ignored[known:]
                response = act(request, **path)
        except Exception as error:
            response = answer_refusal(error, {"view": self})
            if response is None:
                raise
        if self.unknown.ignored:
            self.unknown.report(response)
        if self.surviving_id:
            response[MERGED_INTO] = self.surviving_id
        return response

    def _not_allowed(self) -> Refused:
        allowed = ", ".join(sorted(method.upper() for method in self.action_map))
        sentence = f"This path does not take {self.request.method}. Send {allowed}."
        return Refused(405, "method_not_allowed", sentence, headers={"Allow": allowed})

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Check the request before its action runs; a write takes its key and its lock here."""
        if not self.action:
            return
        scope = self.scope_of(request.method, self.action)
        if scope and scope not in self.actor.scopes:
            raise missing_scope(scope)
        self.path, self.values = {}, {"company_id": self.actor.company_id}
        for name, text in kwargs.items():
            found = read_id(self.ids.get(name, ""), text)
            if found is None:
                raise not_found(self.noun)
            self.path[name] = self.values[name] = found
        self.query, self.filters = {}, {}
        if request.META.get("QUERY_STRING") or self.options_of(self.action):
            self._check_query()
        is_write = request.method not in READS
        if is_write:
            self.check_reason()
        if self.action not in self.accepts:
            # An action that accepts a body tells the faults of the query together with the body's.
            if is_write:
                self.refuse_body()
            if self.faults:
                self.faults.check(self.surface)
        if is_write:
            has_key = "HTTP_IDEMPOTENCY_KEY" in request.META and self.takes_key(
                request.method, self.action
            )
            if has_key and self.is_dry_run:
                read_key(request)
            elif has_key:
                is_secret = self.action in self.shows_secret
                one = IdempotentRequest(request, self.body, self.actor, shows_secret=is_secret)
                # A replay ends here, with `self.idempotent` still None: it is not stored again.
                one.take()
                self.idempotent = one
            try:
                self._check_condition()
            except Refused as error:
                self.follow_merge_or_raise(error)
                self._check_condition()

    def _check_query(self) -> None:
        """Read the query; what is wrong with it is told together with what is wrong in a body."""
        if self.request.META.get("QUERY_STRING"):
            self.query = self.read_query()
        with self.faults.collecting():
            self.filters = self.filter_values()
        if self.has_dry_run(self.request.method, self.action):
            with self.faults.collecting():
                asked = dry_run.DryRunOption.read(self.query)
                self.is_dry_run = asked.get(dry_run.PARAMETER, False)
        if self.action == "list":
            self.page = self.paging().read(self.query, self.cursor_scope, self.faults)

    def _check_condition(self) -> None:
        """Hold a change to what its sender has seen."""
        if preconditions.is_conditional(self.request):
            if not self.is_comparable(self.action, self.path):
                preconditions.refuse(self.request)
            if self.action in self.upserts:
                row = self.find_upserted()
                if row is None:
                    preconditions.check_absent(self.request)
                    return
                self.path[self.key] = self.values[self.key] = row.pk
            self._hold()
            preconditions.check(self.request, self.tag())
        elif self.is_held(self.action, self.path) and requires_match(self.actor):
            raise preconditions.required()

    @classmethod
    def is_comparable(cls, action: str, path: Iterable[str]) -> bool:
        """Say whether what is written is compared with If-Match: wherever the request names it."""
        return (cls.key in path and action not in cls.safe_actions) or action in cls.upserts

    @classmethod
    def is_held(cls, action: str, path: Iterable[str]) -> bool:
        """Say whether a client that asked for it has to send If-Match: with all but creations."""
        return cls.is_comparable(action, path) and action != "create"

    def find_upserted(self) -> Any:
        """Return the row that an upsert would change, None if it would create one.

        Every endpoint that declares `upserts` overrides it.
        """
        raise LookupError(f"{type(self).__name__} does not say which row an upsert changes.")

    def _hold(self) -> None:
        """Keep others from writing to the row until the transaction ends; raises the 404.

        The lock on the customer is taken before any lock on the customer's rows, so that two
        requests never wait for each other.
        """
        row = self.get_object()
        if not lock_owner(row, self.path, self.actor):
            self._found(self._row(lock=True))

    @classmethod
    def takes_key(cls, method: str, action: str) -> bool:
        """Say whether an Idempotency-Key is followed: wherever something is made or moved."""
        return method == "POST" and action not in cls.safe_actions

    @cached_property
    def cursor_scope(self) -> str:
        """The list that the request is about, and its order, as its cursors name them."""
        place = "/".join([type(self).__name__, *map(str, self.values.values())])
        sorted_by = self.filterset_class.sorted_by(self.filters) if self.action == "list" else ""
        return f"{place} by {sorted_by}" if sorted_by else place

    @property
    @abstractmethod
    def is_stream(self) -> bool:
        """Whether a list is asked for as a whole, by none of the parameters of its pages."""

    @abstractmethod
    def tag(self) -> str:
        """Return the ETag of what the path names, as it is now; raises the 404."""
