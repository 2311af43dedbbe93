"""A started server: `manage.py up` in another process, with its own data."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests

from config.database import embedded

from .template import prepare_template

ROOT = Path(__file__).parent.parent
STARTS_WITHIN = 240
CHILDREN = {"web": "config.server.web", "worker": "config.server.work", "granian": "spawn_main"}

RUN_ALL = """
from io import StringIO
from django.core.management import call_command
answers = []
for words in {commands}:
    call_command(*words, "--json", stdout=(answer := StringIO()))
    answers.append(answer.getvalue())
print("[" + ",".join(answers) + "]")
"""


class Server:
    """A started server: its URL, its data folder and its log."""

    def __init__(
        self, data: Path, *options: str, settings: str = "config.settings", **variables: str
    ) -> None:
        self.data, self.port, self.settings = data, free_port(), settings
        self.variables = variables
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*_manage("up"), "--port", str(self.port), *options],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        ours = {"DJANGO_SETTINGS_MODULE": self.settings}
        return environment(self.data) | self.variables | ours

    def wait(self, path: str = "/readyz") -> None:
        """Wait until a GET of `path` succeeds; on a timeout raises AssertionError with the log."""
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}{path}", timeout=2).ok:
                    return
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.05)
        raise AssertionError(f"It did not start:\n{self.log.read_text()}")

    def run(self, verb: str, *arguments: str) -> dict[str, Any]:
        """Run a management command on the same data and return its JSON output."""
        done = self.try_to(verb, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run_all(self, *commands: tuple[str, ...]) -> list[dict[str, Any]]:
        """Run management commands in one process, which starts more slowly than the commands run.

        Returns the JSON output of each command.
        """
        done = subprocess.run(
            [*_manage("shell"), "--no-imports", "--command", RUN_ALL.format(commands=commands)],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def try_to(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command on the same data and return the completed process."""
        return subprocess.run(
            [*_manage(verb), *arguments, "--json"],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def owner(self, **options: Any) -> psycopg.Connection[Any]:
        """Connect to the server's database as the owner of the schema."""
        return psycopg.connect(embedded(self.data).owner_url, **options)

    def stop(self) -> int:
        """Stop the server as Ctrl-C does, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


@contextmanager
def started(
    data: Path, *options: str, is_empty: bool = False, path: str = "/readyz", **settings: str
) -> Iterator[Server]:
    """Start a server, wait until it is ready, and stop it at the end of the block.

    A new data folder gets a migrated database, because migrations take most of a first start. With
    `is_empty` the server runs the migrations itself.
    """
    if not is_empty and not data.exists():
        database = embedded(data, durable=False)
        database.join()
        prepare_template(database)
        database.leave()
    server = Server(data, *options, **settings)
    try:
        server.wait(path)
        yield server
    finally:
        server.stop()


def processes(server: Server) -> dict[int, str]:
    """Return the command lines of a server's live processes by id, without those of PostgreSQL."""
    listing = ["ps", "-A", "-E"] if sys.platform == "darwin" else ["ps", "axeww"]
    done = subprocess.run(
        [*listing, "-o", "pid=,stat=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in done.stdout.splitlines()]
    return {
        int(row[0]): row[2]
        for row in rows
        if len(row) == 3 and f"REGULARS_DATA={server.data}" in row[2] and row[1][0] != "Z"
    }


def pids(server: Server, child: str) -> set[int]:
    return {pid for pid, line in processes(server).items() if CHILDREN[child] in line}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _manage(verb: str) -> list[str]:
    return [sys.executable, "manage.py", verb]


def environment(data: Path) -> dict[str, str]:
    """Return this environment without the variables of the tests' own database."""
    kept = {name: value for name, value in os.environ.items() if not re.match("REGULARS_", name)}
    return {**kept, "REGULARS_DATA": str(data), "REGULARS_THROWAWAY": "1"}
