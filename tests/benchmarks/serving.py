"""Starts the measured servers: one granian process each, as `manage.py up` would start it."""

import http.client
import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import ROOT, free_port

SECONDS_TO_START = 90
OURS = "config.asgi:application"


def set_up(folder: str) -> None:
    """Join the embedded database in a folder, migrate it, and load Django."""
    os.environ |= {"REGULARS_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
    from config.database import embedded

    embedded(Path(folder)).join()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def token(port: int, path: str, client: dict[str, str]) -> str:
    """Request an access token from a server."""
    form = urllib.parse.urlencode({"grant_type": "client_credentials", **client})
    url = f"http://127.0.0.1:{port}{path}"
    request = urllib.request.Request(url, form.encode(), {"Host": "localhost"})
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access_token"])


@contextmanager
def serving(
    application: str, settings: str, *, interface: str = "wsgi", **environment: str
) -> Iterator[int]:
    """Serve an application with four threads in another process; yield its port."""
    port = free_port()
    if application == OURS:
        interface = "asginl"
    command = [sys.executable, "-m", "granian", "--interface", interface, "--no-ws"]
    command += ["--port", str(port), "--log-level", "error"]
    if interface == "wsgi":
        command += ["--blocking-threads", "4"]
    own = {"DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT), **environment}
    own |= {"REGULARS_THREADS": "4"}
    process = subprocess.Popen([*command, application], cwd=ROOT, env=os.environ | own)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise SystemExit("A server did not start.")


class Visitor:
    """A signed-in staff member of a server, on one persistent connection."""

    def __init__(self, port: int, session: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Host": "localhost", "Cookie": f"sessionid={session}"}

    def take(self, address: str) -> float:
        """Fetch a page; return its milliseconds. Raises SystemExit if the status is not 200."""
        started = time.perf_counter()
        self._connection.request("GET", address, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        taken = (time.perf_counter() - started) * 1000
        if answer.status != http.HTTPStatus.OK:
            where = answer.headers.get("Location", "")
            raise SystemExit(f"{address} answered {answer.status} {where}")
        return taken
