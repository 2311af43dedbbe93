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
# Fixed, and not the TMPDIR of one process: every process must come to the same folder.
_SHORT_PLACE = Path("/tmp")


@dataclass(frozen=True)
class Folders:
    """Where the parts of one database lie: everything but a long-named socket below `data`."""

    data: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own folder, which belongs to the server's account."""
        return self.data / "postgres"

    @property
    def half_made_cluster(self) -> Path:
        """The cluster until `initdb` is through with it."""
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

        libpq takes a comma for a list of hosts, and the kernel takes 107 bytes.
        """
        folder = self.data / "run"
        length = len(os.fsencode(folder / _SOCKET_NAME))
        if length <= _LONGEST_SOCKET_PATH and "," not in str(folder):
            return folder
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:20]
        return _SHORT_PLACE / f"regulars-{name}"

    def make(self) -> None:
        """Make the data folder, private to us. One that is there already is left as it is.

        As root it stays root's: the server reaches its cluster without passing through here.
        """
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.locks.mkdir(mode=0o700, exist_ok=True)

    def remove_socket(self) -> None:
        """Clear what a killed server left, whose number may be another process's by now."""
        for name in (_SOCKET_NAME, f"{_SOCKET_NAME}.lock"):
            (self.sockets / name).unlink(missing_ok=True)

    def remove_sockets(self) -> None:
        """Leave nothing in the short place when the server has stopped."""
        with suppress(OSError):
            self.sockets.rmdir()


def make_private(folder: Path, account: Account) -> None:
    """Make a folder that only an account (and root) can enter, or check that it is one.

    The name may lie in a folder that everyone can write to, so nothing is taken on trust.
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
