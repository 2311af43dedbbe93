"""The embedded server for the processes that use it: they join it and leave it."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config.database.errors import Unavailable
from config.database.folders import Folders
from config.database.locks import FileLock
from config.database.postmaster import Postmaster
from config.database.roles import OWNER, RUNTIME, make_roles_and_database, url


class EmbeddedServer:
    """A PostgreSQL server that runs as long as a process uses it.

    Each process holds a shared lock on one file, which the kernel releases when the process ends;
    the last process to leave stops the server. A killed process cannot stop it: the server then
    runs until the next process joins and leaves.

    A forked child does not use the server until it joins; until then, leaving does nothing in it.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._folders = Folders(data_dir.resolve())
        self._postmaster = Postmaster(self._folders, durable=durable)
        self._share = FileLock(self._folders.locks / "users")
        self.owner_url = url(OWNER, self._folders.sockets)
        self.runtime_url = url(RUNTIME, self._folders.sockets)

    def join(self) -> None:
        """Use the server from now on; starts it and creates its database if needed.

        Calling it again starts a server that has died since. The process leaves at exit. Raises
        `Unavailable`.
        """
        with self._failures_explained():
            self._folders.make()
            with self._changing():
                self._share.share()
                try:
                    self._postmaster.run()
                    make_roles_and_database(self._folders.sockets)
                except BaseException:
                    self._withdraw()
                    raise
        atexit.unregister(self.leave)
        atexit.register(self.leave)

    def leave(self) -> None:
        """Release our shared lock, and stop the server if no other process holds one."""
        atexit.unregister(self.leave)
        if not self._share.is_open:
            return
        try:
            with self._changing():
                self._withdraw()
        except FileNotFoundError:
            # The folder was removed while the server ran; the server notices that and ends.
            self._share.release()

    def _withdraw(self) -> None:
        try:
            if self._share.try_take():
                self._postmaster.stop()
        finally:
            self._share.release()

    def _changing(self) -> FileLock:
        # Processes join and leave one at a time, or one could stop the server that another just
        # found.
        return FileLock(self._folders.locks / "changing")

    @contextmanager
    def _failures_explained(self) -> Iterator[None]:
        data = self._folders.data
        try:
            yield
        except PermissionError as error:
            raise Unavailable.because(
                f"The data folder {data} cannot be used by this account: {error}",
                do="Give the folder to this account, choose another with REGULARS_DATA",
            ) from error
        except OSError as error:
            raise Unavailable.because(
                f"The data folder {data} cannot be used: {error}",
                do="Put that right, choose another folder with REGULARS_DATA",
            ) from error
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise Unavailable.because(
                f"PostgreSQL started in {data} but its database could not be made: {said}",
                do="Put that right",
            ) from error
