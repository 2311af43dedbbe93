"""How fast the back-office is among a million customers, beside a stock ModelAdmin.

    uv run python tests/benchmarks/backoffice.py FOLDER [--customers N] [--rounds N]

FOLDER has the embedded database, and is filled by `load_sample` when it is empty: that takes its
time once. Both servers run side by side on the same table, and are asked in turn, round by round.
"""

import argparse
import os
import random
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.report import say, share

OURS, STOCK = "config.asgi:application", "tests.benchmarks.peer:application"
COMPANY, STAFF = "benchmark", "benchmark@studio.example"
Ask = tuple[str, str]


def main() -> None:
    """Measure, and print a table."""
    asked = arguments()
    from tests.benchmarks.serving import Visitor, serving, set_up

    set_up(asked.folder)
    from tests.benchmarks.filling import filled

    company = filled(asked.company, asked.customers)
    people = some_people(company, 400)
    with ExitStack() as stack:
        ports = (
            stack.enter_context(serving(OURS, "config.settings")),
            stack.enter_context(serving(STOCK, "tests.benchmarks.stock.settings")),
        )
        ours, stock = map(Visitor, ports, sessions(company))
        taken = measure(ours.take, stock.take, people, asked.rounds, asked.stock_rounds)
    report(taken, asked.customers)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--company", default=COMPANY, help="Its slug; made unless it is there.")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument(
        "--stock-rounds", type=int, default=8, help="Of those, how many ask the peer, which waits."
    )
    return parser.parse_args()


def some_people(company: Any, count: int) -> list[tuple[Any, ...]]:
    """Return some customers out of all, by whom to ask."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT id, first_name, last_name, email, phone FROM customers_customer"
            " TABLESAMPLE BERNOULLI (1) REPEATABLE (7)"
            " WHERE company_id = %s AND email <> '' AND phone <> ''"
            " ORDER BY md5(id::text) LIMIT %s",
            [company.id, count],
        )
        return list(cursor.fetchall())


def sessions(company: Any) -> tuple[str, str]:
    """Sign somebody in who may do everything; return the sessions for both servers."""
    from django.test import Client

    from config.access.actions import create_staff
    from config.access.models import Staff
    from config.tenancy.actors import Actor

    if not Staff.objects.filter(email=STAFF).exists():
        actor = Actor.command(company)
        create_staff(Staff(email=STAFF, is_superuser=True), company=company, actor=actor)
    staff, keys = Staff.objects.get(email=STAFF), []
    for backend in (None, "django.contrib.auth.backends.ModelBackend"):
        client = Client(SERVER_NAME="localhost")
        client.force_login(staff, backend=backend)
        keys.append(client.cookies["sessionid"].value)
    return keys[0], keys[1]


def asks(people: list[tuple[Any, ...]]) -> Iterator[dict[str, Ask]]:
    """Yield what is asked of both in a round, after what it is."""
    draw = random.Random(1)
    ours, stock = "/admin/customers/customer/", "/admin/stock/customer/"
    while True:
        key, first, last, email, phone = draw.choice(people)
        words = draw.choice([first, last, f"{first} {last}", email, phone, last[:3], first[:1]])
        query = quote(words)
        yield {
            "the list of customers": (ours, stock),
            "its last page": (f"{ours}?o=-1", f"{stock}?o=-1&p=9999"),
            "the list, searched": (f"{ours}?q={query}", f"{stock}?q={query}"),
            "the find box": (f"/admin/find/options/?q={query}", f"{stock}?q={query}"),
            "the page of a customer": (f"{ours}{key}/change/", f"{stock}{key}/change/"),
        }


def measure(
    ours: Callable[[str], float],
    stock: Callable[[str], float],
    people: list[tuple[Any, ...]],
    rounds: int,
    stock_rounds: int,
) -> dict[str, tuple[list[float], list[float]]]:
    """Return the milliseconds that each took, after what was asked."""
    taken: dict[str, tuple[list[float], list[float]]] = {}
    # The first round fills caches and is not counted.
    for number, round_of in zip(range(-1, rounds), asks(people), strict=False):
        for what, (to_us, to_stock) in round_of.items():
            times = taken.setdefault(what, ([], []))
            first = ours(to_us)
            second = stock(to_stock) if number < stock_rounds else None
            if number >= 0:
                times[0].append(first)
                times[1].extend([second] if second is not None else [])
    return taken


def report(taken: dict[str, tuple[list[float], list[float]]], customers: int) -> None:
    def told(times: list[float]) -> tuple[str, str]:
        return f"{statistics.median(times):,.0f}", f"{share(times, 0.95):,.0f}"

    say(f"\nAmong {customers:,} customers, milliseconds, {os.cpu_count()} cores.\n")
    say("| | median | p95 | stock ModelAdmin, median | p95 | ratio |")
    say("| --- | ---: | ---: | ---: | ---: | ---: |")
    for what, (ours, stock) in taken.items():
        ratio = statistics.median(stock) / statistics.median(ours)
        cells = (*told(ours), *told(stock), f"{ratio:,.1f} ×")
        say(f"| {what} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
