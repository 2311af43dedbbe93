"""Find, start and stop the server process."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from config.database import binaries
from config.database.account import server_account
from config.database.cluster import Cluster
from config.database.errors import Unavailable
from config.database.folders import Folders, make_private
from config.database.locks import FileLock
from config.database.log import Log
from config.database.programs import Programs
from config.database.roles import superuser

# Recovery after a crash can take long, but reports progress; a server that fails ends at once.
_SECONDS_TO_START = 30
_SECONDS_TO_RECOVER = 300
_BUSY = "the database system is"
_SECONDS_TO_STOP = 60
_SECONDS_TO_QUIT = 10
_PAUSE = 0.01

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "cluster_name": "regulars",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Statements and error details contain what people typed.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # Our statements are short, and compiling them costs more than it saves.
    "jit": "off",
}
_THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "io_method": "sync",
}


class Postmaster:
    """The server of one cluster. Only one process at a time may change it."""

    def __init__(self, folders: Folders, *, durable: bool) -> None:
        self._folders = folders
        self._settings = _SETTINGS if durable else _SETTINGS | _THROW_AWAY_SETTINGS
        self._cluster = Cluster(folders, durable=durable)
        self._log = Log(folders.log)
        self._process: subprocess.Popen[bytes] | None = None
        self._refusal = ""

    def run(self) -> None:
        """Start the server if none runs, and return once it answers."""
        since, started = time.monotonic(), None
        while self._find() is None:
            if started is None and (started := self._start_if_none_lives()):
                since = time.monotonic()
            if started and started.poll() is not None and self._find() is None:
                raise self._log.failure(f"PostgreSQL could not start in {self._folders.data}")
            patience = _SECONDS_TO_RECOVER if _BUSY in self._refusal else _SECONDS_TO_START
            if time.monotonic() > since + patience:
                raise Unavailable.because(
                    f"PostgreSQL lives in {self._folders.data} but does not answer "
                    f"({self._refusal})",
                    do=f"Wait for it, or end the server that {self._folders.log} tells of",
                )
            time.sleep(_PAUSE)

    def stop(self) -> None:
        """Stop the server, and return once all its processes have ended."""
        pid = self._find()
        if pid is None and self._process is not None and self._process.poll() is None:
            pid = self._process.pid
        # 0 is a server in another container, which we cannot signal; kill(0) would signal this
        # process.
        if not pid:
            return
        for kind, seconds in (
            (signal.SIGINT, _SECONDS_TO_STOP),
            (signal.SIGQUIT, _SECONDS_TO_QUIT),
        ):
            with suppress(ProcessLookupError):
                os.kill(pid, kind)
            if self._is_gone_within(seconds):
                self._folders.remove_sockets()
                return

    def _find(self) -> int | None:
        """Return the process id of the server, if it answers and belongs to this cluster.

        A server keeps running for a while after its folder was removed, so `postmaster.pid` as the
        server reads it must match the file in the folder.
        """
        try:
            with superuser(self._folders.sockets) as connection:
                row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
                listener = _listener(connection)
            papers = (self._folders.cluster / "postmaster.pid").read_text()
        except (psycopg.Error, FileNotFoundError) as error:
            self._refusal = " ".join(str(error).split())
            return None
        # Process, folder and start time; the lines after them change while the server starts.
        if row is None or row[0].splitlines()[:3] != papers.splitlines()[:3]:
            self._refusal = "another server answers in its place"
            return None
        return int(papers.splitlines()[0]) if listener is None else listener

    def _start_if_none_lives(self) -> subprocess.Popen[bytes] | None:
        """Start the server, unless one of its processes still runs, as after a kill -9.

        The server and `initdb` inherit the lock, so it is free once the last process has ended.
        """
        living = self._living()
        try:
            if not living.try_take():
                return None
            account = server_account(self._folders.cluster)
            programs = Programs(binaries.programs(account), account)
            self._cluster.make_ready(programs, account, self._log, living)
            make_private(self._folders.sockets, account)
            self._folders.remove_socket()
            self._process = self._launch(programs, living)
            return self._process
        finally:
            living.forget()

    def _launch(self, programs: Programs, living: FileLock) -> subprocess.Popen[bytes]:
        arguments: list[str | Path] = ["-D", self._folders.cluster, "-k", self._folders.sockets]
        for name, value in self._settings.items():
            arguments += ["-c", f"{name}={value}"]
        output = self._log.open()
        try:
            return programs.start("postgres", *arguments, living=living, output=output)
        finally:
            os.close(output)

    def _is_gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        living = self._living()
        try:
            while not living.try_take():
                if time.monotonic() > deadline:
                    return False
                time.sleep(_PAUSE)
            if self._process is not None:
                # If it was our child, read its exit status, or it would stay as a zombie.
                self._process.poll()
            return True
        finally:
            living.release()

    def _living(self) -> FileLock:
        return FileLock(self._folders.locks / "server")


def _listener(connection: psycopg.Connection) -> int | None:
    """Return the process id of the other end of a connection from the kernel, None if not on Linux.

    A process id in a file may be another container's. The kernel returns the id in this container,
    or 0 for a process outside it.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.socket(fileno=os.dup(connection.fileno())) as peer:
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[0])
