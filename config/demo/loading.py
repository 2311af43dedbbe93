"""One run of `load_sample`; a company has one run at a time."""

import datetime
import json
import math
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings
from django.db import connections
from django.utils.translation import gettext_lazy as _
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

from .batch import Run
from .calendar import OPENED
from .catalogue import open_catalogue, open_zones
from .tables import TABLES
from .workers import Failed, write_all

# In large batches, rows that are neighbours in an index are written together. With 5,000 customers
# per batch, PostgreSQL mostly writes the same index pages again and again.
LARGEST_BATCH, SMALLEST_BATCH, BATCHES = 25_000, 1_000, 8
MOST = 10_000_000
# How many days ago the plan of sample customers began to grant its perk.
_RULED = 70
_FILLED_BY_TRIGGERS = ("bookings_engagement", "billing_invoiceseries")


class CannotLoad(Refusal, code="cannot_load"):
    message = _("Sample customers cannot be made.")


@dataclass(frozen=True)
class Wanted:
    """The task: how many customers to create, with a history until the start of a day."""

    company: Company
    customers: int
    seed: int
    until: datetime.date
    workers: int = 1
    per_batch: int = 0

    def check(self, today: datetime.date) -> None:
        """Raise CannotLoad if the task is impossible."""
        if not 1 <= self.customers <= MOST:
            raise CannotLoad(f"--customers takes a number from 1 to {MOST:,}.")
        if self.company.is_archived:
            raise CannotLoad(f"{self.company.name} is archived, so nobody could see them.")
        if not datetime.date(2000, 1, 1) <= self.until <= today:
            raise CannotLoad(f"--until takes a day from 2000-01-01 to today, {today}.")
        if not 1 <= self.workers <= 64:
            raise CannotLoad("--workers takes a number from 1 to 64.")


def load_sample(
    wanted: Wanted, report: Callable[[str], None]
) -> Iterator[tuple[int, dict[str, int]]]:
    """Create customers with their histories; yield their number and the rows by table per commit.

    `report` is called with a sentence if an earlier run did not finish; an unfinished run leaves a
    file with its progress. Raises CannotLoad.
    """
    mark = settings.DATA_DIR / "samples" / f"{wanted.company.id}.json"
    there = 0
    try:
        with _alone(wanted.company) as (database, connection):
            if mark.exists():
                report(_unfinished(*json.loads(mark.read_text())))
            mark.parent.mkdir(parents=True, exist_ok=True)
            _replace(mark, [0, wanted.customers])
            for customers, rows in write_all(_run(wanted), database, wanted.workers):
                if not there:
                    _analyze(connection)
                there += customers
                _replace(mark, [there, wanted.customers])
                yield customers, rows
            mark.unlink()
            _analyze(connection)
    except (psycopg.Error, Failed) as error:
        raise CannotLoad(f"The database stopped it: {' '.join(str(error).split())}")
    except OSError as error:
        raise CannotLoad(f"The machine stopped it: {error}")


def owner_address() -> str:
    """Return the connection string of the owner role, as Django would connect."""
    given = connections["owner"].get_connection_params()
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    return make_conninfo("", **{name: given[name] for name in known & given.keys()})


@contextmanager
def _alone(company: Company) -> Iterator[tuple[str, psycopg.Connection]]:
    """Connect as the owner, and hold the company's lock against other runs."""
    database, key = owner_address(), f"load_sample {company.id}"
    with psycopg.connect(database, autocommit=True) as connection:
        lock = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
        if connection.execute(lock, [key]).fetchone() != (True,):
            raise CannotLoad(
                f"load_sample is at work for {company.slug} already: wait until it is done."
            )
        yield database, connection


def _unfinished(there: int, wanted: int) -> str:
    return (
        f"An earlier run was stopped: at least {there:,} of its {wanted:,} customers are there,"
        " each of them whole, and stay. This run adds to them."
    )


def _replace(file: Path, content: list[int]) -> None:
    """Write a file atomically, so that a reader finds the old or the new content."""
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(content))
    fresh.replace(file)


def _run(wanted: Wanted) -> Run:
    """Create the catalogue in its own transaction, and plan the batches."""
    company, actor = wanted.company, Actor.command(wanted.company)
    noon = datetime.datetime.combine(wanted.until, datetime.time(12), ZoneInfo(company.timezone))
    opened, ruled = (noon - datetime.timedelta(days=days) for days in (OPENED, _RULED))
    with acting_for(company.id):
        catalogue = open_catalogue(company, opened=opened, ruled=ruled, actor=actor)
        open_zones(company, actor=actor)
    # The size depends only on the task, so that a seed makes the same batches on every machine.
    size = min(max(math.ceil(wanted.customers / BATCHES), SMALLEST_BATCH), LARGEST_BATCH)
    mark = "".join(random.SystemRandom().choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=6))
    task = (wanted.customers, wanted.until, wanted.seed, mark, wanted.per_batch or size)
    return Run(company, catalogue, *task)


def _analyze(connection: psycopg.Connection) -> None:
    """Update PostgreSQL's statistics of the tables that were filled."""
    for name in (*TABLES, *_FILLED_BY_TRIGGERS):
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))
