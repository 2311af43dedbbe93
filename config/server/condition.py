"""Whether processes beside this one keep dying, as those that start them tell it: for /readyz."""

import ctypes
from multiprocessing.sharedctypes import RawArray

_SIZE = 4096


class Condition:
    """One text in memory that the web server writes and its workers read.

    There is no lock, which a killed worker could hold for ever: a text that is read while it is
    written may be a mixture of two.
    """

    def __init__(self) -> None:
        self._memory = RawArray(ctypes.c_char, _SIZE)

    def write(self, text: str) -> None:
        self._memory.value = text.encode()[: _SIZE - 1]

    def read(self) -> str:
        return self._memory.value.decode(errors="ignore")


_condition: Condition | None = None


def follow(condition: Condition) -> None:
    """Take the condition that the web server gives each of its workers."""
    global _condition
    _condition = condition


def trouble() -> str:
    """Return which processes keep dying, in sentences, "" for none."""
    return _condition.read() if _condition else ""
