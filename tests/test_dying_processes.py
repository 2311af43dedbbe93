"""Processes that keep dying do not stop the others, and /readyz names them (threat 61)."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.servers import ROOT, Server, free_port, pids, started
from tests.threads import Meanwhile, wait_until

# The duration in seconds: of the long tests, and of the rare ones that are run by name.
TURNS = [pytest.param(4, marks=pytest.mark.long), pytest.param(120, marks=pytest.mark.rare)]
SECONDS_TO_RECOVER = 30
SECONDS_TO_BE_NAMED = 60


class Caller(Meanwhile):
    """Repeatedly requests a page that needs the database, with a new connection each time."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.url = f"{server.url}/readyz"
        self.answered = self.cut_off = 0
        self.refused: list[str] = []
        self.reasons: set[str] = set()

    def step(self) -> None:
        self.is_over.wait(0.05)
        try:
            answer = requests.get(self.url, timeout=5)
        except requests.RequestException:
            # The worker that served the request was killed.
            self.cut_off += 1
            return
        if answer.status_code == 200:
            self.answered += 1
            self.reasons.add(answer.json().get("reason", ""))
        else:
            self.refused.append(answer.text)


def kill_newest(server: Server, child: str) -> bool:
    """Kill the process that started last; return whether there was one."""
    running = pids(server, child)
    if running:
        os.kill(max(running), signal.SIGKILL)
    return bool(running)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("dying") / "data"
    with started(data, "--no-demo", "--workers", "2") as server:
        yield server


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """A server that has to be healthy again after each test."""
    yield running
    assert running.process.poll() is None
    ready = f"{running.url}/readyz"
    wait_until(
        lambda: requests.get(ready, timeout=10).json() == {"status": "ok"}, SECONDS_TO_RECOVER
    )


@pytest.mark.parametrize("seconds", TURNS)
def test_a_background_worker_that_is_killed_at_every_start_leaves_the_rest_alone(
    server: Server, seconds: int
) -> None:
    kills, begun = 0, time.monotonic()
    sentence = "The background worker ended 3 times in a row (killed by SIGKILL) and is started"
    with Caller(server) as caller:

        def is_named() -> bool:
            return any(reason.startswith(sentence) for reason in list(caller.reasons))

        while (taken := time.monotonic() - begun) < seconds or not is_named():
            assert taken < seconds + SECONDS_TO_BE_NAMED, caller.reasons
            kills += kill_newest(server, "worker")
            time.sleep(0.1)
    assert kills >= 3
    assert (caller.cut_off, caller.refused) == (0, [])


@pytest.mark.parametrize("seconds", TURNS)
def test_a_web_worker_killed_often_leaves_the_others_alone(server: Server, seconds: int) -> None:
    first = pids(server, "granian")
    with Caller(server) as caller:
        for _ in range(seconds):
            assert kill_newest(server, "granian")
            time.sleep(1)
            wait_until(lambda: len(pids(server, "granian")) == 2)
    assert len(first & pids(server, "granian")) == 1, "the same one was hit every time"
    assert caller.answered > caller.cut_off * 5
    assert caller.refused == []
    assert any("web worker" in reason for reason in caller.reasons), caller.reasons


@pytest.mark.long
def test_a_request_that_comes_while_no_web_worker_lives_is_answered(server: Server) -> None:
    kill_all(pids(server, "granian"))
    assert requests.get(f"{server.url}/healthz", timeout=60).status_code == 200


@pytest.mark.long
def test_with_sockets_of_the_workers_own_it_is_refused(server: Server) -> None:
    """The negative control: granian's own behaviour on Linux, one socket per worker."""
    if sys.platform != "linux":
        pytest.skip("granian shares one socket elsewhere.")
    others, port = pids(server, "granian"), free_port()
    with web_server(server, "del web.WebServer._init_shared_socket", port):
        workers = wait_for_workers(server, others, 2)
        wait_until(lambda: is_listening(port), 60)
        kill_all(workers)
        # The system closes the sockets of dead workers at once; new workers start later.
        wait_until(lambda: not is_listening(port), 20)


@pytest.mark.long
def test_the_web_server_in_use_would_give_up_by_itself(server: Server) -> None:
    """The negative control: granian's own handling of dead workers."""
    others, restarting = pids(server, "granian"), "property(lambda _: True, lambda *_: None)"
    without = f"del web.WebServer._serve_loop; web.WebServer.respawn_failed_workers={restarting}"
    with web_server(server, without, free_port()) as process:
        for _ in range(2):
            workers = wait_for_workers(server, others, 2)
            os.kill(max(workers), signal.SIGKILL)
            others.add(max(workers))
        assert process.wait(20) == 1


@contextmanager
def web_server(server: Server, without: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a second web server with two workers, after a line of Python that removes a guard."""
    line = (
        "import multiprocessing; multiprocessing.set_start_method('spawn');"
        f"from config.server import web; {without}; web.serve('127.0.0.1', {port}, 2)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", line],
        cwd=ROOT, env=server.environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def kill_all(workers: set[int]) -> None:
    """Stop all processes before killing them, so that none answers after another one is dead."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in workers:
            os.kill(pid, number)
    while any(is_alive(pid) for pid in workers):
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return state.stdout.strip()[:1] not in ("", "Z")


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_for_workers(server: Server, others: set[int], count: int) -> set[int]:
    """Wait until the second web server has `count` processes, and return them."""
    wait_until(lambda: len(pids(server, "granian") - others) >= count, 20)
    return pids(server, "granian") - others
