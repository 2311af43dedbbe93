"""The cluster: PostgreSQL's folder on disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from config.database.account import Account
from config.database.binaries import MAJOR
from config.database.errors import Unavailable
from config.database.folders import Folders, make_private
from config.database.locks import FileLock
from config.database.log import Log
from config.database.programs import Programs
from config.database.roles import SUPERUSER

_INITDB = (
    f"--username={SUPERUSER}",
    # Only this account and root can enter the socket's folder, and both can read the data files
    # anyway, so they are trusted with any role. There is no TCP port.
    "--auth=trust",
    "--encoding=UTF8",
    # The same sort order and case rules on every machine, whatever its C library.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C.UTF-8",
    "--no-instructions",
)


_ROOM_NEEDED = 64 * 1024 * 1024


class Cluster:
    """The files of one database server; change them only while no server runs."""

    def __init__(self, folders: Folders, *, durable: bool) -> None:
        self._folders = folders
        self._durable = durable

    def make_ready(self, programs: Programs, account: Account, log: Log, living: FileLock) -> None:
        """Create the cluster if it is missing, and check that our server can use it."""
        if not _has_files(self._folders.cluster):
            self._initialise(programs, account, log, living)
        self._check_version()
        # This process holds the lock, so no server runs. After a kill -9, or in a new container,
        # the process id in this file may be another process's, and PostgreSQL would refuse to
        # start.
        (self._folders.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self, programs: Programs, account: Account, log: Log, living: FileLock) -> None:
        half_made = self._folders.half_made_cluster
        if half_made.exists():
            shutil.rmtree(half_made)
        _check_room(self._folders.data)
        make_private(half_made, account)
        options = _INITDB if self._durable else (*_INITDB, "--no-sync")
        output = log.open()
        try:
            process = programs.start(
                "initdb", *options, "-D", half_made, living=living, output=output
            )
        finally:
            os.close(output)
        if process.wait() != 0:
            shutil.rmtree(half_made, ignore_errors=True)
            raise log.failure(f"PostgreSQL could not make a database in {self._folders.data}")
        # Renamed once it is complete: if this process is killed earlier, the next start begins
        # anew.
        half_made.rename(self._folders.cluster)
        _sync(self._folders.data)

    def _check_version(self) -> None:
        cluster = self._folders.cluster
        try:
            version = (cluster / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise Unavailable.because(
                f"{cluster} holds files but no whole PostgreSQL database",
                do="Restore it from a backup, move it away so that an empty one is made",
            ) from None
        if version != str(MAJOR):
            raise Unavailable.because(
                f"The database in {cluster} was made by PostgreSQL {version or 'unknown'}, "
                f"and this software brings PostgreSQL {MAJOR}",
                do=f"Dump it with PostgreSQL {version}, move it away and load the dump",
            )


def _has_files(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


def _check_room(folder: Path) -> None:
    # On a full disk initdb cannot even log what is wrong.
    if shutil.disk_usage(folder).free < _ROOM_NEEDED:
        raise Unavailable.because(
            f"There is no room for a database in {folder}: it needs {_ROOM_NEEDED >> 20} MB",
            do="Free some space, choose another folder with REGULARS_DATA",
        )


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
