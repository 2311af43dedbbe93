"""`manage.py up` as a process: its output, its answers, restarts, and what it leaves behind."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from config.server.prepare import mail_warning
from tests.servers import ROOT, Server, environment, free_port, pids, processes, started


@pytest.fixture(scope="session")
def first_starts() -> Iterator[tuple[ExitStack, list[Server]]]:
    with ExitStack() as stack:
        yield stack, []


@pytest.fixture
def server(first_starts: Any, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server after its first start, with the demo company; a new one if it was stopped."""
    stack, servers = first_starts
    if not servers or servers[-1].process.poll() is not None:
        data = tmp_path_factory.mktemp("up") / "data"
        servers.append(stack.enter_context(started(data, "--workers", "2", is_empty=True)))
        log = servers[-1].log
        assert eventually(lambda: "Ctrl-C stops it." in log.read_text())
    return servers[-1]


def eventually(is_so: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until a condition holds; return whether it does."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_gone(server: Server) -> bool:
    """Whether no process of a server is left, including PostgreSQL, whose processes hold a lock."""
    if not (server.data / "locks").exists():
        return not processes(server)
    with (server.data / "locks" / "server").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return not processes(server)


def is_ready(server: Server) -> bool:
    try:
        return requests.get(f"{server.url}/readyz", timeout=5).json() == {"status": "ok"}
    except requests.RequestException:
        return False


def printed(log: str, name: str) -> str:
    """Return the printed value after a name."""
    return re.findall(rf"^  {name} +(\S+)$", log, re.MULTILINE)[0]


def get_token(server: Server, log: str) -> requests.Response:
    secret = {name: printed(log, name.replace("_", " ")) for name in ("client_id", "client_secret")}
    return requests.post(f"{server.url}/token", json=secret, timeout=10)


def test_a_first_start_says_where_it_serves_and_nothing_but_what_it_should(server: Server) -> None:
    base = f"http://localhost:{server.port}"
    log = server.log.read_text()
    start = log.partition("Database")[0].splitlines()
    assert start[0] == "Regulars 0.1.0 is starting …"
    assert not [line for line in start if re.search("warning|error|Traceback", line, re.I)]
    assert printed(log, "Back-office") == f"{base}/admin/"
    assert printed(log, "API guide") == f"{base}/docs/"
    for path in ("/healthz", "/readyz", "/admin/login/", "/docs/", "/openapi.json"):
        assert requests.get(f"{server.url}{path}", timeout=10).status_code == 200, path


def test_the_printed_login_token_and_curl_lines_work_as_they_stand(server: Server) -> None:
    log = server.log.read_text()
    with requests.Session() as browser:
        login = f"{server.url}/admin/login/?next=/admin/"
        browser.get(login, timeout=10)
        fields = {"username": printed(log, "e-mail"), "password": printed(log, "password")}
        fields["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        answer = browser.post(login, data=fields, headers={"Referer": login}, timeout=20)
    assert (answer.status_code, answer.url) == (200, f"{server.url}/admin/")
    lines = re.findall(r"^  TOKEN=.*?^  curl .*?$", log, re.M | re.S)
    done = subprocess.run(["sh", "-c", lines[0]], capture_output=True, text=True, check=True)
    assert '"Zoë"' in done.stdout
    ann = {"first_name": "Ann", "last_name": "New", "email": "ann@new.example"}
    token = {"Authorization": f"Bearer {get_token(server, log).json()['access_token']}"}
    made = requests.post(f"{server.url}/v1/customers", json=ann, headers=token, timeout=10)
    assert made.status_code == 201
    assert eventually(lambda: "To: ann@new.example" in server.log.read_text(), 10), (
        "the background worker writes to her"
    )


def test_children_that_are_killed_are_started_again(server: Server) -> None:
    old = pids(server, "worker") | {min(pids(server, "granian"))}
    (web,) = pids(server, "web")
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: len(pids(server, "granian") - old) == 2)
    assert eventually(lambda: len(pids(server, "worker") - old) == 1)
    assert pids(server, "web") == {web}
    orphans = pids(server, "granian")
    os.kill(web, signal.SIGKILL)
    assert eventually(lambda: len(pids(server, "web") - {web}) == 1)
    assert eventually(lambda: is_ready(server))
    assert not orphans & pids(server, "granian"), "a worker outlived its server"
    log = server.log.read_text()
    assert "The background worker ended (killed by SIGKILL) and is started again.\n" in log
    assert "The web server ended (killed by SIGKILL) and is started again.\n" in log


def test_a_port_in_use_or_an_unusable_folder_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for options, sentence in (
            (
                ("--port", str(port), "--data-dir", str(tmp_path / "data")),
                f"Port {port} is in use: stop what uses it, or choose another with --port.\n",
            ),
            (
                ("--data-dir", str(tmp_path / "file")),
                f"The data folder {tmp_path}/file cannot be used: File exists."
                " Choose another one.\n",
            ),
        ):
            done = up(*options)
            assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
    assert not (tmp_path / "data" / "postgres").exists()


def test_ctrl_c_stops_all_a_new_start_keeps_all_and_a_kill_leaves_nothing(server: Server) -> None:
    assert len(processes(server)) >= 4
    assert server.stop() == 0
    assert eventually(lambda: is_gone(server), 20)
    first_log = server.log.read_text()
    assert first_log.endswith("\nStopping …\nStopped.\n")
    with started(server.data, "--workers", "1") as second:
        log = second.log.read_text()
        assert "password" not in log
        assert "secret" not in log
        assert get_token(second, first_log).status_code == 200
        second.process.kill()
        assert eventually(lambda: is_gone(second), 20)


@pytest.mark.long
def test_signals_that_come_together_stop_it_without_a_word_of_threads(tmp_path: Path) -> None:
    """Without `_end_at_once` a thread of the web server panics in about two of five stops."""
    for _ in range(5):
        with started(tmp_path / "data", "--no-demo", "--workers", "2") as server:
            assert eventually(lambda: "Ctrl-C stops it." in server.log.read_text())
            for number in (signal.SIGINT, signal.SIGTERM):
                for pid in pids(server, "web") | pids(server, "granian"):
                    # The first signal may have ended the process already.
                    with suppress(ProcessLookupError):
                        os.kill(pid, number)
                server.process.send_signal(number)
            assert server.process.wait(60) == 0
        log = server.log.read_text().partition("Database")[2]
        assert log.partition("\n")[2].strip() == "Stopping …\nStopped."


def test_terminating_it_while_it_starts_is_clean(tmp_path: Path) -> None:
    server = Server(tmp_path / "elsewhere", "--data-dir", str(tmp_path / "data"))
    server.data = tmp_path / "data"
    assert eventually(lambda: "is starting" in server.log.read_text())
    server.process.terminate()
    assert server.process.wait(30) == 128 + signal.SIGTERM
    assert eventually(lambda: is_gone(server), 20)
    assert not (tmp_path / "elsewhere").exists()
    assert server.log.read_text() == "Regulars 0.1.0 is starting …\n"


def test_a_public_server_that_only_logs_its_mail_says_so(settings: Any) -> None:
    public, local = "https://crm.example", "http://localhost:8000"
    cases = ((public, "console", True), (public, "smtp", False), (local, "console", False))
    for url, kind, warns in cases:
        backend = f"django.core.mail.backends.{kind}.EmailBackend"
        settings.PUBLIC_URL, settings.MAILERS = url, {"default": {"BACKEND": backend}}
        assert ("REGULARS_EMAIL_URL" in mail_warning()) is warns, (url, kind)


def up(*options: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "manage.py", "up", "--port", str(free_port()), *options]
    return subprocess.run(
        line, cwd=ROOT, env=environment(ROOT / "var"), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
