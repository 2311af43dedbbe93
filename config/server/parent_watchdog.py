"""No server outlives the process that started it, by whatever death that died."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from threading import Thread

# How long a process may take over ending itself.
SECONDS_TO_END = 15


def end_with_supervisor(hear: Callable[[str], object] = lambda line: None) -> None:
    """End this process once its standard input closes, a pipe from the supervisor.

    The kernel closes it even after a kill -9. `hear` is called with each line that comes before.
    """

    def listen() -> None:
        with open(0, encoding="utf-8", closefd=False) as lines:
            for line in lines:
                hear(line.rstrip("\n"))

    _watch(listen)


def end_with_parent() -> None:
    """End this process with the one that it was spawned from by `multiprocessing`, if it was."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        _watch(parent.join)


def _watch(wait: Callable[[], object]) -> None:
    Thread(target=_end_after, args=(wait,), name="parent watchdog", daemon=True).start()


def _end_after(wait: Callable[[], object]) -> None:
    wait()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_END)
    os._exit(1)
