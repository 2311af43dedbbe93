"""Helpers for the tests of `load_sample`: load samples, and query the rows as the owner."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connections

from config.demo.loading import Wanted, load_sample
from config.demo.tables import MODELS, Table
from config.tenancy.companies import Company
from config.tenancy.days import local_day

TABLES = [Table(model) for model in MODELS]

# Columns with values that must be unique, and so differ between two runs.
_OF_THE_RUN = {"id", "company_id", "reference", "token", "external_id"}


def load(company: Company, customers: int, **options: Any) -> int:
    """Load customers with seed 7, in batches of 100 and in this process, unless options differ."""
    options = {"seed": 7, "per_batch": 100, "until": local_day(company.id), **options}
    wanted = Wanted(company, customers, **options)
    return sum(made for made, _rows in load_sample(wanted, report=lambda sentence: None))


def run(*words: str) -> tuple[dict[str, Any], str]:
    """Run the command with `--json`; return its JSON document and the text of stderr."""
    out, err = StringIO(), StringIO()
    call_command("load_sample", *words, "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def ask(statement: str, *values: Any) -> list[Any]:
    """Return the rows of a query that runs as the owner, who sees the rows of every company."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def number(statement: str, *values: Any) -> int:
    """Return the single value of a query."""
    ((value,),) = ask(statement, *values)
    return value


def content(company: Company) -> dict[str, list[str]]:
    """Return the rows of a company by table, without ids and columns that derive from ids."""
    found = {}
    for table in TABLES:
        kept = [one for one in table.columns if one not in _OF_THE_RUN and one[-3:] != "_id"]
        rows = ask(
            f"SELECT row({', '.join(kept)})::text AS content FROM {table.name}"
            " WHERE company_id = %s ORDER BY content",
            company.id,
        )
        found[table.name] = [text for (text,) in rows]
    return found


@contextmanager
def kept(blocker: Any) -> Iterator[None]:
    """Keep the rows that the block commits for several tests, and empty the tables at its end."""
    with blocker.unblock():
        try:
            yield
        finally:
            call_command("flush", verbosity=0, interactive=False, database="owner")
