"""Statements that PostgreSQL keeps (config.api.kept): planned once, and run in one message."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from psycopg import errors

from config.access.models import Company
from config.api import kept
from config.api.kept import Kept
from tests.callers import Caller
from tests.factories import ACustomer

BEGIN = b"SELECT set_config('regulars.company', 'mine', true); "
COMPANY = "SELECT current_setting('regulars.company', true)"
NAMES = "SELECT name FROM pg_prepared_statements ORDER BY name"


@pytest.fixture
def own(db: Any) -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own, in autocommit, as a request has one."""
    given = connections["owner"].get_connection_params()
    told = {name: given[name] for name in ("dbname", "user", "host", "port") if name in given}
    with psycopg.connect(**told, autocommit=True) as opened:
        yield opened


def test_a_plan_is_kept_for_whoever_is_asked_for(integrator: Caller, studio: Company) -> None:
    people = [ACustomer(company=studio) for _ in range(4)]

    def plans() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, generic_plans + custom_plans FROM pg_prepared_statements"
                " WHERE statement LIKE '%cust\\_%'"
            )
            return cursor.fetchall()

    integrator.get(f"/v1/customers/{people[0].id}")
    before = plans()
    for one in people[1:]:
        assert integrator.get(f"/v1/customers/{one.id}").status == 200
    after = plans()
    assert [name for name, _ in after] == [name for name, _ in before]
    assert sum(runs for _, runs in after) == sum(runs for _, runs in before) + 3


def test_what_opens_a_transaction_ends_with_the_statement_behind_it(own: Any) -> None:
    assert Kept.of(own).rows(COMPANY, {}, BEGIN) == [("mine",)]
    assert Kept.of(own).rows(COMPANY, {}) in ([("",)], [(None,)])


def test_values_stand_in_their_slots_however_often(own: Any) -> None:
    text = "SELECT %(one)s::int + %(two)s::int, %(one)s::int, %(three)s::text, '50 %%'"
    values = {"one": 1, "two": 2, "three": "a'b%", "more": 3}
    assert Kept.of(own).rows(text, values) == [(3, 1, "a'b%", "50 %")]


def test_what_fails_behind_the_opening_undoes_it(own: Any) -> None:
    begin = b"CREATE TABLE kept_probe (); "
    with pytest.raises(errors.DivisionByZero):
        Kept.of(own).rows("SELECT 1 / %(none)s::int", {"none": 0}, begin)
    assert own.execute("SELECT to_regclass('kept_probe')").fetchone() == (None,)


def test_no_more_are_kept_than_a_connection_has_memory_for(
    own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    for number in (0, 1, 2, 3, 2, 4):
        assert Kept.of(own).rows(f"SELECT {number}", {}) == [(number,)]
    assert own.execute(NAMES).fetchall() == [("kept_3",), ("kept_5",)], "what was used last"


@pytest.mark.parametrize(
    "change",
    ["DEALLOCATE ALL", "ALTER TABLE pg_temp.probe ALTER COLUMN one TYPE bigint"],
)
def test_what_was_forgotten_or_has_changed_is_prepared_again(change: str, own: Any) -> None:
    own.execute("CREATE TEMPORARY TABLE probe (one int)")
    own.execute("INSERT INTO probe VALUES (1)")
    assert Kept.of(own).rows("SELECT one FROM probe", {}) == [(1,)]
    own.execute(change)
    assert Kept.of(own).rows("SELECT one FROM probe", {}) == [(1,)]


def test_a_transaction_begins_with_its_first_statement(own: Any) -> None:
    own.autocommit = False
    Kept.of(own).rows("SELECT set_config('regulars.company', 'theirs', true)", {})
    assert own.execute(COMPANY).fetchone() == ("theirs",)
    own.rollback()


def test_a_server_that_has_gone_is_told_as_one(own: Any) -> None:
    with psycopg.connect(own.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [own.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        Kept.of(own).rows("SELECT 1", {})
