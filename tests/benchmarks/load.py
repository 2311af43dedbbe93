"""Send load to the measured servers: with wrk if it is installed, or else with our own client."""

import http.client
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import NamedTuple

from .report import share

CONNECTIONS = 8


@dataclass(frozen=True)
class Requests:
    """Requests that are sent in turn; if `keyed`, each gets its own Idempotency-Key.

    `bodies` has one body for all paths, or one body for each path.
    """

    paths: list[str]
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)
    keyed: bool = False


class Load(NamedTuple):
    """The result of a load: requests a second, and the 99th percentile in milliseconds."""

    rate: float
    p99: float


def send(port: int, requests: Requests, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Send requests for `seconds`; raises SystemExit if a response is not successful."""
    if shutil.which("wrk"):
        return _by_wrk(port, requests, seconds, connections)
    return _by_threads(port, requests, seconds, connections)


LUA = """
local paths, method, headers, bodies, mark = {%s}, %s, {%s}, {%s}, %s
local count = 0
function request()
  count = count + 1
  if mark then headers["Idempotency-Key"] = mark .. count end
  local body = bodies[count %% math.max(#bodies, 1) + 1]
  return wrk.format(method, paths[count %% #paths + 1], headers, body)
end
"""


def _by_wrk(port: int, requests: Requests, seconds: float, connections: int) -> Load:
    headers = [f"[{json.dumps(k)}]={json.dumps(v)}" for k, v in _headers(requests).items()]
    script = LUA % (
        ",".join(map(json.dumps, requests.paths)),
        json.dumps(requests.method),
        ",".join(headers),
        ",".join(map(json.dumps, requests.bodies)),
        json.dumps(uuid.uuid4().hex) if requests.keyed else "nil",
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency"]
        command += ["--timeout", "60s", "-s", file.name, f"http://127.0.0.1:{port}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{requests.method} {requests.paths[0]} on {port} failed:\n{told}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    assert rate
    assert p99
    return Load(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])


def _headers(requests: Requests) -> dict[str, str]:
    is_json = bool(requests.bodies) and "Content-Type" not in requests.headers
    return {
        "Host": "localhost",
        **({"Content-Type": "application/json"} if is_json else {}),
        **requests.headers,
    }


def _by_threads(port: int, requests: Requests, seconds: float, connections: int) -> Load:
    answers = ask(port, requests, seconds, connections)
    if bad := {status for status, _ in answers if status >= 300}:
        raise SystemExit(f"{requests.method} {requests.paths[0]} on {port} answered {bad}")
    return Load(len(answers) / seconds, share([taken for _, taken in answers], 0.99))


def ask(
    port: int, requests: Requests, seconds: float, connections: int = CONNECTIONS, *,
    rate: float = 0, stopped: threading.Event | None = None,
) -> list[tuple[int, float]]:  # fmt: skip
    """Send requests over several connections; return the status and milliseconds of each response.

    With `rate`, each request is sent when it is due, and its time counts from that moment.
    """
    numbers, begun = itertools.count(), time.monotonic()
    answers: list[tuple[int, float]] = []

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mark, own = uuid.uuid4().hex, _headers(requests)
        while not (stopped and stopped.is_set()):
            number = next(numbers)
            due = begun + number / rate if rate else time.monotonic()
            if due >= begun + seconds:
                return
            time.sleep(max(due - time.monotonic(), 0))
            key = {"Idempotency-Key": f"{mark}{number}"} if requests.keyed else {}
            path = requests.paths[number % len(requests.paths)]
            body = requests.bodies[number % len(requests.bodies)] if requests.bodies else None
            connection.request(requests.method, path, body, own | key)
            answer = connection.getresponse()
            answer.read()
            answers.append((answer.status, (time.monotonic() - due) * 1000))

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
