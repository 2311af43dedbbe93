"""Who changes what from here on, and why: told to PostgreSQL, whose triggers write it down.

It ends with the transaction, as the company does. Doors set it with the company: the API in the
statement that looks the credential up, everybody else through `acting_for`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

LONGEST_REASON = 500

# Only whoever signs in as the owner of the tables is heeded.
UNRECORDED = "SET LOCAL regulars.unrecorded = 'on'"
SET_REASON = "SELECT set_config('regulars.reason', %s, true)"
# In the order of `Author.settings`.
SETTINGS = """
       set_config('regulars.actor', %s, true), set_config('regulars.request', %s, true),
       set_config('regulars.reason', '', true)"""


@dataclass(frozen=True, slots=True)
class Author:
    """Whoever changes the record; `kind` is client, key, staff or command."""

    kind: str
    name: str
    credential_id: UUID | None = None
    request_id: str = ""

    @classmethod
    def of(cls, actor: Any, request_id: str) -> "Author":
        """Return an actor as the author of what one request changes."""
        return cls(actor.kind, actor.name, actor.credential_id, request_id)

    @property
    def settings(self) -> list[str]:
        key = str(self.credential_id) if self.credential_id else None
        told = {"kind": self.kind, "name": self.name[:255], "credential": key}
        return [json.dumps(told), self.request_id]


NOBODY = ["", ""]

_here: ContextVar[Author | None] = ContextVar("regulars_author", default=None)


def author_here() -> Author:
    """Return who acts where no author is named: the command that runs, or who has work done."""
    return _here.get() or Author("command", "manage.py")


@contextmanager
def written_by(author: Author) -> Iterator[None]:
    """Lay what happens meanwhile at the door of a command, or of whoever has it done."""
    token = _here.set(author)
    try:
        yield
    finally:
        _here.reset(token)


def because(reason: str, using: str = DEFAULT_DB_ALIAS) -> None:
    """Give the reason for what this transaction changes from now on."""
    with connections[using].cursor() as cursor:
        cursor.execute(SET_REASON, [reason[:LONGEST_REASON]])
