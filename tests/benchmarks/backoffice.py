"""The speed of the back-office with a million customers, compared with a stock ModelAdmin.

    uv run python tests/benchmarks/backoffice.py FOLDER [--customers N] [--rounds N]

FOLDER holds the embedded database. If it is empty, `load_sample` fills it once, which takes long.
Both servers run at the same time over the same table, and get requests in turn in each round.
The pages about money and the front desk have no counterpart in the stock ModelAdmin.
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
# The path on our server, and the path on the stock server ("" if it has no such page).
Ask = tuple[str, str]
# Queries for the rows whose pages are requested, by kind: the newest rows that have content.
ROWS = {
    "date": """
        SELECT event_date_id FROM bookings_booking WHERE company_id = %s AND kind = 'place'
         GROUP BY event_date_id ORDER BY count(*) DESC, event_date_id LIMIT 50""",
    "booking": """
        SELECT id FROM bookings_booking WHERE company_id = %s AND status = 'confirmed'
         ORDER BY id DESC LIMIT 200""",
    "payment": """
        SELECT id FROM billing_payment
         WHERE company_id = %s AND kind = 'payment' AND status = 'succeeded'
         ORDER BY id DESC LIMIT 200""",
    "invoice": """
        SELECT id FROM billing_invoice
         WHERE company_id = %s AND issued_at IS NOT NULL AND voided_at IS NULL
         ORDER BY id DESC LIMIT 200""",
}


def main() -> None:
    """Measure, and print a table."""
    asked = arguments()
    from tests.benchmarks.serving import Visitor, serving, set_up

    set_up(asked.folder)
    from tests.benchmarks.filling import filled

    company = filled(asked.company, asked.customers)
    people, rows = some_people(company, 400), some_rows(company)
    with ExitStack() as stack:
        ports = (
            stack.enter_context(serving(OURS, "config.settings")),
            stack.enter_context(serving(STOCK, "tests.benchmarks.stock.settings")),
        )
        ours, stock = map(Visitor, ports, sessions(company))
        # The stock list has 100 rows on a page, and no page after the last one.
        last_page = min(9_999, max(1, asked.customers // 100))
        rounds = asks(people, rows, last_page)
        taken = measure(ours.take, stock.take, rounds, asked.rounds, asked.stock_rounds)
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
    """Return a sample of customers, whose names and ids the requests use."""
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


def some_rows(company: Any) -> dict[str, list[Any]]:
    """Return the ids of some rows of each kind in `ROWS`."""
    from django.db import connections

    found = {}
    with connections["owner"].cursor() as cursor:
        for kind, query in ROWS.items():
            cursor.execute(query, [company.id])
            found[kind] = [key for (key,) in cursor.fetchall()]
            if not found[kind]:
                raise SystemExit(f"The company has no {kind}: load more customers.")
    return found


def sessions(company: Any) -> tuple[str, str]:
    """Sign in a superuser; return the session keys for both servers."""
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


def asks(
    people: list[tuple[Any, ...]], rows: dict[str, list[Any]], last_page: int
) -> Iterator[dict[str, Ask]]:
    """Yield the requests of each round to both servers, by page name."""
    draw = random.Random(1)
    ours, stock = "/admin/customers/customer/", "/admin/stock/customer/"
    billing, bookings = "/admin/billing/", "/admin/bookings/"
    while True:
        key, first, last, email, phone = draw.choice(people)
        words = draw.choice([first, last, f"{first} {last}", email, phone, last[:3], first[:1]])
        query, one = quote(words), {kind: draw.choice(keys) for kind, keys in rows.items()}
        yield {
            "the list of customers": (ours, stock),
            "its last page": (f"{ours}?o=-1", f"{stock}?o=-1&p={last_page}"),
            "the list, searched": (f"{ours}?q={query}", f"{stock}?q={query}"),
            "the find box": (f"/admin/find/options/?q={query}", f"{stock}?q={query}"),
            "the find box, misspelt": (f"/admin/find/options/?q={quote(misspelt(last, draw))}", ""),
            "the page of a customer": (f"{ours}{key}/change/", f"{stock}{key}/change/"),
            "home": ("/admin/", ""),
            "the till": (f"{ours}{key}/till/", ""),
            "Book, classes": (f"{bookings}booking/classes/?customer={key}", ""),
            "Book, services": (f"{bookings}booking/add/?customer={key}", ""),
            "the roster of a class": (f"{bookings}eventdate/{one['date']}/change/", ""),
            "cancelling a booking": (f"{bookings}booking/{one['booking']}/cancel/", ""),
            "giving goodwill": (f"/admin/credits/goodwill/add/?customer={key}", ""),
            "the list of goodwill": ("/admin/credits/goodwill/", ""),
            "an invoice": (f"{billing}invoice/{one['invoice']}/change/", ""),
            "the invoices to pay": (f"{billing}invoice/?status=open", ""),
            "a refund": (f"{billing}payment/{one['payment']}/refund/", ""),
            "the credit notes": (f"{billing}creditnote/", ""),
            "the credit notes, searched": (f"{billing}creditnote/?q={query}", ""),
        }


def misspelt(name: str, draw: random.Random) -> str:
    """Return a name with one letter missing or wrong."""
    at = draw.randrange(max(1, len(name) - 1))
    return name[:at] + draw.choice(["", name[at : at + 2][-1:]]) + name[at + 1 :]


def measure(
    ours: Callable[[str], float],
    stock: Callable[[str], float],
    asked: Iterator[dict[str, Ask]],
    rounds: int,
    stock_rounds: int,
) -> dict[str, tuple[list[float], list[float]]]:
    """Return the milliseconds that each server took, by page name."""
    taken: dict[str, tuple[list[float], list[float]]] = {}
    # The first round fills caches and does not count.
    for number, round_of in zip(range(-1, rounds), asked, strict=False):
        for what, (to_us, to_stock) in round_of.items():
            times = taken.setdefault(what, ([], []))
            first = ours(to_us)
            second = stock(to_stock) if to_stock and number < stock_rounds else None
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
        ratio = f"{statistics.median(stock) / statistics.median(ours):,.1f} ×" if stock else "–"
        cells = (*told(ours), *(told(stock) if stock else ("–", "–")), ratio)
        say(f"| {what} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
