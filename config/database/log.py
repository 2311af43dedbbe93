"""The server's log file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from config.database.errors import Unavailable

_LARGEST_LOG = 10 * 1024 * 1024
_LINES_SHOWN = 4
_HARDLY_ANYTHING = 4 * 1024 * 1024
_DISK_FULL = "No space left on device"
_NOISE = ("LOG:", "the database system is starting up", "not yet accepting connections")


class Log:
    """The output of the server and of `initdb`, and the part that matters when they fail."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start = 0

    def open(self) -> int:
        """Open the log for a new start; a large log is renamed first."""
        if self._path.exists() and self._path.stat().st_size > _LARGEST_LOG:
            self._path.replace(self._path.with_suffix(".log.old"))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        opened = os.open(self._path, flags, 0o600)
        self._start = os.fstat(opened).st_size
        return opened

    def failure(self, what: str) -> Unavailable:
        """Return an error that quotes the last lines that were logged since the start."""
        lines = self._lines()
        full = [line for line in lines if _DISK_FULL in line]
        # The log is on the same disk, so the line about the full disk may be missing.
        is_full = bool(full) or shutil.disk_usage(self._path.parent).free < _HARDLY_ANYTHING
        # Messages of progress and of our own connection attempts do not explain the failure.
        shown = full or [line for line in lines if not any(n in line for n in _NOISE)] or lines
        said = " ".join(line.strip() for line in shown[-_LINES_SHOWN:])
        return Unavailable.because(
            f"{what}. The last lines of {self._path} say: {said or 'nothing'}",
            do="Free some space" if is_full else "Put that right",
        )

    def _lines(self) -> list[str]:
        with self._path.open("rb") as log:
            log.seek(self._start)
            return log.read().decode(errors="replace").splitlines()
