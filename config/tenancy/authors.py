"""The author of changes and the reason for them, which the audit triggers record.

Both are settings of the transaction and end with it. The API sets them at the start of a write's
transaction (`Authentication.begin`); all other code sets them through `acting_for`.
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

# Turns the audit triggers off; they ignore it unless the owner of the tables sets it.
UNRECORDED = "SET LOCAL regulars.unrecorded = 'on'"
SET_REASON = "SELECT set_config('regulars.reason', %s, true)"
# The parameters are `Author.settings`, in this order; the API's `Authentication.begin` uses it too.
SETTINGS = """
       set_config('regulars.actor', %s, true), set_config('regulars.request', %s, true),
       set_config('regulars.reason', %s, true)"""


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a change and the reason for it; `kind` is client, key, staff or command."""

    kind: str
    name: str
    credential_id: UUID | None = None
    request_id: str = ""
    reason: str = ""

    @classmethod
    def of(cls, actor: Any, request_id: str, reason: str = "") -> "Author":
        """Return an actor as the author of the changes of a request or of background work."""
        return cls(actor.kind, actor.name, actor.credential_id, request_id, reason)

    @property
    def settings(self) -> list[str]:
        key = str(self.credential_id) if self.credential_id else None
        author = {"kind": self.kind, "name": self.name[:255], "credential": key}
        return [json.dumps(author), self.request_id, self.reason]


NOBODY = ["", "", ""]

_here: ContextVar[Author | None] = ContextVar("regulars_author", default=None)


def author_here() -> Author:
    """Return the default author: that of `written_by`, or else this command."""
    return _here.get() or Author("command", "manage.py")


@contextmanager
def written_by(author: Author) -> Iterator[None]:
    """Record `author` as the author of all changes in the block."""
    token = _here.set(author)
    try:
        yield
    finally:
        _here.reset(token)


def because(reason: str, using: str = DEFAULT_DB_ALIAS) -> None:
    """Set the reason that is recorded with all later changes of this transaction."""
    with connections[using].cursor() as cursor:
        cursor.execute(SET_REASON, [reason[:LONGEST_REASON]])
