"""A bulk write into empty tables does not read all rows of the company for each new row."""

import subprocess
import sys
from pathlib import Path

import psycopg

from config.database import embedded
from tests.servers import ROOT, environment
from tests.template import prepare_template

ROWS, BATCH = 1000, 100
# Imports customers with addresses, then loads sample customers with invoices and payments.
WRITE = """
import datetime, os
from config.demo import batch, loading
from config.access.actions import create_company
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.imports import importing
from django.core.management import call_command

def ignore(*arguments): pass

importing.BATCH = batch.FIRST_BATCH = int(os.environ["BATCH"])
if "WITHOUT_STATISTICS" in os.environ:
    importing.analyze_young = loading._analyze = ignore
for slug in ("one", "two"):
    company = Company(name=slug, slug=slug, country="GB", timezone="Europe/London", currency="GBP")
    with acting_for(company.id):
        create_company(company, actor=Actor.command(company))
call_command("import_customers", os.environ["FILE"], "--company", "one")
wanted = loading.Wanted(company, 500, 7, datetime.date(2026, 11, 1), per_batch=400)
for _ in loading.load_sample(wanted, report=print):
    pass
"""
READS = """
SELECT relname, sum(idx_tup_read)::bigint FROM pg_stat_user_indexes
 WHERE relname IN ('customers_customer', 'billing_payment') GROUP BY relname
"""


def rows_read(folder: Path, **variables: str) -> dict[str, int]:
    """Write into a new database; return how many index entries were read, by table."""
    folder.mkdir()
    file = folder / "customers.csv"
    lines = (f"{n},Ann,S{n},a{n}@x.org,{n} Road,London,N1\n" for n in range(ROWS))
    file.write_text("id,first name,last name,email,address,city,postcode\n" + "".join(lines))
    database = embedded(folder / "data", durable=False)
    database.join()
    try:
        prepare_template(database)
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", WRITE],
            cwd=ROOT,
            env={
                **environment(folder / "data"),
                "FILE": str(file),
                "BATCH": str(BATCH),
                **variables,
            },
            check=True,
            capture_output=True,
        )
        with psycopg.connect(database.owner_url) as connection:
            return dict(connection.execute(READS).fetchall())
    finally:
        database.leave()


def test_a_first_load_reads_few_rows_for_each_that_it_writes(tmp_path: Path) -> None:
    read = rows_read(tmp_path / "one")
    # Only the first batch, planned without statistics, reads all earlier rows for each new row.
    assert read["customers_customer"] < 100_000
    assert read["billing_payment"] < 200_000
    # The negative control: without statistics, every batch reads all rows for each new row.
    read = rows_read(tmp_path / "two", WITHOUT_STATISTICS="1")
    assert read["customers_customer"] > 1_000_000
    assert read["billing_payment"] > 500_000
