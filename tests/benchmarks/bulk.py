"""Benchmarks of bulk work: streams, imports, pages of small and huge companies, memory."""

import csv
import http.client
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from config.api.cursors import Cursors, Position
from config.api.rendered_list import RenderedList
from config.database.roles import DATABASE
from config.tenancy.scoping import acting_for
from customers.api import Accounts

from .filling import credential
from .report import share
from .scenery import Scene, written
from .serving import OURS, ROOT, serving, token


class Figure(NamedTuple):
    """The text of a result, and whether the result reaches its goal."""

    told: str
    is_reached: bool


def figures(scene: Scene, ports: dict[str, int], rounds: int) -> dict[str, Callable[[], Figure]]:
    """Return the measurements, by name."""
    return {
        "stream of every customer": lambda: stream(scene, ports["ours"], rounds),
        "import of customers": lambda: imported(scene),
        "any page of the cursor list, huge against small": lambda: pages(scene, ports["ours"]),
        "first page of a numbered list, with its total": lambda: first_page(scene, ports["ours"]),
        "memory of one worker, idle": idle,
    }


def stream(scene: Scene, port: int, rounds: int) -> Figure:
    """Stream every customer of the large company, compared with COPY of the same documents."""
    ratios, most = [], 0
    before = memory(port)
    for _ in range(rounds):
        with watched(port) as peak:
            took, size = _streamed(scene, port)
        copied, copied_size = _copied(scene)
        assert abs(size - copied_size) / copied_size < 0.05, (size, copied_size)
        ratios.append(copied / took)
        most = max(most, *peak)
    ratio, more = statistics.median(ratios), (most - before) / 1e6
    told = f"{ratio:.2f} of COPY ({took:.1f} s), {more:.0f} MB over idle"
    return Figure(told, ratio >= 0.5 and more < 80)


def _streamed(scene: Scene, port: int) -> tuple[float, int]:
    started, size = time.perf_counter(), 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Host": "localhost", "Authorization": f"Bearer {scene.tokens['ours']}"}
    connection.request("GET", "/customers", headers=headers)
    answer = connection.getresponse()
    while block := answer.read(1 << 20):
        size += len(block)
    return time.perf_counter() - started, size


def _copied(scene: Scene) -> tuple[float, int]:
    with acting_for(scene.large.id):
        accounts = Accounts()
        rows = RenderedList(accounts.scoped, accounts.shape_of("list"), (), {}, "")
        everything = written(rows._rendered(rows.queryset), company_id=scene.large.id)
    with psycopg.connect(**scene.owner, dbname=DATABASE) as connection:
        started, size = time.perf_counter(), 0
        copy = f"COPY (SELECT document FROM ({everything}) AS every) TO STDOUT"
        with connection.cursor().copy(copy.replace("%%", "%")) as blocks:
            for block in blocks:
                size += len(block)
        return time.perf_counter() - started, size


@contextmanager
def watched(port: int) -> Iterator[list[int]]:
    """Sample a worker's memory during the block; yield the list of samples, in bytes."""
    peak, is_over = [0], threading.Event()

    def look() -> None:
        while not is_over.wait(0.05):
            peak.append(memory(port))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()


def imported(scene: Scene) -> Figure:
    """Import a file of new customers, compared with COPY of as many rows into the same table."""
    count = 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "customers.csv"
        _write(file, count)
        # COPY runs first, so that the index pages are in memory for both.
        copied = _copied_in(scene, count)
        started = time.perf_counter()
        command = [sys.executable, "manage.py", "import_customers", str(file)]
        subprocess.run(
            [*command, "--company", scene.inbox.slug], cwd=ROOT, check=True, capture_output=True
        )
        took = time.perf_counter() - started
    ratio = copied / took
    told = f"{ratio:.2f} of COPY FROM ({count / took:,.0f} customers/s)"
    return Figure(told, ratio >= 0.3)


def _write(file: Path, count: int) -> None:
    mark = time.time_ns()
    with file.open("w", newline="") as handle:
        table = csv.writer(handle)
        table.writerow(["first_name", "last_name", "email", "external_id"])
        for number in range(count):
            last = f"Baker{number % 997}"
            address = f"ada.{mark}.{number}@mail.example"
            table.writerow(["Ada", last, address, f"{mark}-{number}"])


def _copied_in(scene: Scene, count: int) -> float:
    """COPY as many rows into the same table, with its indexes and its audit trigger."""
    columns = (
        "id, company_id, created_at, updated_at, first_name, last_name, name, legal_name, tax_id, "
        "email, phone, phone_e164, phone_national, external_id, preferences, is_active"
    )
    mark, company = time.time_ns(), scene.inbox.id
    with psycopg.connect(**scene.owner, dbname=DATABASE) as connection:
        ids = connection.execute("SELECT uuidv7() FROM generate_series(1, %s::int)", [count])
        lines = [
            f"{id}\t{company}\tnow\tnow\tAda\tBaker{n % 997}\t\t\t\tada.{mark}.{n}@mail.example"
            f"\t\t\t\t{mark}-{n}\t{{}}\tt\n"
            for n, (id,) in enumerate(ids.fetchall())
        ]
        started = time.perf_counter()
        with connection.cursor().copy(f"COPY customers_customer ({columns}) FROM STDIN") as copy:
            for line in lines:
                copy.write(line)
        connection.commit()
        return time.perf_counter() - started


def pages(scene: Scene, port: int) -> Figure:
    """Read the first, a middle and the last page of the huge company and of the small one."""
    ratios = {}
    asked = {
        company.slug: _pages_of(company, token(port, "/oauth/token", credential(company)))
        for company in (scene.small, scene.huge)
    }
    for name in ("first", "middle", "last"):
        took: dict[str, list[float]] = {}
        for number in range(220):
            for slug, (bearer, paths) in asked.items():
                milliseconds = ask(port, bearer, paths[name])
                if number >= 20:
                    took.setdefault(slug, []).append(milliseconds)
        small, huge = (statistics.median(took[one.slug]) for one in (scene.small, scene.huge))
        ratios[name] = huge / small
    told = ", ".join(f"{name} {ratio:.2f} ×" for name, ratio in ratios.items())
    return Figure(told, max(ratios.values()) <= 1.3)


def _pages_of(company: Any, bearer: str) -> tuple[str, dict[str, str]]:
    """Return three pages of similar size; no rows are read to find where they begin."""
    from customers.models import Customer

    cursors = Cursors(f"Accounts/{company.id}")
    with acting_for(company.id):
        ends = [
            Customer.objects.filter(company_id=company.id).order_by(order).values_list("id")[150]
            for order in ("id", "-id")
        ]
        between = (ends[0][0].int + ends[1][0].int) // 2
        after = Customer.objects.filter(company_id=company.id, id__gt=type(ends[0][0])(int=between))
        middle = after.order_by("id").values_list("id")[0]
    return bearer, {
        "first": "/customers?limit=100",
        "middle": f"/customers?limit=100&after={cursors.write(Position(*middle))}",
        "last": f"/customers?limit=100&after={cursors.write(Position(*ends[1]))}",
    }


def first_page(scene: Scene, port: int) -> Figure:
    """Read the first page of the large company's customers repeatedly."""
    took = [ask(port, scene.tokens["ours"], "/v1/customers") for _ in range(320)][20:]
    p99 = share(took, 0.99)
    told = f"p99 {p99:.0f} ms, median {statistics.median(took):.0f} ms"
    return Figure(told, p99 < 50)


def ask(port: int, bearer: str, path: str) -> float:
    """Send a request on a new connection; return how many milliseconds the response took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    headers = {"Host": "localhost", "Authorization": f"Bearer {bearer}"}
    started = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == http.HTTPStatus.OK, (path, answer.status)
    connection.close()
    return (time.perf_counter() - started) * 1000


def idle() -> Figure:
    """Measure the memory of a worker that has started and serves no request."""
    with serving(OURS, "config.settings") as port:
        time.sleep(2)
        megabytes = memory(port) / 2**20
    return Figure(f"{megabytes:.1f} MiB", megabytes < 120)


def memory(port: int) -> int:
    """Return the resident memory, in bytes, of the worker that serves a port."""
    told = subprocess.run(
        ["pgrep", "-f", f"granian.*--port {port} "], capture_output=True, text=True, check=True
    ).stdout.split()
    children = subprocess.run(
        ["pgrep", "-P", told[0]], capture_output=True, text=True, check=False
    ).stdout.split()
    return max(_resident(int(pid)) for pid in children or told)


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
