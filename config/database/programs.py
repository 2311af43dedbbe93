"""Run PostgreSQL's programs under the server's account."""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path

from config.database.account import Account
from config.database.locks import FileLock

# A server outlives the process that started it. The objects are kept, because Python warns about a
# process that is still running when its object is deleted.
_STARTED: list[subprocess.Popen[bytes]] = []


class Programs:
    """PostgreSQL's programs and the account that runs them."""

    def __init__(self, folder: Path, account: Account) -> None:
        self._folder = folder
        self._account = account

    def start(
        self, name: str, *arguments: str | Path, living: FileLock, output: int
    ) -> subprocess.Popen[bytes]:
        """Start a program outside our terminal session; it and its children hold the lock `living`.

        A `Path` argument is a folder that the account owns, even if the account cannot follow its
        path.
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
                # Ctrl-C in the terminal must reach this process, and not the server that it still
                # uses.
                start_new_session=True,
                cwd="/",
                # Not our environment: PGDATA, PGPORT or PGOPTIONS would change what the program
                # does.
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                **self._account.identity,
            )
        _STARTED.append(process)
        return process

    def _reach(self, folder: Path, handed: list[int], stack: ExitStack) -> str:
        """Return a name of a folder by which the account can open it.

        The account cannot follow a path below a home of mode 0700, and we do not change the mode of
        folders that are not ours. So root opens the folder and passes the descriptor to the
        program: the kernel opens /proc/self/fd without checking access to the parent folders.
        """
        if self._account.is_ours:
            return str(folder)
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        stack.callback(os.close, opened)
        handed.append(opened)
        return f"/proc/self/fd/{opened}"
