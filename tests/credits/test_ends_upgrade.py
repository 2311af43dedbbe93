"""An upgrade converts last days to moments, while the previous release keeps working."""

import datetime
import importlib
from typing import Any

import pytest
from django.db import connections

from config.server.operations import Backfill
from config.tenancy.companies import Company
from tests.factories import ACredit, APass, make_company

FILL = importlib.import_module("credits.migrations.0008_fill_ends").Migration
TABLES = ("credits_credit", "credits_passpurchase")
DAYS = [None, "2099-07-01", "2026-04-04", "9999-12-31"]

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def santiago() -> Company:
    return make_company("santiago", timezone="America/Santiago")


@pytest.fixture
def old_rows(santiago: Company) -> None:
    """Credits and passes as the previous release wrote them: with a last day and no moment."""
    for table, make in zip(TABLES, (ACredit, APass), strict=True):
        for day in DAYS:
            row = make(company=santiago)
            ask(
                f"UPDATE {table} SET expires_at = NULL, expiry_date = %s WHERE id = %s", day, row.pk
            )


def test_each_last_day_becomes_its_end_and_nothing_else_changes(old_rows: None) -> None:
    def rows(table: str) -> list[Any]:
        return ask(f"SELECT to_jsonb(one) - 'expires_at' FROM {table} one ORDER BY id")

    count = "SELECT count(*) FROM changes_change"
    before, changes = [rows(table) for table in TABLES], ask(count)
    fills = [one for one in FILL.operations if isinstance(one, Backfill)]
    assert [fill.table for fill in fills] == [*TABLES]
    for fill in fills:
        fill.batch = 2
        with connections["owner"].schema_editor(atomic=False) as editor:
            fill.database_forwards("credits", editor, None, None)
            fill.database_forwards("credits", editor, None, None)
    for table in TABLES:
        ends = [
            end and end.astimezone(datetime.UTC).isoformat()
            for (end,) in ask(f"SELECT expires_at FROM {table} ORDER BY id")
        ]
        assert ends == [
            None,
            "2099-07-02T03:59:59+00:00",
            # The clocks go back an hour at midnight, so this end occurs twice in local time.
            "2026-04-05T03:59:59+00:00",
            "9999-12-30T02:59:59+00:00",
        ]
    assert [rows(table) for table in TABLES] == before
    assert ask(count) == changes, "the record of changes tells nothing of an upgrade"


def test_the_release_before_writes_and_reads_days(santiago: Company) -> None:
    credit = ACredit(
        company=santiago, expires_at=datetime.datetime(2099, 7, 1, 10, tzinfo=datetime.UTC)
    )
    read = "SELECT expiry_date FROM credits_credit WHERE id = %s"
    assert ask(read, credit.pk) == [(datetime.date(2099, 7, 1),)]
    copied = ", ".join(
        column
        for (column,) in ask(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'credits_credit'"
            " AND column_name NOT IN ('id', 'expires_at', 'expiry_date')"
        )
    )
    (written,) = ask(
        f"INSERT INTO credits_credit (id, expiry_date, {copied})"
        f" SELECT gen_random_uuid(), DATE '2099-07-01', {copied} FROM credits_credit"
        " RETURNING expires_at AT TIME ZONE 'UTC'"
    )
    assert written == (datetime.datetime(2099, 7, 2, 3, 59, 59),)
