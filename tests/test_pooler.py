"""Behind a transaction pooler, responses are correct or the start is refused (threat 54)."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from config.database import embedded
from config.database.account import ACCOUNT_NAME
from tests.servers import Server, free_port, started

pytestmark = pytest.mark.long
POOLER = shutil.which("pgbouncer")
KEY = {"REGULARS_SECRET_KEY": "the same on both machines"}
REQUESTS, THREADS = 10_000, 40
SCOPES = "customers:read customers:write credits:read credits:write"


def version() -> tuple[int, ...]:
    told = subprocess.run([POOLER or "true", "--version"], capture_output=True, text=True)
    found = re.search(r"PgBouncer (\d+)\.(\d+)", told.stdout)
    return tuple(map(int, found.groups())) if found else (0,)


follows = pytest.mark.skipif(version() < (1, 21), reason="needs PgBouncer 1.21 or newer")


@pytest.fixture
def direct(tmp_path: Path) -> Iterator[Server]:
    with started(tmp_path / "data", "--no-demo", "--workers", "1", **KEY) as server:
        yield server


@contextmanager
def pooled(server: Server, folder: Path, **options: int) -> Iterator[dict[str, str]]:
    """Start a pooler with two sessions in front of a database; yield settings for a web server.

    The pooler refuses to run as root, so it runs with another account.
    """
    database, port = embedded(server.data, durable=False), free_port()
    (sockets,) = parse_qs(urlsplit(database.runtime_url).query)["host"]
    lines = {"listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": ""}
    lines |= {"auth_type": "any", "pool_mode": "transaction", "default_pool_size": 2}
    lines |= {"max_client_conn": 500, **options}
    settings = folder / "pooler.ini"
    settings.write_text(
        f"[databases]\nregulars = host={sockets} user=regulars\n[pgbouncer]\n"
        + "".join(f"{name} = {value}\n" for name, value in lines.items())
    )
    # The pooler's account needs access to its settings and to PostgreSQL's socket.
    temporary = Path(tempfile.gettempdir())
    for one in (settings, *settings.parents, Path(sockets), *Path(sockets).parents):
        if temporary in one.parents:
            one.chmod(one.stat().st_mode | 0o555)
    account = ["-u", ACCOUNT_NAME] if Path.home() == Path("/root") else []
    with subprocess.Popen([POOLER or "", "-q", *account, str(settings)]) as process:
        try:
            while not is_listening(port):
                assert process.poll() is None
                time.sleep(0.05)
            yield {
                "DATABASE_URL": f"postgresql://regulars@127.0.0.1:{port}/regulars",
                "DATABASE_OWNER_URL": database.owner_url,
                "REGULARS_THREADS": str(THREADS),
                **KEY,
            }
        finally:
            process.terminate()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def keys(server: Server) -> list[dict[str, str]]:
    """Create two companies with ten customers each; return the headers of an API key for each."""
    made = []
    for slug in ("one", "two"):
        server.run("create_company", slug, "--slug", slug)
        key = server.run("create_api_key", "--company", slug, "--name", "k", "--scopes", SCOPES)
        made.append({"X-API-Key": key["key"]})
        for number in range(10):
            body = {"first_name": slug, "email": f"{slug}{number}@mail.example"}
            sent = requests.post(f"{server.url}/v1/customers", json=body, headers=made[-1])
            assert sent.status_code == 201, sent.text
    return made


def customers(server: Server, headers: dict[str, str]) -> list[Any]:
    answer = requests.get(f"{server.url}/v1/customers?limit=1000", headers=headers)
    return list(answer.json()["data"])


@follows
def test_a_pooler_that_follows_prepared_statements_gives_the_same_answers(
    direct: Server, tmp_path: Path
) -> None:
    headers = keys(direct)
    own = [customers(direct, one) for one in headers]
    with pooled(direct, tmp_path, max_prepared_statements=200) as urls:
        server = Server(tmp_path / "pooled", "--no-demo", "--workers", "1", **urls)
        try:
            server.wait()
            threads, random = ThreadPoolExecutor(THREADS), Random(1)

            def ask(number: int) -> None:
                company, kind, session = number % 2, number // 2 % 10, requests.Session()
                one = random.choice(own[company])
                path = f"{server.url}/v1/customers"
                other = f"{path}/{random.choice(own[1 - company])['id']}"
                with session:
                    session.headers.update(headers[company])
                    if kind == 0:
                        body = {"first_name": f"n{number}", "email": f"n{number}@mail.example"}
                        made = session.post(path, json=body)
                        assert made.status_code == 201, made.text
                        assert made.json()["first_name"] == f"n{number}"
                    elif kind == 1:
                        assert session.get(other).status_code == 404
                    else:
                        assert session.get(f"{path}/{one['id']}").json() == one

            assert len([*threads.map(ask, range(REQUESTS))]) == REQUESTS
            for company, one in enumerate(headers):
                found = customers(server, one)
                assert found == customers(direct, one)
                made = {f"n{number}" for number in range(company, REQUESTS, 20)}
                assert made < {row["first_name"] for row in found}
        finally:
            server.stop()


@pytest.mark.skipif(version() == (0,), reason="needs PgBouncer")
def test_a_pooler_that_does_not_follow_prepared_statements_is_refused_at_start(
    direct: Server, tmp_path: Path
) -> None:
    options = {"max_prepared_statements": 0} if version() >= (1, 21) else {}
    with pooled(direct, tmp_path, **options) as urls:
        server = Server(tmp_path / "pooled", "--no-demo", "--workers", "1", **urls)
        assert server.process.wait(120) == 1
        assert "PgBouncer 1.21 or newer with max_prepared_statements" in server.log.read_text()
