"""Processes that the supervisor starts, watches and ends."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Who dies within this time of its start died of its start.
QUICK = 10.0
MOST_QUICK_DEATHS = 5
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0


class Child:
    """One of our modules in a process of its own, started again when it dies.

    It and its own children form a process group out of reach of the terminal's Ctrl-C, and its
    standard input is ours to close: it ends when we do, however we end.
    """

    def __init__(
        self, name: str, module: str, *arguments: str, environment: dict[str, str]
    ) -> None:
        self.name = name
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
        self._line = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._pause_until = 0.0
        self._quick_deaths = 0

    def start(self) -> None:
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._line,
            stdin=subprocess.PIPE,
            cwd=ROOT,
            env=self._environment,
            start_new_session=True,
        )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def has_died(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    @property
    def is_due(self) -> bool:
        """Whether it does not run and has paused long enough to be started."""
        return self._process is None and time.monotonic() >= self._pause_until

    @property
    def is_hopeless(self) -> bool:
        return self._quick_deaths >= MOST_QUICK_DEATHS

    def bury(self) -> str:
        """Clear up after a death and set the pause; returns how it died, in words."""
        assert self._process is not None
        status = self._process.wait()
        self._kill_group()
        self._close()
        quick = time.monotonic() - self._started < QUICK
        self._quick_deaths = self._quick_deaths + 1 if quick else 1
        pause = min(FIRST_PAUSE * 2 ** (self._quick_deaths - 1), LONGEST_PAUSE)
        self._pause_until = time.monotonic() + pause
        return f"exit code {status}" if status >= 0 else _signal_name(-status)

    def terminate(self) -> None:
        """Ask it to end; it takes its own children along."""
        if self.is_running and self._process:
            self._process.terminate()

    def kill(self) -> None:
        """End it and its children at once."""
        self._kill_group()
        self._close()

    def _kill_group(self) -> None:
        # Its number stays the group's as long as one of the group lives, so it is nobody else's.
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _close(self) -> None:
        if self._process is not None:
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()
            self._process = None


def _signal_name(number: int) -> str:
    try:
        return f"killed by {signal.Signals(number).name}"
    except ValueError:
        return f"killed by signal {number}"
