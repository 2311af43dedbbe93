"""The web server as the supervisor starts it: `python -m config.server.web HOST PORT WORKERS`."""

import multiprocessing
import sys
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from config.server.entry import read_settings
from config.server.lifeline import SECONDS_TO_END, end_with_supervisor

LOG: dict[str, Any] = {
    "formatters": {
        "line": {"format": "{asctime} {levelname} web server: {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}


def serve(host: str, port: int, workers: int) -> None:
    """Serve until SIGINT or SIGTERM; each worker joins the database by importing config.wsgi."""
    Server(
        "config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=workers,
        blocking_threads=read_settings().THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_END - 5,
        log_level=LogLevels.error,
        log_dictconfig=LOG,
    ).serve()


if __name__ == "__main__":
    # A forked worker would share locks with the thread that watches our standard input.
    multiprocessing.set_start_method("spawn")
    end_with_supervisor()
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
