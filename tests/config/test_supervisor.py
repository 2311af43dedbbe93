"""How the supervisor restarts and stops children that fail or ignore signals."""

import os
import signal
import sys
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from django.core.management.base import CommandError

from config.database import Unavailable
from config.server import restarts, supervisor
from config.server.children import Child
from config.server.restarts import Restarts
from config.server.supervisor import Supervisor

FAILS = "raise SystemExit(3)"
KILLED = "import os; os.kill(os.getpid(), 9)"
SLEEPS = "import time; time.sleep(60)"
# Both ignore SIGTERM at first: one ends after a second, the other never.
SLOW = """
import signal, sys, time
signal.signal(15, lambda *_: (time.sleep(1), exit(7)))
open(sys.argv[1], "w")
time.sleep(60)
"""
STUBBORN = SLOW.replace("lambda *_: (time.sleep(1), exit(7))", "signal.SIG_IGN")
AGAIN = "The child ended ({}) and is started again."


class AnyChild(Child):
    """A child that runs a line of Python, which may create the file `sign` once it is up."""

    def __init__(self, line: str, sign: Path | None = None, *, is_essential: bool = False) -> None:
        super().__init__("child", "unused", environment={}, is_essential=is_essential)
        self._line = [sys.executable, "-c", line, str(sign)]
        self.status: int | None = None

    def kill(self) -> None:
        process = self._process
        super().kill()
        if process is not None:
            self.status = process.returncode


class Database:
    """A fake of the embedded server, which stops the supervisor at the second join."""

    def __init__(self, refusal: str) -> None:
        self.joined, self.refusal = 0, refusal

    def join(self) -> None:
        self.joined += 1
        if self.joined == 2:
            stop()
        if self.refusal:
            raise Unavailable(self.refusal)


def stop(number: int = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


def supervise(
    *lines: str | Child,
    is_ready: Any = lambda: False,
    database: Any = None,
    until: str = "",
    times: int = 1,
) -> list[str]:
    """Supervise children until a message was reported `times` times; return all messages."""
    said: list[str] = []

    def report(sentence: str) -> None:
        said.append(sentence)
        if sentence == until and said.count(until) == times:
            stop()

    Supervisor(
        [AnyChild(line) if isinstance(line, str) else line for line in lines],
        database=database,
        report=report,
        is_ready=is_ready,
        greet=lambda: report("hello"),
    ).run()
    return said


def stopped(child: AnyChild, sign: Path, *, again_in: float = 0) -> int | None:
    """Supervise a child, stop it once it is up, optionally twice, and return its exit status."""

    def is_up() -> bool:
        is_there = sign.exists()
        if is_there and again_in:
            Timer(again_in, stop, [signal.SIGINT]).start()
        return is_there

    supervise(child, is_ready=is_up, until="hello")
    return child.status


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restart ended children without a pause."""
    monkeypatch.setattr(restarts, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(restarts, "LONGEST_PAUSE", 0.001)


def test_an_essential_child_that_cannot_start_ends_everything(hasty: None) -> None:
    with pytest.raises(CommandError) as refusal:
        supervise(SLEEPS, AnyChild(FAILS, is_essential=True))
    assert str(refusal.value) == "The child cannot start (exit code 3): the lines above say why."


def test_an_essential_child_that_dies_after_it_has_served_is_started_again(hasty: None) -> None:
    for line, how in ((FAILS, "exit code 3"), (KILLED, "killed by SIGKILL")):
        child, again = AnyChild(line, is_essential=True), AGAIN.format(how)
        told = supervise(child, is_ready=lambda: True, until=again, times=6)
        assert told == ["hello", *[again] * 6, "\nStopping …"]


def test_a_child_that_dies_of_every_start_ends_nothing_else(hasty: None) -> None:
    again = AGAIN.format("exit code 3")
    assert supervise(SLEEPS, FAILS, until=again, times=6) == [*[again] * 6, "\nStopping …"]


def test_a_child_that_cannot_start_is_retried(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("subprocess.Popen", fail)
    sentence = "The child cannot be started for now: Cannot allocate memory."
    assert supervise("", until=sentence, times=6) == [*[sentence] * 6, "\nStopping …"]


def test_pauses_grow_until_a_process_is_steady(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(restarts.time, "monotonic", lambda: now)
    process, pauses = Restarts("web worker", longest_after_kill=1.0), []
    for status in (3, 3, 3, 3, 3, 3, -9):
        process.note_start()
        process.note_death(status)
        since = now
        while not process.is_due:
            now += 0.25
        pauses.append(now - since)
    assert pauses == [0.5, 1, 2, 4, 8, 8, 1]
    process.note_start()
    now += restarts.QUICK - 1
    assert process.trouble == (
        "The web worker ended 7 times in a row (killed by SIGKILL) and is started again."
    )
    now += 1
    assert process.trouble == ""
    process.note_death(3)
    assert process.trouble == "The web worker ended (exit code 3) and is started again."


def test_children_are_told_which_of_them_keep_dying(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    line = f"import sys; open(sys.argv[1], 'w').write(input() + input()); {SLEEPS}"

    def has_heard() -> bool:
        return heard.exists() and bool(heard.read_text())

    supervise(AnyChild(line, heard), FAILS, is_ready=has_heard, until="hello")
    assert heard.read_text() == AGAIN.format("exit code 3")


def test_a_signal_ends_it_after_its_children() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` makes this process ignore SIGHUP, so restore the default.
        before = signal.signal(number, signal.SIG_DFL)
        try:
            assert supervise(SLEEPS, is_ready=partial(stop, number)) == ["\nStopping …"]
        finally:
            signal.signal(number, before)


def test_a_child_that_does_not_end_is_killed_at_once_after_a_second_signal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for sign, seconds, again_in in ((tmp_path / "one", 0.5, 0), (tmp_path / "two", 3600, 1.2)):
        monkeypatch.setattr(supervisor, "SECONDS_TO_END", seconds)
        child = AnyChild(STUBBORN, sign)
        assert stopped(child, sign, again_in=again_in) == -signal.SIGKILL


def test_one_ctrl_c_that_arrives_twice_is_one(tmp_path: Path) -> None:
    sign = tmp_path / "up"
    assert stopped(AnyChild(SLOW, sign), sign, again_in=0.2) == 7


def test_it_says_when_its_children_take_long_to_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_TO_SERVE", 0.1)
    late = "The web server is not ready yet: its page /readyz says why, once it answers."
    assert supervise(SLEEPS, until=late) == [late, "\nStopping …"]


def test_a_database_that_died_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_BETWEEN_LOOKS", 0.1)
    for refusal in ("", "No room."):
        told = supervise(SLEEPS, database=Database(refusal))
        assert told == [*filter(None, [refusal]), "\nStopping …"]
