"""The web server as the supervisor starts it: `python -m config.server.web HOST PORT WORKERS`."""

import atexit
import multiprocessing
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketSpec
from granian.server.mp import MPServer

from config.server import condition
from config.server.condition import Condition
from config.server.entry import read_settings
from config.server.parent_watchdog import SECONDS_TO_END, end_with_supervisor
from config.server.restarts import Restarts

LOG: dict[str, Any] = {
    "formatters": {"line": {"()": "config.card_numbers.MaskingFormatter", "source": "web server"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}
BEAT = 0.1
# How many clients may be connected to a worker; others wait until they are accepted.
CONNECTIONS = 4096
# Short, so that a killed web worker is back before the next of a series of kills.
LONGEST_AFTER_KILL = 0.5
MOST_FAILED_STARTS = 5


class WebServer(MPServer):
    """granian's server, which restarts its workers however often they die.

    granian itself ends when a worker dies within 5.5 seconds of its last start. This server ends
    only if no worker has ever served.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.condition = Condition()
        self.heard = ""
        self._restarts = [
            Restarts(f"web worker {number}", longest_after_kill=LONGEST_AFTER_KILL)
            for number in range(1, self.workers + 1)
        ]

    def hear(self, line: str) -> None:
        """Receive from the supervisor which other processes keep dying."""
        self.heard = line

    def _init_shared_socket(self) -> None:
        """Hold the socket that all workers listen on.

        While no worker runs, connections wait in its queue. On Linux granian gives each worker its
        own socket, so connections would be refused.
        """
        holder: Any = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._shd, self._sfd = holder, holder.get_fd()
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; raises SystemExit if no worker can start."""
        self.serve(target_loader=partial(load, self.condition), wrap_loader=False)

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        for worker in self._restarts:
            worker.note_start()
        has_served = False
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait(BEAT)
            self.main_loop_interrupt.clear()
            has_served = has_served or any(worker.is_steady for worker in self._restarts)
            while self.interrupt_children:
                index = self.interrupt_children.pop()
                self._restarts[index].note_death(self.wrks[index].inner.exitcode or 0)
            failed = sum(worker.failed_starts for worker in self._restarts)
            if failed >= MOST_FAILED_STARTS and not has_served:
                # This makes granian exit with code 1.
                self.interrupt_children.append(0)
                return
            for index, worker in enumerate(self._restarts):
                if worker.is_due:
                    worker.note_start()
                    self._respawn_workers([index], spawn_target, target_loader)
            troubles = [self.heard, *(worker.trouble for worker in self._restarts)]
            self.condition.write(" ".join(filter(None, troubles)))


def load(shared: Condition) -> Any:
    """Join the database in a worker, and return the application."""
    # Ctrl-C reaches the whole group, but the parent ends its workers by SIGTERM.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    condition.follow(shared)
    has_loaded: list[bool] = []
    # Registered first, so it is called last, after the database is left.
    atexit.register(_end_at_once, has_loaded)
    application = import_module("config.asgi").application
    has_loaded.append(True)
    return application


def _end_at_once(has_loaded: list[bool]) -> None:
    """End a worker that has served, without shutting Python down.

    granian's threads are still running, and a thread that calls Python during the shutdown panics.
    """
    if has_loaded:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def serve(host: str, port: int, workers: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    _allow_open_files(CONNECTIONS + 256)
    server = WebServer(
        "config.asgi:application",
        address=host,
        port=port,
        # With RSGI, granian buffers streams without a limit; with ASGI, it waits for the client.
        interface=Interfaces.ASGINL,
        # Detecting HTTP/2 would wait for the first bytes of a connection without a timeout.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=read_settings().CLIENT_SECONDS * 1000),
        backpressure=CONNECTIONS,
        websockets=False,
        workers=workers,
        workers_kill_timeout=SECONDS_TO_END - 5,
        log_level=LogLevels.error,
        log_dictconfig=LOG,
    )
    end_with_supervisor(server.hear)
    server.run()


def _allow_open_files(count: int) -> None:
    """Raise the limit of open files, which is often 1,024, as far as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    # A forked worker would share locks with the thread that watches our standard input.
    multiprocessing.set_start_method("spawn")
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
