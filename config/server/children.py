"""Processes that the supervisor starts, watches and ends."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from .restarts import Restarts

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """One of our modules in a process of its own, started again whenever it dies.

    The child and its own children form a process group that Ctrl-C in the terminal does not reach.
    Its standard input is a pipe from this process: the child ends when the pipe closes, which the
    kernel does however this process ends. Nothing can be served without one that `is_essential`.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *arguments: str,
        environment: dict[str, str],
        is_essential: bool = False,
    ) -> None:
        self.name, self.is_essential = name, is_essential
        self.restarts = Restarts(name)
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
        self._line = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._reported: str | None = None

    def start(self) -> None:
        self.restarts.note_start()
        self._process = subprocess.Popen(
            self._line,
            stdin=subprocess.PIPE,
            cwd=ROOT,
            env=self._environment,
            start_new_session=True,
        )
        assert self._process.stdin
        os.set_blocking(self._process.stdin.fileno(), False)
        self._reported = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def has_died(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def bury(self) -> int:
        """Clear up after a death and set the pause; returns the exit status, -n for signal n."""
        assert self._process is not None
        status = self._process.wait()
        self.kill()
        self.restarts.note_death(status)
        return status

    def report(self, line: str) -> None:
        """Write a line to its standard input, unless that was the last one."""
        if self._process is None or self._process.stdin is None or line == self._reported:
            return
        # Where the child does not read, or is gone, the line is of no use to it.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._process.stdin.fileno(), f"{line}\n".encode())
            self._reported = line

    def terminate(self) -> None:
        """Ask it to end; it takes its own children along."""
        if self.is_running and self._process:
            self._process.terminate()

    def kill(self) -> None:
        """End it and its children at once."""
        self._kill_group()
        if self._process is not None:
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()
            self._process = None

    def _kill_group(self) -> None:
        # The number stays the group's for as long as one of the group lives.
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
