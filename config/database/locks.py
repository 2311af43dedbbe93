"""File locks, which the kernel releases when their holder ends, even after a kill -9."""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

_locks: weakref.WeakSet[FileLock] = weakref.WeakSet()


class FileLock:
    """A lock on a file, held by this process and by children to which it passes the lock.

    `flock` belongs to the open file, which a forked child shares with its parent. So a child closes
    its copies at once, and only the process that opened the file unlocks it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        self._pid = 0
        _locks.add(self)

    @property
    def is_open(self) -> bool:
        """Whether this process opened the file, and not the parent that it was forked from."""
        return self._fd is not None and self._pid == os.getpid()

    def share(self) -> None:
        """Take the shared lock, waiting for a process that holds the exclusive one."""
        fcntl.flock(self.fileno(), fcntl.LOCK_SH)

    def take(self) -> None:
        """Take the exclusive lock, waiting for all other holders."""
        fcntl.flock(self.fileno(), fcntl.LOCK_EX)

    def try_take(self) -> bool:
        """Take the exclusive lock if nobody holds the lock; on failure a shared lock is lost."""
        try:
            fcntl.flock(self.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Unlock the file, also in processes that have a copy, and close it."""
        if self.is_open:
            fcntl.flock(self.fileno(), fcntl.LOCK_UN)
        self.forget()

    def forget(self) -> None:
        """Close our copy; processes to which the lock was passed keep it."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def fileno(self) -> int:
        """Return the file's descriptor, to lock it or pass it to a child; opens the file once."""
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
