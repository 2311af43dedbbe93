"""Identifiers in bulk: UUIDv7 of the moments at which rows say that they were made."""

import os
from collections.abc import Iterator

_AT_A_TIME = 4096
# 72 random bits; the four digits before the rest are the variant's and so are not random.
_BYTES = 9


class Ids:
    """Makes UUIDv7 as 32 hexadecimal digits, which sort by their moments.

    Their random part is another one each time, whatever the seed: a sample can be loaded again.
    """

    def __init__(self) -> None:
        self._tails = _tails()

    def at(self, moment: int) -> str:
        """Return an id for a moment, in seconds since 1970."""
        return f"{moment * 1000:012x}7{next(self._tails)}"


def _tails() -> Iterator[str]:
    """Yield what follows the version: three random digits, the variant, fifteen random digits."""
    while True:
        digits = os.urandom(_BYTES * _AT_A_TIME).hex()
        for at in range(0, len(digits), 2 * _BYTES):
            yield f"{digits[at : at + 3]}8{digits[at + 3 : at + 18]}"
