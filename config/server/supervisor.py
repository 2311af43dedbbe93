"""The process that keeps the other processes running, and stops them before it ends."""

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.core.management.base import CommandError

from config.database import EmbeddedServer, Unavailable

from .children import Child
from .parent_watchdog import SECONDS_TO_END

BEAT = 0.1
SECONDS_BETWEEN_LOOKS = 5.0
SECONDS_TO_SERVE = 30.0
SECONDS_OF_ONE_SIGNAL = 1.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Runs children until SIGINT, SIGTERM or SIGHUP; a second signal kills them at once.

    `report` shows a sentence in the terminal. `is_ready` says whether the children serve; once they
    do, `greet` is called. A child that dies later is restarted, without a limit.
    """

    def __init__(
        self,
        children: Iterable[Child],
        *,
        database: EmbeddedServer | None,
        report: Callable[[str], None],
        is_ready: Callable[[], bool],
        greet: Callable[[], None],
    ) -> None:
        self._children = list(children)
        self._database = database
        self._report = report
        self._is_ready = is_ready
        self._greet = greet
        self._has_greeted = False
        self._signals = 0
        self._heeded = float("-inf")
        self._late: float | None = time.monotonic() + SECONDS_TO_SERVE
        self._ends = Event()

    def run(self) -> None:
        """Keep the children running until a signal arrives.

        Raises CommandError if an essential child cannot start and nothing has been served yet.
        """
        with self._heeding_signals():
            database = Thread(target=self._look_after_database, name="database", daemon=True)
            database.start()
            try:
                while not self._signals:
                    for child in self._children:
                        self._tend(child)
                    self._report_troubles()
                    self._greet_when_ready()
                    time.sleep(BEAT)
                self._report("\nStopping …")
            finally:
                self._ends.set()
                self._stop()
                database.join(SECONDS_TO_END)

    def _tend(self, child: Child) -> None:
        if child.has_died:
            status = child.bury()
            how = child.restarts.how
            if child.is_essential and status > 0 and not self._has_greeted:
                raise CommandError(
                    f"The {child.name} cannot start ({how}): the lines above say why."
                )
            self._report(f"The {child.name} ended ({how}) and is started again.")
        if child.restarts.is_due:
            try:
                child.start()
            except OSError as error:
                # For example, there is no memory for it, or too many processes are running.
                child.restarts.note_death(1)
                self._report(f"The {child.name} cannot be started for now: {error.strerror}.")

    def _report_troubles(self) -> None:
        """Report to every child which children keep dying."""
        troubles = " ".join(filter(None, (child.restarts.trouble for child in self._children)))
        for child in self._children:
            child.report(troubles)

    def _greet_when_ready(self) -> None:
        if self._has_greeted:
            return
        if self._is_ready():
            self._has_greeted = True
            self._greet()
        elif self._late and time.monotonic() > self._late:
            self._late = None
            self._report(
                "The web server is not ready yet: its page /readyz says why, once it answers."
            )

    def _look_after_database(self) -> None:
        """Restart the embedded database if it has died, by joining it again.

        This runs in its own thread, because a database can take minutes to recover.
        """
        said = ""
        while self._database is not None and not self._ends.wait(SECONDS_BETWEEN_LOOKS):
            try:
                self._database.join()
                said = ""
            except Unavailable as reason:
                if str(reason) != said:
                    said = str(reason)
                    self._report(said)

    def _stop(self) -> None:
        asked, deadline = self._signals, time.monotonic() + SECONDS_TO_END
        for child in self._children:
            child.terminate()
        while any(child.is_running for child in self._children):
            if self._signals > max(asked, 1) or time.monotonic() > deadline:
                break
            time.sleep(BEAT / 2)
        for child in self._children:
            child.kill()

    @contextmanager
    def _heeding_signals(self) -> Iterator[None]:
        heeded = [number for number in STOPPING if not _is_told_to_ignore(number)]
        before = {number: signal.signal(number, self._heed) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _heed(self, number: int, frame: Any) -> None:
        # One Ctrl-C can arrive twice: from the terminal and from a process that runs this one.
        if time.monotonic() - self._heeded > SECONDS_OF_ONE_SIGNAL:
            self._signals += 1
            self._heeded = time.monotonic()


def _is_told_to_ignore(number: signal.Signals) -> bool:
    """Whether `nohup` disabled SIGHUP. SIGINT, which `&` in a script disables, is handled."""
    return number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
