import base64
import binascii
import uuid
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

from .problems import Refused, bad_request, quoted

_SIGNATURE_BYTES = 8


def not_a_cursor(parameter: str, text: str) -> Refused:
    """Return the 400 for a cursor that this list did not make."""
    sentence = f"{quoted(text)} is not a cursor of this list. Use one that this list returned."
    return bad_request(f"{parameter}: {sentence}", {parameter: sentence})


@dataclass(frozen=True)
class Cursors:
    """Makes and reads the cursors of one list.

    A cursor is the id of a row with a signature over the id and `scope`: which list, of which
    company, with which parent. So a cursor of another list, or a made-up one, is refused.
    """

    scope: str

    def write(self, row: uuid.UUID) -> str:
        return base64.urlsafe_b64encode(row.bytes + self._sign(row.bytes)).decode()

    def read(self, parameter: str, text: str) -> uuid.UUID:
        """Return the row's id; raises a 400 that names the parameter."""
        try:
            raw = base64.b64decode(text, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        row, signature = raw[:16], raw[16:]
        if not constant_time_compare(signature, self._sign(row)):
            raise not_a_cursor(parameter, text)
        return uuid.UUID(bytes=row)

    def _sign(self, row: bytes) -> bytes:
        digest = salted_hmac(f"cursor {self.scope}", row, algorithm="sha256").digest()
        return digest[:_SIGNATURE_BYTES]
