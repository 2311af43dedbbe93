"""`manage.py up`, started for real: what it prints, serves, survives and leaves behind."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.servers import ROOT, Server, environment, free_port, pids, processes, started


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A first start, with the demo company."""
    data = tmp_path_factory.mktemp("up") / "data"
    with started(data, "--workers", "2", is_empty=True) as running:
        assert eventually(lambda: "Ctrl-C stops it." in running.log.read_text())
        yield running


def eventually(is_so: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until something is so; returns whether it came to be."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_gone(server: Server) -> bool:
    """Whether nothing of a server lives, PostgreSQL (whose processes hold a lock) included."""
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
    except requests.ConnectionError:
        return False


def printed(log: str, name: str) -> str:
    """Return what stands behind a name in what was printed."""
    return re.findall(rf"^  {name} +(\S+)$", log, re.MULTILINE)[0]


def get_token(server: Server, log: str) -> requests.Response:
    secret = {
        "client_id": printed(log, "client id"),
        "client_secret": printed(log, "client secret"),
    }
    return requests.post(f"{server.url}/token", json=secret, timeout=10)


def test_a_first_start_serves_and_says_where(server: Server) -> None:
    base = f"http://localhost:{server.port}"
    log = server.log.read_text()
    assert printed(log, "Admin") == f"{base}/admin/"
    assert printed(log, "API") == f"{base}/"
    assert printed(log, "Documentation") == f"{base}/docs/"
    for path in ("/healthz", "/readyz", "/admin/login/", "/docs/", "/openapi.json"):
        assert requests.get(f"{server.url}{path}", timeout=10).status_code == 200, path


def test_a_first_start_prints_nothing_but_what_it_should(server: Server) -> None:
    start = server.log.read_text().partition("Database")[0].splitlines()
    assert start[0] == "Regulars 0.1.0 is starting …"
    assert not [line for line in start if re.search("warning|error|Traceback", line, re.I)]


def test_the_printed_login_opens_the_admin(server: Server) -> None:
    log = server.log.read_text()
    with requests.Session() as browser:
        login = f"{server.url}/admin/login/?next=/admin/"
        browser.get(login, timeout=10)
        answer = browser.post(
            login,
            data={
                "username": printed(log, "e-mail"),
                "password": printed(log, "password"),
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            },
            headers={"Referer": login},
            timeout=20,
        )
    assert (answer.status_code, answer.url) == (200, f"{server.url}/admin/")


def test_the_printed_curl_lines_work_as_they_stand(server: Server) -> None:
    lines = re.findall(r"^  TOKEN=.*?^  curl .*?$", server.log.read_text(), re.M | re.S)
    done = subprocess.run(["sh", "-c", lines[0]], capture_output=True, text=True, check=True)
    assert '"Zoë"' in done.stdout


def test_a_new_customer_is_written_to_by_the_background_worker(server: Server) -> None:
    token = get_token(server, server.log.read_text()).json()["access_token"]
    answer = requests.post(
        f"{server.url}/v1/customers",
        json={"first_name": "Ann", "last_name": "New", "email": "ann@new.example"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 201
    assert eventually(lambda: "To: ann@new.example" in server.log.read_text(), 10)


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


def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = up("--port", str(port), "--data-dir", str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Port {port} is in use: stop what uses it, or choose another with --port.\n"
    )
    assert not (tmp_path / "data" / "postgres").exists()


def test_ctrl_c_stops_all_a_second_start_keeps_all_and_a_kill_leaves_nothing(
    tmp_path: Path,
) -> None:
    with started(tmp_path / "data", "--workers", "1") as first:
        assert len(processes(first)) >= 4
        assert first.stop() == 0
        assert eventually(lambda: is_gone(first), 20)
    first_log = first.log.read_text()
    assert first_log.endswith("\nStopping …\nStopped.\n")
    with started(tmp_path / "data", "--workers", "1") as second:
        log = second.log.read_text()
        assert "password" not in log
        assert "secret" not in log
        assert get_token(second, first_log).status_code == 200
        second.process.kill()
        assert eventually(lambda: is_gone(second), 20)


def test_terminating_it_while_it_starts_is_clean(tmp_path: Path) -> None:
    server = Server(tmp_path / "elsewhere", "--data-dir", str(tmp_path / "data"))
    server.data = tmp_path / "data"
    assert eventually(lambda: "is starting" in server.log.read_text())
    server.process.terminate()
    assert server.process.wait(30) == 128 + signal.SIGTERM
    assert eventually(lambda: is_gone(server), 20)
    assert not (tmp_path / "elsewhere").exists()
    assert server.log.read_text() == "Regulars 0.1.0 is starting …\n"


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = up("--data-dir", str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The data folder {tmp_path}/file cannot be used: File exists. Choose another one.\n"
    )


def up(*options: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "manage.py", "up", "--port", str(free_port()), *options]
    return subprocess.run(
        line, cwd=ROOT, env=environment(ROOT / "var"), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
