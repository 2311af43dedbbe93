"""Prepared statements in one pipeline (`config/statements/prepared.py`)."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from psycopg import errors, pq

from config.outages import UNREACHABLE, outage_of
from config.statements import messages, prepared
from config.statements.messages import BEGIN, COMMIT, Run, Unprepared
from config.statements.prepared import PreparedStatements
from config.tenancy.companies import Company
from tests.callers import Caller
from tests.factories import ACustomer

COMPANY = "SELECT current_setting('regulars.company', true)"
INSERT = "INSERT INTO probe VALUES (%(one)s) RETURNING one"
DIVIDE = Run("SELECT 1 / %(none)s::int", {"none": 0})


@pytest.fixture
def own(db: Any) -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own in autocommit mode, as requests use."""
    given = connections["owner"].get_connection_params()
    told = {name: given[name] for name in ("dbname", "user", "host", "port") if name in given}
    with psycopg.connect(**told, autocommit=True) as opened:
        opened.execute("CREATE TEMPORARY TABLE probe (one int CHECK (one > 0))")
        yield opened


@cache
def _prepared(own: Any) -> PreparedStatements:
    return PreparedStatements(own)


def rows(own: Any, sql: str, **values: Any) -> list[Any]:
    (outcome,) = _prepared(own).run([Run(sql, values)])
    if isinstance(outcome, psycopg.Error):
        raise outcome
    return outcome[-1].rows()


def run(own: Any, *batches: Any) -> list[Any]:
    """Return the outcome of each batch: the rows of its statements, or the class of its error."""
    return [
        type(outcome)
        if isinstance(outcome, psycopg.Error)
        else [result.rows() for result in outcome]
        for outcome in _prepared(own).run(*batches)
    ]


def there(own: Any) -> list[Any]:
    assert own.info.transaction_status == pq.TransactionStatus.IDLE
    return [one for (one,) in own.execute("SELECT one FROM probe ORDER BY one").fetchall()]


def insert(one: int) -> Run:
    return Run(INSERT, {"one": one})


def test_a_plan_is_kept_from_request_to_request(integrator: Caller, studio: Company) -> None:
    people = [ACustomer(company=studio) for _ in range(4)]

    def plans() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, generic_plans + custom_plans FROM pg_prepared_statements"
                " WHERE statement LIKE '%cust\\_%' AND NOT from_sql"
            )
            return cursor.fetchall()

    integrator.get(f"/v1/customers/{people[0].id}")
    before = plans()
    for one in people[1:]:
        assert integrator.get(f"/v1/customers/{one.id}").status == 200
    after = plans()
    assert [name for name, _ in after] == [name for name, _ in before]
    assert sum(runs for _, runs in after) == sum(runs for _, runs in before) + 3


def test_a_list_since_a_moment_is_planned_for_it(integrator: Caller, studio: Company) -> None:
    """The filter may match few rows or most; a generic plan would read all of them."""
    people = [ACustomer(company=studio) for _ in range(3)]

    def prepared_lists() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%slice%'")
            return {name for (name,) in cursor.fetchall()}

    before = prepared_lists()
    listed = integrator.get("/v1/customers?limit=2&updated_after=2020-01-01").body["data"]
    assert [one["id"] for one in listed] == [f"cust_{one.id.hex}" for one in people[:0:-1]]
    assert prepared_lists() == before
    integrator.get("/v1/customers?limit=2&sort=updated_at")
    assert prepared_lists() > before, "without one it is prepared"


def test_a_placeholder_may_stand_more_than_once(own: Any) -> None:
    sql = "SELECT %(one)s::int + %(two)s::int, %(one)s::int, %(three)s::text, '50 %%'"
    assert rows(own, sql, one=1, two=2, three="a'b%", more=3) == [(3, 1, "a'b%", "50 %")]


def test_two_texts_that_differ_in_the_names_of_placeholders_are_two_statements(own: Any) -> None:
    assert rows(own, "SELECT %(one)s::int", one=1) == [(1,)]
    assert rows(own, "SELECT %(two)s::int", two=2) == [(2,)]


def test_a_batch_is_a_transaction_and_what_it_sets_ends_with_it(own: Any) -> None:
    company = Unprepared("SET LOCAL regulars.company = 'mine'")
    assert run(own, [BEGIN, company, Run(COMPANY), COMMIT]) == [[[], [], [("mine",)], []]]
    assert run(own, [Run(COMPANY)]) in ([[[("",)]]], [[[(None,)]]])
    assert run(own, [insert(1), DIVIDE]) == [errors.DivisionByZero]
    assert there(own) == []


def test_a_batch_that_fails_stops_no_other_and_leaves_no_transaction_open(own: Any) -> None:
    assert run(own, [insert(1)], [BEGIN, DIVIDE, COMMIT]) == [[[(1,)]], errors.DivisionByZero]
    assert run(own, [insert(-1)], [insert(2)]) == [errors.CheckViolation, [[(2,)]]]
    assert there(own) == [1, 2]


def test_the_last_batch_begins_a_transaction_on_a_connection_that_does_not_commit(own: Any) -> None:
    own.autocommit = False
    assert run(own, [insert(1)], [insert(2)])[1][-1] == [(2,)]
    assert own.info.transaction_status == pq.TransactionStatus.INTRANS
    own.rollback()
    assert rows(own, INSERT, one=3) == [(3,)]
    own.rollback()
    own.autocommit = True
    assert there(own) == [1]


def test_a_command_follows_a_statement_and_is_not_run_where_that_fails(own: Any) -> None:
    own.autocommit = False
    assert run(own, [insert(1), Unprepared("SAVEPOINT here")]) == [[[], [(1,)], []]]
    assert run(own, [insert(2)]) == [[[(2,)]]]
    own.execute("ROLLBACK TO SAVEPOINT here")
    assert run(own, [insert(-1), Unprepared("COMMIT")]) == [errors.CheckViolation]
    assert own.info.transaction_status == pq.TransactionStatus.INERROR
    own.rollback()


def test_the_statements_used_last_are_kept(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MAX_PREPARED", 2)
    for number in (0, 1, 2, 3, 2, 4, 2):
        assert rows(own, f"SELECT {number}") == [(number,)]
    texts = own.execute("SELECT statement FROM pg_prepared_statements").fetchall()
    assert {"SELECT 2", "SELECT 4"} <= {text for (text,) in texts}
    assert len(texts) <= 3


@pytest.mark.parametrize(
    "change", ["DEALLOCATE ALL", "ALTER TABLE pg_temp.probe ALTER COLUMN one TYPE bigint"]
)
def test_a_stale_statement_is_prepared_again(change: str, own: Any) -> None:
    select = Run("SELECT one FROM probe ORDER BY one")
    assert run(own, [insert(1)], [BEGIN, select, COMMIT])[1] == [[], [(1,)], []]
    own.execute(change)
    assert run(own, [Run("SELECT 1")], [BEGIN, select, COMMIT])[1] == [[], [(1,)], []]
    assert rows(own, select.sql) == [(1,)]


def test_a_stale_statement_inside_a_transaction_is_prepared_again_in_the_next(own: Any) -> None:
    select = Run("SELECT one FROM probe ORDER BY one")
    run(own, [insert(1)], [select])
    own.execute("ALTER TABLE pg_temp.probe ALTER COLUMN one TYPE bigint")
    own.execute("BEGIN")
    with pytest.raises(OperationalError) as stale, connection.wrap_database_errors:
        rows(own, select.sql)
    assert outage_of(stale.value) == UNREACHABLE, "a client is told to try again"
    own.execute("ROLLBACK")
    own.execute("BEGIN")
    assert rows(own, select.sql) == [(1,)]


def test_of_two_batches_only_the_stale_one_is_run_again(own: Any) -> None:
    select = Run("SELECT one FROM probe ORDER BY one")
    run(own, [insert(3)], [select])
    name = _prepared(own)._prepared[select.sql].name.decode()
    own.execute(f"DEALLOCATE {name}")
    assert run(own, [insert(4)], [select]) == [[[(4,)]], [[(3,), (4,)]]]


def test_a_name_that_another_statement_has_already_is_never_a_wrong_answer(own: Any) -> None:
    name = messages.prepare("SELECT 1", "").name.decode()
    own.execute(f"PREPARE {name} AS SELECT 2")
    assert rows(own, "SELECT 1") == [(1,)]


def test_a_statement_that_cannot_be_prepared_is_prepared_once_it_can(own: Any) -> None:
    with pytest.raises(errors.UndefinedTable):
        rows(own, "SELECT * FROM probe_2")
    own.execute("CREATE TEMPORARY TABLE probe_2 (one int)")
    assert rows(own, "SELECT * FROM probe_2") == []


def test_a_value_that_cannot_be_sent_does_not_cost_the_connection(own: Any) -> None:
    with pytest.raises(psycopg.DataError):
        rows(own, "SELECT %(text)s::text", text="a\0b")
    assert rows(own, "SELECT %(text)s::text", text="ab") == [("ab",)]


def test_a_statement_larger_than_what_a_socket_holds_is_sent_whole(own: Any) -> None:
    long = "ab" * 4_000_000
    echo = Run("SELECT length(%(long)s::text), %(long)s::text", {"long": long})
    assert run(own, [insert(3), echo], [echo])[1] == [[(8_000_000, long)]]


def test_what_fails_only_at_the_sync_is_the_outcome_of_its_batch(own: Any) -> None:
    own.execute("CREATE TEMPORARY TABLE late (one int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    twice = Run("INSERT INTO late VALUES (1), (1) RETURNING one")
    assert run(own, [twice], [insert(1)]) == [errors.UniqueViolation, [[(1,)]]]


def test_a_connection_that_is_lost_is_an_operational_error(own: Any) -> None:
    kill = Run("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(psycopg.OperationalError):
        run(own, [kill], [Run("SELECT 1")])
    assert own.closed
    with pytest.raises(psycopg.OperationalError):
        rows(own, "SELECT 1")


def test_a_connection_with_unread_results_is_closed(
    own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: Any, messages: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(PreparedStatements, "_outcome", interrupt)
    with pytest.raises(KeyboardInterrupt):
        rows(own, "SELECT 1")
    assert own.closed
