"""One process that keeps the others running, and ends them before it ends."""

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError

from config.database import EmbeddedServer, Unavailable

from .children import Child
from .lifeline import SECONDS_TO_END

BEAT = 0.1
SECONDS_BETWEEN_LOOKS = 5.0
SECONDS_TO_SERVE = 30.0
SECONDS_OF_ONE_SIGNAL = 1.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Runs children until SIGINT, SIGTERM or SIGHUP; a second one makes it hurry.

    `tell` shows a sentence to whoever watches, `is_ready` says whether the children serve, which
    `greet` is called upon, once.
    """

    def __init__(
        self,
        children: Iterable[Child],
        *,
        database: EmbeddedServer | None,
        tell: Callable[[str], None],
        is_ready: Callable[[], bool],
        greet: Callable[[], None],
    ) -> None:
        self._children = list(children)
        self._database = database
        self._tell = tell
        self._is_ready = is_ready
        self._greet = greet
        self._has_greeted = False
        self._signals = 0
        self._heeded = float("-inf")
        self._late: float | None = time.monotonic() + SECONDS_TO_SERVE
        self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS

    def run(self) -> None:
        """Keep the children running until told to stop; raises CommandError when one cannot."""
        with self._heeding_signals():
            try:
                while not self._signals:
                    for child in self._children:
                        self._tend(child)
                    self._look_after_database()
                    self._greet_when_ready()
                    time.sleep(BEAT)
                self._tell("\nStopping …")
            finally:
                self._stop()

    def _tend(self, child: Child) -> None:
        if child.has_died:
            how = child.bury()
            if child.is_hopeless:
                raise CommandError(
                    f"The {child.name} ends right after every start ({how}): what it said of the "
                    "reason stands above."
                )
            self._tell(f"The {child.name} ended ({how}) and is started again.")
        if child.is_due:
            child.start()

    def _greet_when_ready(self) -> None:
        if self._has_greeted:
            return
        if self._is_ready():
            self._has_greeted = True
            self._greet()
        elif self._late and time.monotonic() > self._late:
            self._late = None
            self._tell(
                "The web server is not ready yet: its page /readyz says why, once it answers."
            )

    def _look_after_database(self) -> None:
        """Start the embedded database again should it have died: joining it twice does that."""
        if self._database is None or time.monotonic() < self._next_look:
            return
        try:
            self._database.join()
        except Unavailable as reason:
            self._tell(str(reason))
        self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS

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
        # One Ctrl-C can arrive twice, from the terminal and from whoever wraps us.
        if time.monotonic() - self._heeded > SECONDS_OF_ONE_SIGNAL:
            self._signals += 1
            self._heeded = time.monotonic()


def _is_told_to_ignore(number: signal.Signals) -> bool:
    """Whether `nohup` shut our ears to it; a script's `&` does so to SIGINT, and means nothing."""
    return number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
