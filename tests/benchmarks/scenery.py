"""Make the companies, credentials, SQL statements and servers of the benchmarks."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections

from config.api.rendered_list import RenderedList
from config.statements.compiling import Placeholder, Statement
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for
from credits.actions import create_coupon, issue_credit
from credits.api.credits import Credits
from credits.models import Coupon, Credit
from customers.api import Customers
from customers.models import Customer

from .filling import company_named, counted, credential, filled, multiplied, superuser
from .serving import ROOT, serving, token

LARGE, SMALL, HUGE = "benchmark-large", "benchmark-small", "benchmark-huge"
INBOX = "benchmark-inbox"
WITH_CREDITS = 100
UNLIMITED = dict.fromkeys(
    ("REGULARS_CLIENT_LIMIT", "REGULARS_COMPANY_LIMIT", "REGULARS_ADDRESS_LIMIT"), "1000000"
)


@dataclass
class Scene:
    """The companies and their credentials; `owner` is how the peers connect to the database."""

    large: Any
    small: Any
    huge: Any
    inbox: Any
    owner: dict[str, Any]
    runtime: dict[str, Any]
    client: dict[str, str]
    plain_client: dict[str, str]
    people: list[UUID]
    names: list[str]
    last_names: list[str]
    credited: UUID
    receivers: list[UUID]
    coupon: UUID
    tokens: dict[str, str]


def prepare(large: int, small: int, huge: int) -> Scene:
    """Create the companies that are missing, and a client for each server."""
    company = filled(LARGE, large)
    with superuser() as database:
        lesser = multiplied(SMALL, small, database)
        greater = multiplied(HUGE, huge, database) if huge else lesser
    client = credential(company)
    plain = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.plain.prepare"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if plain.returncode:
        raise SystemExit(plain.stderr)
    with acting_for(company.id):
        people = list(sampled(company, 400))
        called = names_of(people)
        receivers = list(Customer.objects.live().filter(id__in=people).values_list("id", flat=True))
        coupon, credited = credits_of(company)
    settings = connections["owner"].settings_dict, connections["default"].settings_dict
    owner, runtime = map(address, settings)
    return Scene(
        company, lesser, greater, company_named(INBOX), owner, runtime, client,
        json.loads(plain.stdout), people, [f"{first} {last}" for first, last in called],
        [last for _, last in called], credited, receivers, coupon, {},
    )  # fmt: skip


def sampled(company: Any, count: int) -> list[UUID]:
    """Return a sample of a company's customers."""
    every = max(counted(company) // count, 1)
    rows = Customer.objects.visible_to(Actor.command(company)).oldest_first()
    return list(rows.values_list("id", flat=True)[: count * every : every])


def names_of(people: list[UUID]) -> list[tuple[str, str]]:
    """Return the first and last names of up to 200 customers who have both."""
    named = Customer.objects.filter(id__in=people).exclude(first_name="").exclude(last_name="")
    return list(named.values_list("first_name", "last_name")[:200])


def credits_of(company: Any) -> tuple[UUID, UUID]:
    """Return a coupon, and a customer who has a hundred credits of it."""
    actor = Actor.command(company)
    coupon = Coupon.objects.visible_to(actor).filter(name="Benchmark").first()
    if coupon is None:
        coupon = Coupon(company_id=company.id, name="Benchmark", entitlement="amount", amount=500)
        coupon = create_coupon(coupon, actor=actor)
    held = Credit.objects.visible_to(actor).filter(coupon=coupon).order_by("id").first()
    customer = held.customer if held else Customer.objects.visible_to(actor).newest_first()[0]
    there = Credit.objects.visible_to(actor).filter(customer=customer).count()
    for _ in range(there, WITH_CREDITS):
        issue_credit(Credit(customer=customer, coupon=coupon), actor=actor)
    return coupon.id, customer.id


def address(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the connection parameters of a database, under the names that its drivers share."""
    host = settings["HOST"] or settings["OPTIONS"].get("host", "")
    return {"host": host, "port": int(settings["PORT"] or 5432), "user": settings["USER"]}


def bare_statements(scene: Scene) -> dict[str, str]:
    """Return our own SQL statements, each with one placeholder."""
    company = scene.large.id
    with acting_for(company):
        customers, credits = Customers(), Credits()
        pages = RenderedList(customers.scoped, customers.shape_of("list"), (), {}, "")
        listed = RenderedList(credits.scoped, credits.shape_of("list"), (), {}, "")
        return {
            "list": written(pages._between(True, False), company_id=company, limit=101),
            "one": written(customers._one(customers.shape_of("retrieve")), company_id=company),
            "credits": written(listed._numbered(False), company_id=company, size=100),
        }


def written(statement: Statement, **values: Any) -> str:
    """Return a statement with its constants and the given values inserted, and %s for the rest."""
    from psycopg.sql import Literal

    connection = connections["default"].connection
    parts = statement.sql.split("%s")
    text = parts[0]
    for part, param in zip(parts[1:], statement.params, strict=True):
        if isinstance(param, Placeholder) and param.name not in values:
            text += "%s"
        else:
            value = values[param.name] if isinstance(param, Placeholder) else plain(param)
            text += Literal(value).as_string(connection).replace("%", "%%")
        text += part
    return text


def plain(value: Any) -> Any:
    """Return a constant as a value of the corresponding SQL type."""
    for kind in (bool, int, str):
        if isinstance(value, kind):
            return kind(value)
    return value


@contextmanager
def servers(scene: Scene) -> Iterator[dict[str, int]]:
    """Start our server, both peers and the bare server; yield their ports by name."""
    company = {"PLAIN_COMPANY": str(scene.large.id)}
    with ExitStack() as stack:
        statements = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".json"))
        json.dump(bare_statements(scene), statements)
        statements.flush()
        bare = {"BARE_STATEMENTS": statements.name, "BARE_DATABASE": json.dumps(scene.runtime)}
        fast = {"interface": "asgi", "FAST_DATABASE": json.dumps(scene.owner)}
        here, ours = "tests.benchmarks", ("config.asgi:application", "config.settings")
        ports = {
            "ours": serving(*ours, **UNLIMITED),
            "plain": serving(f"{here}.peer:application", f"{here}.plain.settings", **company),
            "fast": serving(f"{here}.fast:app", "", **fast, **company),
            "bare": serving(f"{here}.bare:application", "", **company, **bare),
        }
        started = {name: stack.enter_context(server) for name, server in ports.items()}
        scene.tokens["ours"] = token(started["ours"], "/oauth/token", scene.client)
        scene.tokens["plain"] = token(started["plain"], "/o/token/", scene.plain_client)
        scene.tokens["fast"] = scene.tokens["plain"]
        yield started


def wait_for_quiet() -> None:
    """Wait until the database runs no query: a slow peer still works after its load has ended."""
    with connections["owner"].cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone()[0] == 0:
                return
            time.sleep(0.2)
