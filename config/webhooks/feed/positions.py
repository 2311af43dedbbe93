"""Positions in a company's feed: how far it can be read, and how positions are encoded.

The ids of changes come from one sequence for all companies. A client that saw them could infer how
much other companies change, so positions are encrypted and ids are hashed, with a key of the
company. The key is a column of the company, so it moves with the company to another database.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.db import connection, models

from config.api.cursors import not_a_cursor
from config.api.rendered_list import RenderedList
from config.statements.compiling import Param, Placeholder, Statement

_COMPANY = Placeholder("company_id")
_FEED = Statement(
    "SELECT changes_settled(%s),"
    " (SELECT COALESCE(max(id), 0) FROM changes_change WHERE company_id = %s),"
    " (SELECT change_key FROM access_company WHERE id = %s)",
    (_COMPANY, _COMPANY, _COMPANY),
)
_NUMBER = models.BigIntegerField()


def between(changes: Any) -> Any:
    """Return the changes after position `after` and up to `until`, in order."""
    chosen = changes.filter(id__gt=Param("after", _NUMBER), id__lte=Param("until", _NUMBER))
    return chosen.order_by("id")


def within_room(rendered: Statement, *beside: str, newest_first: bool = False) -> Statement:
    """Return a statement with the id, the document and the columns `beside` of rendered changes.

    Documents beyond the first `room` bytes are null, so that PostgreSQL does not send more than
    fits in memory; the first change always has its document.
    """
    way = "DESC" if newest_first else "ASC"
    bytes_before = (
        f"sum(octet_length(document)) OVER (ORDER BY id {way}"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    )
    fitting = f"CASE WHEN COALESCE({bytes_before}, 0) < %s::bigint THEN document END"
    columns = ", ".join(("id", fitting, *beside))
    return Statement(
        f"SELECT {columns} FROM ({rendered.sql}) AS page ORDER BY id {way}",  # noqa: S608
        (Placeholder("room"), *rendered.params),
    )


def settled(company_id: UUID) -> int:
    """Return the id up to which every change of a company is visible, or never will be.

    Read the changes in a later statement. An open transaction delays only the feed of its own
    company.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes_settled(%s)", [company_id])
        (newest,) = cursor.fetchone()
    return int(newest)


@dataclass(frozen=True)
class Feed:
    """One read of a company's feed: its end, and the encoding of positions in it.

    `scope` identifies the feed. A position always has the same encoding.
    """

    scope: str
    until: int
    newest: int
    key: UUID

    @classmethod
    def of(cls, rows: RenderedList) -> Self:
        """Find the end of a company's feed; read the changes in a later statement."""
        (found,) = rows.fetch(_FEED, rows.values).rows()
        return cls(rows.cursor_scope, *found)

    @property
    def end(self) -> int:
        """The position after all changes that can be read now: the company's own newest change."""
        return min(self.newest, self.until)

    def write(self, position: int) -> str:
        sealed = self._cipher().encrypt(position.to_bytes(8), [self.scope.encode()])
        return base64.urlsafe_b64encode(sealed).decode()

    def read(self, parameter: str, text: str) -> int:
        """Decode a position; raises a 400 that names the parameter."""
        try:
            sealed = base64.b64decode(text, altchars=b"-_", validate=True)
            return int.from_bytes(self._cipher().decrypt(sealed, [self.scope.encode()]))
        except (binascii.Error, ValueError, InvalidTag):
            raise not_a_cursor(parameter, text)

    def _cipher(self) -> AESSIV:
        return AESSIV(hashlib.sha512(b"positions in the feed" + self.key.bytes).digest())
