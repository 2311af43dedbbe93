"""The lifecycle of the embedded server: processes start it, share it and stop it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from config.database import EmbeddedServer, embedded
from config.database.account import Account

# The forked children start no threads and end at once by os._exit.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

ROOT = Path(__file__).parents[2]
USE_THE_SERVER = """
import os, sys, time
from pathlib import Path
from config.database import embedded

server = embedded(Path(sys.argv[1]), durable=False)
server.join()
if "forking" in sys.argv and os.fork() == 0:
    time.sleep(60)
print("joined", flush=True)
sys.stdin.read()
"""


class User:
    """Another process that joins the server, and leaves it at exit."""

    def __init__(self, data: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE_THE_SERVER, str(data), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )

    def has_joined(self) -> bool:
        assert self.process.stdout
        return self.process.stdout.readline() == "joined\n"

    def leave(self) -> None:
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Kill the process and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


Start = Callable[..., User]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "var"


@pytest.fixture
def data(made_once: Path, request: pytest.FixtureRequest) -> Path:
    """The data folder of a stopped server.

    Creating a database takes a second, so tests reuse the folder, except tests of the first start.
    """
    if getattr(request, "param", ""):
        shutil.rmtree(made_once, ignore_errors=True)
    return made_once


first_start = pytest.mark.parametrize("data", ["first start"], indirect=True)


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedServer]:
    server = embedded(data, durable=False)
    yield server
    # If the test killed the last user, the server still runs; joining and leaving stops it.
    server.join()
    server.leave()


@pytest.fixture
def another_user(data: Path, server: EmbeddedServer) -> Iterator[Start]:
    users: list[User] = []

    def start(*words: str) -> User:
        users.append(User(data, *words))
        return users[-1]

    yield start
    for user in users:
        user.end()


def answers(server: EmbeddedServer) -> bool:
    try:
        psycopg.connect(server.runtime_url).close()
    except psycopg.OperationalError:
        return False
    return True


def run_sql(server: EmbeddedServer, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.owner_url) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


def server_pid(data: Path) -> int:
    return int((data / "postgres/postmaster.pid").read_text().split()[0])


def test_describing_a_server_starts_nothing(tmp_path: Path) -> None:
    embedded(tmp_path / "var")
    assert not (tmp_path / "var").exists()


def test_joining_starts_the_server_and_leaving_stops_it(data: Path, server: EmbeddedServer) -> None:
    server.join()
    server.join()
    assert answers(server)
    assert data.stat().st_mode & 0o777 == 0o700
    assert os.getsid(server_pid(data)) != os.getsid(0), "Ctrl-C would reach the server"
    run_sql(server, "CREATE TABLE written AS SELECT 'Zoë' AS name")
    server.leave()
    server.leave()
    assert not answers(server)
    server.join()
    assert run_sql(server, "SELECT name FROM written") == [("Zoë",)]


def test_whoever_leaves_last_stops_the_server(server: EmbeddedServer, another_user: Start) -> None:
    server.join()
    other = another_user()
    assert other.has_joined()
    server.leave()
    assert answers(server)
    other.leave()
    assert not answers(server)


def test_killed_users_take_nobodys_server_and_leave_it_to_the_next(
    data: Path, server: EmbeddedServer, another_user: Start
) -> None:
    killed, last = another_user(), another_user()
    assert killed.has_joined()
    assert last.has_joined()
    orphan = server_pid(data)
    killed.kill()
    assert answers(server)
    last.kill()
    server.join()
    assert server_pid(data) == orphan
    server.leave()
    assert not answers(server), "a dead user kept the server alive"


@first_start
def test_two_first_joins_at_once_both_succeed(server: EmbeddedServer, another_user: Start) -> None:
    first, second = another_user(), another_user()
    assert first.has_joined()
    assert second.has_joined()
    first.leave()
    assert answers(server)
    second.leave()
    assert not answers(server)


def test_a_forked_child_has_a_share_of_its_own(server: EmbeddedServer, another_user: Start) -> None:
    server.join()
    child = os.fork()
    if child == 0:
        server.leave()
        still = answers(server)
        server.join()
        server.leave()
        os._exit(0 if still and answers(server) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    passing = another_user()
    assert passing.has_joined()
    passing.leave()
    assert answers(server), "our share was lost with the child"
    server.leave()
    assert not answers(server)


def test_a_fork_keeps_no_share_of_its_parent(server: EmbeddedServer, another_user: Start) -> None:
    parent = another_user("forking")
    assert parent.has_joined()
    parent.kill()
    server.join()
    server.leave()
    assert not answers(server)


def test_a_killed_server_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    data = tmp_path / "var"
    server = embedded(data)
    server.join()
    run_sql(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    os.kill(server_pid(data), signal.SIGKILL)
    server.join()
    assert run_sql(server, "SELECT count(*) FROM kept") == [(1000,)]
    server.leave()
    assert not answers(server)


def test_a_process_with_a_dead_servers_number_is_spared(data: Path, server: EmbeddedServer) -> None:
    server.join()
    papers = data / "postgres/postmaster.pid"
    text = papers.read_text()
    account = Account(papers.stat().st_uid, papers.stat().st_gid)
    server.leave()
    with subprocess.Popen(["sleep", "60"], **account.identity) as innocent:
        papers.write_text(text.replace(text.split()[0], str(innocent.pid), 1))
        os.chown(papers, account.uid, account.gid)
        server.join()
        server.leave()
        assert innocent.poll() is None
        innocent.kill()


@first_start
def test_a_killed_start_is_redone(data: Path, server: EmbeddedServer, another_user: Start) -> None:
    killed, half_made = another_user(), data / "postgres.new"
    while not (half_made / "base").exists():
        time.sleep(0.002)
    killed.kill()
    assert not (data / "postgres").exists()
    server.join()
    assert answers(server)
    assert not half_made.exists()
