import base64
import binascii
import uuid
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

from .problems import Refused, bad_request, quoted

_MARK_BYTES = 8


def not_a_cursor(parameter: str, text: str) -> Refused:
    """Return the 400 for a cursor that this list did not make."""
    sentence = f"{quoted(text)} is not a cursor of this list. Use one that this list returned."
    return bad_request(f"{parameter}: {sentence}", {parameter: sentence})


@dataclass(frozen=True)
class Cursors:
    """Makes and reads the cursors of one list.

    A cursor is the id of a row with a mark over the list's place (which list, of which company,
    with which parent), so that a cursor of another list, or one made up, is told at once.
    """

    place: str

    def write(self, row: uuid.UUID) -> str:
        return base64.urlsafe_b64encode(row.bytes + self._mark(row.bytes)).decode()

    def read(self, parameter: str, text: str) -> uuid.UUID:
        """Return the row's id; raises a 400 that names the parameter."""
        try:
            raw = base64.b64decode(text, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        row, mark = raw[:16], raw[16:]
        if len(raw) != 16 + _MARK_BYTES or not constant_time_compare(mark, self._mark(row)):
            raise not_a_cursor(parameter, text)
        return uuid.UUID(bytes=row)

    def _mark(self, row: bytes) -> bytes:
        return salted_hmac(f"cursor {self.place}", row, algorithm="sha256").digest()[:_MARK_BYTES]
