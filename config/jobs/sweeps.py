"""Periodic tasks over all companies, company by company.

    @company_sweep("credits.expire", cron="*/5 * * * *", failed=_("Some credits did not expire."))
    def expire(company: Company) -> None:
        expire_holdings(company.id, actor=Actor.command(company))

Each company is processed in its own transactions. An exception in one company is logged, is shown
to the company's owners on their home page, and does not stop other companies; the next success
clears it. A sweep that processes rows uses `for_each_row`, so that one row does not stop the rows
after it.
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now
from procrastinate.contrib.django import app
from psycopg_pool import PoolTimeout

from config.errors import Refusal
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

from .models import SweepFailure

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The database is unavailable, so the next rows would fail as well.
_DATABASE_ERRORS = (OperationalError, InterfaceError, PoolTimeout)
# How many failed rows of one run are logged and reported.
MOST_TOLD = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A periodic task over all companies, and over archived ones if `includes_archived` is set."""

    name: str
    run: Callable[[Company], object]
    includes_archived: bool


SWEEPS: dict[str, Sweep] = {}

# The sentence for an owner about a failed sweep, or about failed sending of webhooks, by name.
SENTENCES: dict[str, "StrOrPromise"] = {}


class RowsFailed(Exception):
    """Some rows of a sweep failed; the others succeeded."""

    def __init__(self, errors: list[Exception]) -> None:
        self.errors = errors
        super().__init__(f"{len(errors)} rows failed")


def company_sweep(
    name: str, *, cron: str, failed: "StrOrPromise", includes_archived: bool = False
) -> Callable[[Callable[[Company], object]], Any]:
    """Declare a periodic task for every company; `failed` is the sentence for owners on failure."""

    def declare(run: Callable[[Company], object]) -> Any:
        SWEEPS[name] = sweep = Sweep(name, run, includes_archived)
        SENTENCES[name] = failed

        @app.periodic(cron=cron)
        @app.task(name=name, queueing_lock=name)
        def task(timestamp: int) -> None:
            sweep_companies(sweep)

        return task

    return declare


def sweep_companies(sweep: Sweep) -> None:
    """Run a sweep for each company; a failure in one company does not stop the others.

    Raises an error only if the failure cannot be recorded, because the database is unavailable.
    """
    companies = Company.objects.all() if sweep.includes_archived else Company.objects.usable()
    for company in list(companies):
        try:
            sweep.run(company)
        except Exception as error:
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            record_failure(company.id, sweep.name, error)
        else:
            clear_failure(company.id, sweep.name)


def for_each_row[Row](rows: Iterable[Row], run: Callable[[Row], int]) -> int:
    """Call a function for each row, and return the sum of its results.

    A row that fails does not stop the others; RowsFailed is raised after the last row.
    """
    total = 0
    errors: list[Exception] = []
    for row in rows:
        try:
            total += run(row)
        except _DATABASE_ERRORS:
            raise
        except Exception as error:
            errors.append(error)
    if errors:
        raise RowsFailed(errors)
    return total


def record_failure(company_id: UUID, name: str, error: Exception) -> None:
    """Log that a sweep failed in a company, and record it for the company's owners."""
    errors = error.errors if isinstance(error, RowsFailed) else [error]
    for one in errors[:MOST_TOLD]:
        # A database error quotes values of the row, so only the error's type is logged.
        frames = "".join(traceback.format_tb(one.__traceback__))
        log.error("%s failed in company %s: %s\n%s", name, company_id, type(one).__name__, frames)
    if (more := len(errors) - MOST_TOLD) > 0:
        log.error("%s failed %d times more in company %s.", name, more, company_id)
    reasons = {str(one): None for one in errors if isinstance(one, Refusal)}
    reason = " ".join([*reasons][:MOST_TOLD])
    with acting_for(company_id):
        failure, is_new = SweepFailure.objects.get_or_create(
            company_id=company_id, task=name, defaults={"reason": reason}
        )
        if not is_new:
            SweepFailure.objects.filter(pk=failure.pk).update(
                times=F("times") + 1, last_at=Now(), reason=reason
            )


def clear_failure(company_id: UUID, name: str) -> None:
    """Remove the record of a sweep's failure in a company."""
    with acting_for(company_id):
        SweepFailure.objects.filter(company_id=company_id, task=name).remove()
