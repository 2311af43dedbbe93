"""Which other processes keep dying, as reported by the processes that start them; for /readyz."""

import ctypes
from multiprocessing.sharedctypes import RawArray

_SIZE = 4096


class Condition:
    """A text in shared memory that the web server writes and its workers read.

    It has no lock, because a killed worker could hold a lock forever. A text that is read while it
    is written may be a mixture of two.
    """

    def __init__(self) -> None:
        self._memory = RawArray(ctypes.c_char, _SIZE)

    def write(self, text: str) -> None:
        self._memory.value = text.encode()[: _SIZE - 1]

    def read(self) -> str:
        return self._memory.value.decode(errors="ignore")


_condition: Condition | None = None


def follow(condition: Condition) -> None:
    """Use the condition that the web server passes to each of its workers."""
    global _condition
    _condition = condition


def trouble() -> str:
    """Return sentences about the processes that keep dying, "" if there are none."""
    return _condition.read() if _condition else ""
