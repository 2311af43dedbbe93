"""The embedded server as its users see it: join it, leave it."""

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
    """A PostgreSQL that runs as long as somebody uses it.

    Each user holds a share of one file lock, which the kernel drops when the user dies; whoever
    leaves last stops the server. A user that is killed cannot stop it: then it stays up until
    the next user finds it, by connecting, and leaves.

    A forked child is no user until it joins for itself, and leaving does nothing in it.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._folders = Folders(data_dir.resolve())
        self._postmaster = Postmaster(self._folders, durable=durable)
        self._share = FileLock(self._folders.locks / "users")
        self.owner_url = url(OWNER, self._folders.sockets)
        self.runtime_url = url(RUNTIME, self._folders.sockets)

    def join(self) -> None:
        """Use the server from now on, starting it and making its database if need be.

        It can be called again, which starts a server that died since. We leave at exit.
        Raises `Unavailable`.
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
        """Give up our share, and stop the server if nobody else holds one."""
        atexit.unregister(self.leave)
        if not self._share.is_open:
            return
        try:
            with self._changing():
                self._withdraw()
        except FileNotFoundError:
            # The folder was removed under the server, which sees that itself and ends.
            self._share.release()

    def _withdraw(self) -> None:
        try:
            if self._share.try_take():
                self._postmaster.stop()
        finally:
            self._share.release()

    def _changing(self) -> FileLock:
        # Joining and leaving go one at a time, or one could stop what another has just found.
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
