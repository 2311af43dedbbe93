"""The life of the embedded server: who starts it, who keeps it, who stops it."""

from __future__ import annotations

import os
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

# The children that are forked here start no threads and end at once, in os._exit.
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
    """Another process that joins, and leaves at exit."""

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
        """Kill it with whatever it forked."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = embedded(tmp_path / "var", durable=False)
    yield server
    # Whoever was killed in a test left its server to the next user, and that is us.
    server.join()
    server.leave()


@pytest.fixture
def another_user(tmp_path: Path, server: EmbeddedServer) -> Iterator[Callable[..., User]]:
    users: list[User] = []

    def start(*words: str) -> User:
        users.append(User(tmp_path / "var", *words))
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


def server_pid(tmp_path: Path) -> int:
    return int((tmp_path / "var/postgres/postmaster.pid").read_text().split()[0])


def test_describing_a_server_starts_nothing(tmp_path: Path) -> None:
    embedded(tmp_path / "var")
    assert not (tmp_path / "var").exists()


def test_joining_starts_the_server_and_leaving_stops_it(
    tmp_path: Path, server: EmbeddedServer
) -> None:
    server.join()
    server.join()
    assert answers(server)
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    assert os.getsid(server_pid(tmp_path)) != os.getsid(0), "Ctrl-C would reach the server"
    server.leave()
    server.leave()
    assert not answers(server)


def test_what_was_written_is_there_after_a_restart(server: EmbeddedServer) -> None:
    server.join()
    run_sql(server, "CREATE TABLE kept AS SELECT 'Zoë' AS name")
    server.leave()
    server.join()
    assert run_sql(server, "SELECT name FROM kept") == [("Zoë",)]


def test_whoever_leaves_last_stops_the_server(
    server: EmbeddedServer, another_user: Callable[..., User]
) -> None:
    server.join()
    other = another_user()
    assert other.has_joined()
    server.leave()
    assert answers(server)
    other.leave()
    assert not answers(server)


def test_a_killed_user_does_not_take_the_server_from_others(
    server: EmbeddedServer, another_user: Callable[..., User]
) -> None:
    killed = another_user()
    assert killed.has_joined()
    server.join()
    killed.kill()
    assert answers(server)
    server.leave()
    assert not answers(server), "the dead user kept the server alive"


def test_a_server_whose_users_were_all_killed_is_found_and_then_stopped(
    tmp_path: Path, server: EmbeddedServer, another_user: Callable[..., User]
) -> None:
    killed = another_user()
    assert killed.has_joined()
    killed.kill()
    orphan = server_pid(tmp_path)
    server.join()
    assert server_pid(tmp_path) == orphan
    server.leave()
    assert not answers(server)


def test_two_first_joins_at_the_same_moment_both_succeed(
    server: EmbeddedServer, another_user: Callable[..., User]
) -> None:
    first, second = another_user(), another_user()
    assert first.has_joined()
    assert second.has_joined()
    first.leave()
    assert answers(server)
    second.leave()
    assert not answers(server)


def test_a_forked_child_neither_stops_the_server_nor_drops_our_share(
    server: EmbeddedServer, another_user: Callable[..., User]
) -> None:
    server.join()
    child = os.fork()
    if child == 0:
        server.leave()
        os._exit(0)
    os.waitpid(child, 0)
    passing = another_user()
    assert passing.has_joined()
    passing.leave()
    assert answers(server), "our share was lost with the child"


def test_a_forked_child_does_not_keep_the_share_of_a_killed_parent(
    server: EmbeddedServer, another_user: Callable[..., User]
) -> None:
    parent = another_user("forking")
    assert parent.has_joined()
    parent.kill()
    server.join()
    server.leave()
    assert not answers(server)


def test_a_forked_child_can_join_for_itself(server: EmbeddedServer) -> None:
    server.join()
    child = os.fork()
    if child == 0:
        server.join()
        server.leave()
        os._exit(0 if answers(server) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    server.leave()
    assert not answers(server)


def test_a_killed_server_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    server = embedded(tmp_path / "var")
    server.join()
    run_sql(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    os.kill(server_pid(tmp_path), signal.SIGKILL)
    server.join()
    assert run_sql(server, "SELECT count(*) FROM kept") == [(1000,)]
    server.leave()
    assert not answers(server)


def test_a_dead_servers_number_that_another_process_got_does_no_harm(
    tmp_path: Path, server: EmbeddedServer
) -> None:
    server.join()
    papers = tmp_path / "var/postgres/postmaster.pid"
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


def test_an_interrupted_first_start_is_cleaned_and_done_again(
    tmp_path: Path, server: EmbeddedServer, another_user: Callable[..., User]
) -> None:
    killed, half_made = another_user(), tmp_path / "var/postgres.new"
    while not (half_made / "base").exists():
        time.sleep(0.002)
    killed.kill()
    assert not (tmp_path / "var/postgres").exists()
    server.join()
    assert answers(server)
    assert not half_made.exists()
