"""Threads that work during a block, and waiting for a condition."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self


class Meanwhile(ABC, threading.Thread):
    """A thread that works during a `with` block."""

    def __init__(self) -> None:
        super().__init__()
        self.is_over = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.is_over.set()
        self.join(60)
        assert not self.is_alive(), "It does not end."

    def run(self) -> None:
        """Repeat the step until the block ends."""
        while not self.is_over.is_set():
            self.step()

    @abstractmethod
    def step(self) -> None:
        """Do one step of the work."""


def wait_until(is_so: Callable[[], Any], seconds: float = 90) -> None:
    """Wait until a condition holds; raises AssertionError after `seconds`."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not is_so():
        assert time.monotonic() < until, "It did not happen in time."
        pause.wait(0.05)
