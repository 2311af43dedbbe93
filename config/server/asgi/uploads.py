"""Places for large files that come as the body of an API request.

A file is read to disk before a thread looks at it, which may take an hour at the slowest pace. So
it is read only for a company that is known by its credential, one at a time for each company and
worker, and the worker reads no more than MOST at once: no company stops the others.
"""

from uuid import UUID

from django.conf import settings

from config.api.problems import Refused

# The addresses of the API that take a file, each with how many bytes it may have.
LIMITS = {"/v1/imports": settings.MAX_IMPORT_BYTES}
# The scope without which none is read there.
SCOPES = {"/v1/imports": "customers:write"}
# So many files of MAX_IMPORT_BYTES wait on a worker's disk at the most.
MOST = 16


class Uploads:
    """The companies of which a worker reads a file at the moment."""

    def __init__(self) -> None:
        self._companies: set[UUID] = set()

    def take(self, company: UUID) -> None:
        """Take a place for a company; raises the 429 or the 503."""
        if company in self._companies:
            sentence = "The company sends a file already. Send one file at a time. Retry in 5 s."
            raise Refused(429, "too_many_at_once", sentence, headers={"Retry-After": "5"})
        if len(self._companies) >= MOST:
            sentence = "The server reads as many files as it may at once. Retry in 5 s."
            raise Refused(503, "overloaded", sentence, headers={"Retry-After": "5"})
        self._companies.add(company)

    def give_back(self, company: UUID) -> None:
        """Give a place back."""
        self._companies.discard(company)
