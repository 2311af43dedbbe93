"""The supervisor's patience, with children that misbehave at once."""

import os
import signal
import sys
import time
from threading import Timer
from typing import Any

import pytest
from django.core.management.base import CommandError

from config.database import Unavailable
from config.server import children, supervisor
from config.server.children import Child
from config.server.supervisor import Supervisor

STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print(end='', flush=True);"


class AnyChild(Child):
    """A child that runs a line of Python."""

    def __init__(self, line: str) -> None:
        super().__init__("child", "unused", environment={})
        self._line = [sys.executable, "-c", line]


class Database:
    """Stands in for the embedded server: counts how often it is asked for."""

    def __init__(self, refusal: str = "") -> None:
        self.joined, self.refusal = 0, refusal

    def join(self) -> None:
        self.joined += 1
        if self.refusal:
            raise Unavailable(self.refusal)


def supervise(*lines: str, is_ready: Any = lambda: False, database: Any = None) -> list[str]:
    """Supervise children until a signal comes; returns what was told."""
    told: list[str] = []
    Supervisor(
        [AnyChild(line) for line in lines],
        database=database,
        tell=told.append,
        is_ready=is_ready,
        greet=lambda: told.append("hello"),
    ).run()
    return told


def after(seconds: float, number: int = signal.SIGTERM) -> None:
    Timer(seconds, os.kill, (os.getpid(), number)).start()


def test_a_child_that_dies_of_every_start_ends_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "FIRST_PAUSE", 0.001)
    with pytest.raises(CommandError) as refusal:
        supervise("import time; time.sleep(60)", "raise SystemExit(3)")
    assert str(refusal.value) == (
        "The child ends right after every start (exit code 3): what it said of the reason stands "
        "above."
    )


def test_a_child_that_lived_for_a_while_is_always_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(children, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(children, "QUICK", 0.0)
    after(1.5)
    told = supervise("raise SystemExit(3)")
    assert told.count("The child ended (exit code 3) and is started again.") > 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_after_its_children(number: int) -> None:
    # Whoever runs the tests by `nohup` has shut their ears to SIGHUP, and ours with them.
    before = signal.signal(number, signal.SIG_DFL)
    try:
        after(0.5, number)
        assert supervise("import time; time.sleep(60)") == ["\nStopping …"]
    finally:
        signal.signal(number, before)


def test_a_child_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_TO_END", 0.5)
    since = time.monotonic()
    after(0.5)
    supervise(f"{STUBBORN} time.sleep(60)")
    assert time.monotonic() - since < 5


def test_a_second_signal_makes_it_hurry() -> None:
    since = time.monotonic()
    after(0.5)
    after(1.7, signal.SIGINT)
    supervise(f"{STUBBORN} time.sleep(60)")
    assert time.monotonic() - since < 5


def test_one_ctrl_c_that_arrives_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_TO_END", 2.5)
    since = time.monotonic()
    after(0.5, signal.SIGINT)
    after(0.7, signal.SIGINT)
    supervise(f"{STUBBORN} time.sleep(60)")
    assert time.monotonic() - since > 2.5


def test_it_greets_once_when_its_children_serve() -> None:
    answers = iter([False, True, True, True])
    after(1.0)
    assert supervise("import time; time.sleep(60)", is_ready=lambda: next(answers)) == [
        "hello",
        "\nStopping …",
    ]


def test_it_says_when_its_children_take_long_to_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_TO_SERVE", 0.1)
    after(0.6)
    assert supervise("import time; time.sleep(60)")[0] == (
        "The web server is not ready yet: its page /readyz says why, once it answers."
    )


@pytest.mark.parametrize("refusal", ["", "No room."])
def test_a_database_that_died_is_started_again(
    monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_BETWEEN_LOOKS", 0.2)
    database = Database(refusal)
    after(1.0)
    told = supervise("import time; time.sleep(60)", database=database)
    assert database.joined > 1
    assert (refusal in told) is bool(refusal)
