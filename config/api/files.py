"""Endpoints that take a file as the request body, and responses that send a file.

The web server writes the body of such a request to disk, up to the limit of its path
(config/server/asgi/uploads.py). Reading a large file takes seconds, and no transaction may be open
meanwhile. So the request is first validated in a transaction that is rolled back, then the file is
stored, then the action runs in a transaction as usual. Both transactions check the
Idempotency-Key; the digest of the file takes the place of the body in its fingerprint.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any, ClassVar

from django.db import transaction
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from config.errors import Refusal
from config.tenancy.scoping import forget_active, mark_active

from .bodies import UNREAD
from .idempotency import REPLAYED
from .problems import Refused, one_of, quoted
from .resource import Resource

CHUNK = 64 * 1024


class NotStored(Exception):
    """Ends the validation of a request at the point where it needs the stored file."""


class GivenFile:
    """The file in the body of a request: its name, size, bytes and SHA-256."""

    def __init__(self, name: str, pieces: Iterable[bytes], handle: IO[bytes]) -> None:
        """Copy the file to disk, piece by piece."""
        size, digest = 0, sha256()
        for piece in pieces:
            handle.write(piece)
            digest.update(piece)
            size += len(piece)
        self.name: str | None = name
        self.size: int | None = size
        self.digest, self._handle = digest.hexdigest(), handle

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes from the beginning."""
        self._handle.seek(0)
        yield from iter(partial(self._handle.read, CHUNK), b"")


class FileResource(Resource):
    """A resource whose `create` takes a file.

    `most_bytes` limits the size of the file, and `takes_file` lists its allowed media types. A
    subclass implements `store`; its `create` reads the result of `store` from `stored`.
    """

    most_bytes: ClassVar[int]

    _stored: Any = None
    _handle: IO[bytes]

    @abstractmethod
    def store(self, file: GivenFile) -> Any:
        """Store the file of a request; raises a Refusal. Called without an open transaction."""

    @abstractmethod
    def drop(self, stored: Any) -> None:
        """Remove the stored file of a request that was then refused or replayed."""

    def check_room(self) -> None:
        """Raise a Refusal if no file can be accepted now; called before the file is stored."""

    @abstractmethod
    def name_of_file(self) -> str:
        """Return the name of the file, from the query string."""

    @property
    def stored(self) -> Any:
        """The result of `store`; raises its Refusal, or NotStored if it has not run yet."""
        if self._stored is None:
            self.check_room()
            raise NotStored
        if isinstance(self._stored, Refusal):
            raise self._stored
        return self._stored

    @cached_property
    def file(self) -> GivenFile:
        """The file of the request."""
        name, ending = self.name_of_file(), self.takes_file[self.request.content_type]
        if not name.lower().endswith(ending):
            name += ending
        pieces = iter(partial(self.request.read, CHUNK), b"")
        return GivenFile(name, pieces, self._handle)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object of a request; for a file, its type and digest for the Idempotency-Key."""
        if self.action != "create":
            return super().body
        return {"type": self.request.content_type, "sha256": self.file.digest}

    def refuse_body(self) -> None:
        """Raise a 415 for a file of another type, 413 for a large one, 503 if it was not read."""
        if self.action == "create":
            self._check_file()
        else:
            super().refuse_body()

    def _check_file(self) -> None:
        if self.request.content_type not in self.takes_file:
            allowed = one_of(self.takes_file)
            sentence = (
                f"The content type must be {allowed}; got {quoted(self.request.content_type)}."
            )
            raise Refused(415, "unsupported_media_type", sentence)
        if int(self.request.META.get("CONTENT_LENGTH") or 0) > self.most_bytes:
            sentence = (
                f"The file is larger than {self.most_bytes:,} bytes. Split it, and send the parts."
            )
            raise Refused(413, "payload_too_large", sentence)
        if self.request.META.get(UNREAD):
            sentence = "The server reads as many files as it may at once. Retry in 5 s."
            raise Refused(503, "overloaded", sentence, headers={"Retry-After": "5"})

    def _in_transaction(self, request: Any, **path: str) -> HttpResponseBase:
        """Validate a request with a file, store the file, and respond."""
        if self.action != "create":
            return super()._in_transaction(request, **path)
        with TemporaryFile() as self._handle:
            return self._with_file(request, **path)

    def _with_file(self, request: Any, **path: str) -> HttpResponseBase:
        self._stored = None
        refused = self._look(request, **path)
        if refused is not None:
            return refused
        try:
            self._stored = self.store(self.file)
        except Refusal as refusal:
            # `stored` raises it in the transaction, which stores it for the Idempotency-Key.
            self._stored = refusal
        self.idempotent = None
        response = super()._in_transaction(request, **path)
        is_kept = response.status_code < 400 and not response.has_header(REPLAYED)
        if not is_kept and not isinstance(self._stored, Refusal):
            self.drop(self._stored)
        return response

    def _look(self, request: Any, **path: str) -> HttpResponseBase | None:
        """Return the response if the request is refused or replayed without its file, else None."""
        assert self.authentication is not None
        token = mark_active(self.actor.company_id)
        try:
            with transaction.atomic():
                self.authentication.begin()
                response = self._respond(request, **path)
                transaction.set_rollback(True)
            return response
        except NotStored:
            return None
        finally:
            forget_active(token)


def send(name: str, content_type: str, chunks: Iterable[bytes | str]) -> HttpResponseBase:
    """Return a response that streams a file; a chunk is read when the client took the last."""
    answer = StreamingHttpResponse(chunks, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer
