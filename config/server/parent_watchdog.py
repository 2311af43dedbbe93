"""End this process when the process that started it ends, even after a kill -9."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from threading import Thread

# How long a process may take to end itself.
SECONDS_TO_END = 15


def end_with_supervisor(hear: Callable[[str], object] = lambda line: None) -> None:
    """End this process once its standard input closes, which is a pipe from the supervisor.

    The kernel closes the pipe even after a kill -9. `hear` is called with each line before that.
    """

    def listen() -> None:
        with open(0, encoding="utf-8", closefd=False) as lines:
            for line in lines:
                hear(line.rstrip("\n"))

    _watch(listen)


def end_with_parent() -> None:
    """End this process when its `multiprocessing` parent ends, if it has one."""
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
