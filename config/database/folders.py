"""The folders of one embedded database."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.database.account import Account
from config.database.errors import Unavailable

PORT = 5432
_SOCKET_NAME = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_PATH = 107
# Not TMPDIR, which can differ between processes: all of them must find the same folder.
_SHORT_PLACE = Path("/tmp")


@dataclass(frozen=True)
class Folders:
    """The paths of one database: all below `data`, except a socket whose path would be too long."""

    data: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own folder, which belongs to the server's account."""
        return self.data / "postgres"

    @property
    def half_made_cluster(self) -> Path:
        """The cluster until `initdb` has finished."""
        return self.data / "postgres.new"

    @property
    def log(self) -> Path:
        return self.data / "postgres.log"

    @property
    def locks(self) -> Path:
        return self.data / "locks"

    @property
    def sockets(self) -> Path:
        """The folder of the socket: below the data, unless libpq could not connect there.

        libpq reads a comma as a list of hosts, and the kernel limits a socket's path to 107 bytes.
        """
        folder = self.data / "run"
        length = len(os.fsencode(folder / _SOCKET_NAME))
        if length <= _LONGEST_SOCKET_PATH and "," not in str(folder):
            return folder
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:20]
        return _SHORT_PLACE / f"regulars-{name}"

    def make(self) -> None:
        """Create the data folder, private to this account, unless it exists.

        If root creates it, it stays root's: the server opens its cluster without access to this
        folder.
        """
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.locks.mkdir(mode=0o700, exist_ok=True)

    def remove_socket(self) -> None:
        """Remove the socket of a killed server; another process may have its process id by now."""
        for name in (_SOCKET_NAME, f"{_SOCKET_NAME}.lock"):
            (self.sockets / name).unlink(missing_ok=True)

    def remove_sockets(self) -> None:
        """Remove the socket's folder after the server has stopped, if it is empty."""
        with suppress(OSError):
            self.sockets.rmdir()


def make_private(folder: Path, account: Account) -> None:
    """Make a folder that only an account (and root) can enter, or check that it is one.

    The check is needed because the parent folder may be writable by everyone.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        _check_private(folder, account)
        return
    if not account.is_ours:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def _check_private(folder: Path, account: Account) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise Unavailable.because(
            f"{folder} is not a private folder of the account that PostgreSQL runs under "
            f"(uid {account.uid}): somebody else made it",
            do="Remove it, choose a data folder with a shorter path",
        )
