"""Places for large files that are sent as the body of an API request.

A file is read to disk before it gets a thread, which may take an hour at the slowest pace. So a
file is read only for a company with a valid credential: one file at a time per company and worker,
and at most MOST files per worker. So no company blocks the others.
"""

from uuid import UUID

from django.conf import settings

from config.api.problems import Refused

# The API paths that accept a file, and its largest size in bytes.
LIMITS = {"/v1/imports": settings.MAX_IMPORT_BYTES}
# The scope that is needed to send a file to a path.
SCOPES = {"/v1/imports": "customers:write"}
# How many files of MAX_IMPORT_BYTES a worker may have on disk.
MOST = 16


class Uploads:
    """The companies whose files a worker is reading."""

    def __init__(self) -> None:
        self._companies: set[UUID] = set()

    def take(self, company: UUID) -> None:
        """Reserve a place for a company; raises the 429 or the 503."""
        if company in self._companies:
            sentence = "The company sends a file already. Send one file at a time. Retry in 5 s."
            raise Refused(429, "too_many_at_once", sentence, headers={"Retry-After": "5"})
        if len(self._companies) >= MOST:
            sentence = "The server reads as many files as it may at once. Retry in 5 s."
            raise Refused(503, "overloaded", sentence, headers={"Retry-After": "5"})
        self._companies.add(company)

    def give_back(self, company: UUID) -> None:
        """Release a company's place."""
        self._companies.discard(company)
