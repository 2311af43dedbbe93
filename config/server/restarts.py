"""When a process that died is restarted: after pauses that grow while it keeps dying."""

import signal
import time

# A process that dies within this time of its start keeps dying, and its next pause is longer.
QUICK = 10.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0


class Restarts:
    """The starts and deaths of one process.

    A process that was killed from outside waits for at most `longest_after_kill` seconds, because
    its start did not fail.
    """

    def __init__(self, name: str, *, longest_after_kill: float = LONGEST_PAUSE) -> None:
        self.name = name
        self.deaths = self.failed_starts = 0
        # How the process last ended, in words.
        self.how = ""
        self._longest_after_kill = longest_after_kill
        self._is_running = False
        self._started = self._due = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the process is not running and its pause is over."""
        return not self._is_running and time.monotonic() >= self._due

    @property
    def is_steady(self) -> bool:
        """Whether the process has run for long enough to count as started."""
        return self._is_running and time.monotonic() - self._started >= QUICK

    @property
    def trouble(self) -> str:
        """Return a sentence if the process keeps dying, else ""."""
        if not self.deaths or self.is_steady:
            return ""
        count = "" if self.deaths == 1 else f" {self.deaths} times in a row"
        return f"The {self.name} ended{count} ({self.how}) and is started again."

    def note_start(self) -> None:
        self._is_running, self._started = True, time.monotonic()

    def note_death(self, status: int) -> None:
        """Set the pause before the next start; a status of -n means that signal n killed it."""
        self.deaths = 1 if self.is_steady else self.deaths + 1
        self.failed_starts += status > 0 and not self.is_steady
        self._is_running = False
        self.how = f"exit code {status}" if status >= 0 else _signal_name(-status)
        longest = LONGEST_PAUSE if status >= 0 else self._longest_after_kill
        pause = min(FIRST_PAUSE * 2 ** min(self.deaths - 1, 10), longest)
        self._due = time.monotonic() + pause


def _signal_name(number: int) -> str:
    try:
        return f"killed by {signal.Signals(number).name}"
    except ValueError:
        return f"killed by signal {number}"
