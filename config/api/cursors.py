import base64
import binascii
import datetime
import uuid
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.crypto import constant_time_compare, salted_hmac

from .problems import Refused, invalid_parameters, quoted

_SIGNATURE_BYTES = 8
_ID_BYTES = 16
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_TICK = datetime.timedelta(microseconds=1)


class Position(NamedTuple):
    """The position of a row in a list: its id, and the moment if the list is sorted by one."""

    id: uuid.UUID
    moment: datetime.datetime | None = None


def not_a_cursor(parameter: str, text: str) -> Refused:
    """Return the 400 for a cursor that this list did not create."""
    sentence = f"Must be a cursor that this list returned; got {quoted(text)}."
    return invalid_parameters({parameter: sentence})


@dataclass(frozen=True)
class Cursors:
    """Creates and reads the cursors of one list.

    A cursor is a position with a signature over it and `scope`: the list, its company, parent and
    order. So cursors of other lists and forged cursors are refused. The cursor contains the row's
    moment at the time it was read, so it stays valid when the row changes.
    """

    scope: str

    def write(self, position: Position) -> str:
        raw = position.id.bytes
        if position.moment is not None:
            raw += ((position.moment - _EPOCH) // _TICK).to_bytes(8, signed=True)
        return base64.urlsafe_b64encode(raw + self._sign(raw)).decode()

    def read(self, parameter: str, text: str) -> Position:
        """Parse a cursor; raises a 400 that names the parameter."""
        try:
            whole = base64.b64decode(text, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            whole = b""
        raw, signature = whole[:-_SIGNATURE_BYTES], whole[-_SIGNATURE_BYTES:]
        if not constant_time_compare(signature, self._sign(raw)):
            raise not_a_cursor(parameter, text)
        row, ticks = uuid.UUID(bytes=raw[:_ID_BYTES]), raw[_ID_BYTES:]
        moment = _EPOCH + int.from_bytes(ticks, signed=True) * _TICK if ticks else None
        return Position(row, moment)

    def _sign(self, row: bytes) -> bytes:
        digest = salted_hmac(f"cursor {self.scope}", row, algorithm="sha256").digest()
        return digest[:_SIGNATURE_BYTES]
