"""Running PostgreSQL's programs under the server's account."""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path

from config.database.account import Account
from config.database.locks import FileLock

# A server outlives whoever started it and is stopped by whoever leaves last. Kept here, so that
# Python does not take a process that it forgets for one that was lost.
_STARTED: list[subprocess.Popen[bytes]] = []


class Programs:
    """PostgreSQL's programs and the account that runs them."""

    def __init__(self, folder: Path, account: Account) -> None:
        self._folder = folder
        self._account = account

    def start(
        self, name: str, *arguments: str | Path, living: FileLock, output: int
    ) -> subprocess.Popen[bytes]:
        """Start a program apart from our terminal; it and its children hold the lock `living`.

        A `Path` among the arguments is a folder that the account owns, reachable by name or not.
        """
        with ExitStack() as stack:
            handed = [living.fileno()]
            line = [str(self._folder / name)]
            for argument in arguments:
                if isinstance(argument, Path):
                    argument = self._reach(argument, handed, stack)
                line.append(argument)
            process = subprocess.Popen(
                line,
                pass_fds=handed,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A Ctrl-C in our terminal must reach us and not the server under our feet.
                start_new_session=True,
                cwd="/",
                # Nothing of ours: PGDATA, PGPORT or PGOPTIONS would change what is started.
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                **self._account.identity,
            )
        _STARTED.append(process)
        return process

    def _reach(self, folder: Path, handed: list[int], stack: ExitStack) -> str:
        """Name a folder so that the account can open it.

        Below a home of mode 0700 the account cannot follow the path, and we open nobody's
        folders. We can open the folder as root and hand it over: the kernel lets a process go
        from /proc/self/fd straight to a folder it holds, without asking its parents.
        """
        if self._account.is_ours:
            return str(folder)
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        stack.callback(os.close, opened)
        handed.append(opened)
        return f"/proc/self/fd/{opened}"
