"""File locks that the kernel drops when their holder dies, by whatever death."""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

_locks: weakref.WeakSet[FileLock] = weakref.WeakSet()


class FileLock:
    """A lock on a file, held by this process and never by a child it did not hand it to.

    `flock` belongs to the open file, which a forked child shares with its parent. So a child
    closes its copies at once, and only the process that opened the file ever unlocks it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        self._pid = 0
        _locks.add(self)

    @property
    def is_open(self) -> bool:
        """Whether this very process, not the parent it was forked from, opened the file."""
        return self._fd is not None and self._pid == os.getpid()

    def share(self) -> None:
        """Hold the lock beside others who share it, waiting for whoever holds it alone."""
        fcntl.flock(self.fileno(), fcntl.LOCK_SH)

    def take(self) -> None:
        """Hold the lock alone, waiting for everyone else."""
        fcntl.flock(self.fileno(), fcntl.LOCK_EX)

    def try_take(self) -> bool:
        """Hold the lock alone if nobody else holds it; a share held before is lost if not."""
        try:
            fcntl.flock(self.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Unlock, for every copy of the open file as well, then close it."""
        if self.is_open:
            fcntl.flock(self.fileno(), fcntl.LOCK_UN)
        self.forget()

    def forget(self) -> None:
        """Close our copy; the lock lives on in processes that it was handed to."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def fileno(self) -> int:
        """The open file, for locking it and for handing it to a child."""
        if self._fd is None or not self.is_open:
            self.forget()
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._pid = os.getpid()
        return self._fd

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _forget_all() -> None:
    for lock in list(_locks):
        lock.forget()


os.register_at_fork(after_in_child=_forget_all)
