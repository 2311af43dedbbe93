"""The handling of a request, from authentication to the response."""

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
    """Authenticates a request, validates it, and runs its action in a transaction.

    `shows`: the shape of the response of each action; "*" is the default. `messages`: the text of
    the response of an action without a shape. `accepts`: the serializer of the body of each action.
    `streams`: a list without paging parameters streams all rows.
    `upserts`: the actions that respond 201 for a new row and 200 for an existing one.
    `reads_at`: the path below which a new row can be read, if it is not the path of the request.
    `compiled_reads`: the actions that run only compiled statements that read.
    `starts_work`: the actions that start background work; they respond 202.
    `takes_file`: maps each media type of the file that `create` takes to its file name extension.
    `sends_file`: the media types of the file that `retrieve` sends (config.api.files).
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

    # --- Handling of a request ---

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Respond to a request, and record it for the request log."""
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
        """Authenticate and count a request, and respond; a refused request changes nothing.

        If the cached credential is stale, the response is discarded and made again. The second
        `verify` returns at once if the look-up counted the request, else it raises a 401.
        Read requests have no common transaction: each statement is one. Under READ COMMITTED each
        statement takes its own snapshot anyway.
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
        """Respond to a request in one transaction, which is rolled back if it is refused."""
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
        """Run the action; replaces DRF's `dispatch`, whose content negotiation we do not use."""
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
        """Validate the request before its action; a write locks its idempotency key and its row."""
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
            # If the action accepts a body, its faults are reported with those of the query.
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
                # `take` raises Replay: `self.idempotent` stays None, so it is not stored again.
                one.take()
                self.idempotent = one
            try:
                self._check_condition()
            except Refused as error:
                self.follow_merge_or_raise(error)
                self._check_condition()

    def _check_query(self) -> None:
        """Read the query string; collect its faults, to report them with those of the body."""
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
        """Check `If-Match` and `If-None-Match` of a change, under the lock of the row."""
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
        """Whether If-Match applies: the path names the row that is changed, or it is an upsert."""
        return (cls.key in path and action not in cls.safe_actions) or action in cls.upserts

    @classmethod
    def is_held(cls, action: str, path: Iterable[str]) -> bool:
        """Whether credentials that require If-Match must send it: for all changes but creation."""
        return cls.is_comparable(action, path) and action != "create"

    def find_upserted(self) -> Any:
        """Return the row that an upsert would change, None if it would create one.

        Endpoints that declare `upserts` must override this.
        """
        raise LookupError(f"{type(self).__name__} does not say which row an upsert changes.")

    def _hold(self) -> None:
        """Lock the row until the transaction ends; raises a 404.

        The customer is locked before any of the customer's rows, so that two requests cannot
        deadlock.
        """
        row = self.get_object()
        if not lock_owner(row, self.path, self.actor):
            self._found(self._row(lock=True))

    @classmethod
    def takes_key(cls, method: str, action: str) -> bool:
        """Whether an Idempotency-Key is used: for each POST that changes data."""
        return method == "POST" and action not in cls.safe_actions

    @cached_property
    def cursor_scope(self) -> str:
        """The scope of the cursors of this list: the list, its company and parents, its order."""
        place = "/".join([type(self).__name__, *map(str, self.values.values())])
        sorted_by = self.filterset_class.sorted_by(self.filters) if self.action == "list" else ""
        return f"{place} by {sorted_by}" if sorted_by else place

    @property
    @abstractmethod
    def is_stream(self) -> bool:
        """Whether the request is for a whole list, without paging parameters."""

    @abstractmethod
    def tag(self) -> str:
        """Return the current ETag of the row that the path names; raises a 404."""
