"""A whole run of `load_sample`: one at a time for each company, told of if it did not end."""

import datetime
import math
import random
import time
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from django.db import connections
from django.utils.translation import gettext_lazy as _
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from config.access.models import Company
from config.access.tenancy import acting_for
from config.errors import Refusal

from .calendar import OPENED
from .catalogue import open_shop
from .marks import Mark
from .offers import Offers, Plan
from .tables import TABLES
from .workers import Failed, write_all

# How many customers are written in one go. In large batches rows that are neighbours in an index
# meet; with 5,000 at a time, most of what is written is pages of indexes, again and again.
LARGEST_BATCH, SMALLEST_BATCH, BATCHES = 25_000, 1_000, 8
MOST = 10_000_000
# Days since when the plan of sample customers has granted its perk.
_RULED = 70
_KEPT_BY_THE_DATABASE = ("bookings_engagement", "billing_invoiceseries")


class CannotLoad(Refusal):
    code = "cannot_load"
    message = _("Sample customers cannot be made.")


@dataclass(frozen=True)
class Wanted:
    """What was asked for: so many customers, with a history until the beginning of a day."""

    company: Company
    customers: int
    seed: int
    until: datetime.date
    workers: int = 1
    per_batch: int = 0


@dataclass
class Loaded:
    """What was made: customers, and rows by table; `seconds` is how long it took."""

    customers: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    seconds: float = 0

    @property
    def related(self) -> int:
        """How many rows there are about customers, themselves left out."""
        return self.rows.total() - self.customers


def load_sample(
    wanted: Wanted, *, loaded: Loaded, tell: Callable[[str], None], progress: Callable[[int], None]
) -> None:
    """Make customers and all that belongs to them; `loaded` says at any time what is there.

    `tell` hears of an earlier run that did not end, `progress` how many more customers are there.
    Raises CannotLoad.
    """
    started = time.monotonic()
    try:
        with _alone(wanted.company) as (database, connection):
            mark = Mark.of(wanted.company.id)
            if earlier := mark.read():
                tell(earlier)
            mark.write(0, wanted.customers)
            for customers, rows in write_all(_plan(wanted), database, wanted.workers):
                loaded.customers += customers
                loaded.rows.update(rows)
                mark.write(loaded.customers, wanted.customers)
                progress(customers)
            mark.remove()
            _analyze(connection)
    except (psycopg.Error, Failed) as error:
        raise CannotLoad(f"The database stopped it: {' '.join(str(error).split())}")
    except OSError as error:
        raise CannotLoad(f"The machine stopped it: {error}")
    finally:
        loaded.seconds = time.monotonic() - started


def check(wanted: Wanted, today: datetime.date) -> None:
    """Raise CannotLoad for what cannot be made."""
    if not 1 <= wanted.customers <= MOST:
        raise CannotLoad(f"--customers takes a number from 1 to {MOST:,}.")
    if wanted.company.is_archived:
        raise CannotLoad(f"{wanted.company.name} is archived, so nobody could see them.")
    if not datetime.date(2000, 1, 1) <= wanted.until <= today:
        raise CannotLoad(f"--until takes a day from 2000-01-01 to today, {today}.")
    if not 1 <= wanted.workers <= 64:
        raise CannotLoad("--workers takes a number from 1 to 64.")


@contextmanager
def _alone(company: Company) -> Iterator[tuple[str, psycopg.Connection]]:
    """Connect as the owner, and keep others from loading for the company meanwhile."""
    database = _address()
    with psycopg.connect(database, autocommit=True) as connection:
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"load_sample {company.id}"]
        ).fetchone()
        if row != (True,):
            raise CannotLoad(
                f"load_sample is at work for {company.slug} already: wait until it is done."
            )
        yield database, connection


def _address() -> str:
    """Return how to connect as the owner, as Django itself would."""
    given = connections["owner"].get_connection_params()
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    return make_conninfo("", **{name: given[name] for name in known & given.keys()})


def _plan(wanted: Wanted) -> Plan:
    company = wanted.company
    return Plan(
        company=company.id.hex,
        currency=company.currency,
        timezone=company.timezone,
        country=company.country,
        offers=_offers(wanted),
        customers=wanted.customers,
        until=wanted.until,
        seed=wanted.seed,
        mark=_new_mark(),
        per_batch=wanted.per_batch or _per_batch(wanted.customers),
    )


def _per_batch(customers: int) -> int:
    """Return how many customers are there or are not: the same on every machine."""
    return min(max(math.ceil(customers / BATCHES), SMALLEST_BATCH), LARGEST_BATCH)


def _offers(wanted: Wanted) -> Offers:
    """Offer what customers come for, in a transaction of its own."""
    company, zone = wanted.company, zoneinfo.ZoneInfo(wanted.company.timezone)
    noon = datetime.datetime.combine(wanted.until, datetime.time(12), zone)
    with acting_for(company.id):
        return open_shop(
            company,
            opened=noon - datetime.timedelta(days=OPENED),
            ruled=noon - datetime.timedelta(days=_RULED),
        )


def _new_mark() -> str:
    """Return letters that no other run has used, whatever its seed."""
    return "".join(random.SystemRandom().choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=6))


def _analyze(connection: psycopg.Connection) -> None:
    """Let PostgreSQL look at what it has to plan for from now on."""
    for name in (*(table.name for table in TABLES), *_KEPT_BY_THE_DATABASE):
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))
