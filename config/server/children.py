"""Processes that the supervisor starts, watches and stops."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from .restarts import Restarts

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """One of our modules in its own process, restarted when it dies.

    The child and its own children form a process group that Ctrl-C in the terminal does not reach.
    Its standard input is a pipe from this process. The kernel closes the pipe when this process
    ends, even after a kill -9, and then the child ends. Without a child that `is_essential`,
    nothing is served.
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
        """Clean up after a death and set the pause; return the exit status, -n for signal n."""
        assert self._process is not None
        status = self._process.wait()
        self.kill()
        self.restarts.note_death(status)
        return status

    def report(self, line: str) -> None:
        """Write a line to the child's standard input, unless it was the last line written."""
        if self._process is None or self._process.stdin is None or line == self._reported:
            return
        # If the child does not read, or has ended, the line is not needed.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._process.stdin.fileno(), f"{line}\n".encode())
            self._reported = line

    def terminate(self) -> None:
        """Ask the child to end; it ends its own children too."""
        if self.is_running and self._process:
            self._process.terminate()

    def kill(self) -> None:
        """Kill the child and its own children at once."""
        self._kill_group()
        if self._process is not None:
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()
            self._process = None

    def _kill_group(self) -> None:
        # The group keeps its id while any of its processes lives.
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
