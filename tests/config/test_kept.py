"""What PostgreSQL keeps (config.statements.kept): planned once, and run in one message."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from psycopg import errors, pq

from config.access.models import Company
from config.statements import kept
from config.statements.kept import Kept
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


FIRST = "INSERT INTO probe VALUES (%(one)s) RETURNING one"


@pytest.fixture
def probed(own: Any) -> Any:
    own.execute("CREATE TEMPORARY TABLE probe (one int CHECK (one > 0))")
    return own


def there(own: Any) -> list[Any]:
    assert own.info.transaction_status == pq.TransactionStatus.IDLE
    return [one for (one,) in own.execute("SELECT one FROM probe ORDER BY one").fetchall()]


def test_two_statements_are_each_a_transaction_of_its_own(probed: Any) -> None:
    then = "SELECT count(*), pg_current_xact_id_if_assigned() FROM probe", {}
    told, rows = Kept.of(probed).rows_after((FIRST, {"one": 3}), then, BEGIN)
    assert (told.read(), told.raw, rows) == ((3,), [b"3"], [(1, None)])
    assert Kept.of(probed).rows(COMPANY, {}) == [("",)], "what opened the second ended with it"


def test_the_first_stands_whatever_becomes_of_the_second(probed: Any) -> None:
    then = "SELECT 1 / %(none)s::int", {"none": 0}
    told, error = Kept.of(probed).rows_after((FIRST, {"one": 3}), then, b"")
    assert told.read() == (3,)
    assert isinstance(error, errors.DivisionByZero)
    assert there(probed) == [3]


def test_the_second_is_not_run_where_the_first_fails(probed: Any) -> None:
    then = "INSERT INTO probe VALUES (7) RETURNING one", {}
    with pytest.raises(errors.CheckViolation):
        Kept.of(probed).rows_after((FIRST, {"one": -3}), then, b"")
    assert there(probed) == []


def test_of_two_a_stale_second_is_run_again_and_the_first_is_not(probed: Any) -> None:
    then = "SELECT one FROM probe ORDER BY one", {}
    Kept.of(probed).rows_after((FIRST, {"one": 3}), then, b"")
    name = Kept.of(probed)._names[then[0]][0].decode()
    probed.execute(f"DEALLOCATE {name}")
    _, rows = Kept.of(probed).rows_after((FIRST, {"one": 4}), then, b"")
    assert rows == [(3,), (4,)]
    assert there(probed) == [3, 4]


def test_the_second_begins_a_transaction_where_one_is_wanted(probed: Any) -> None:
    probed.autocommit = False
    Kept.of(probed).rows_after((FIRST, {"one": 3}), (FIRST, {"one": 4}), b"")
    assert probed.info.transaction_status == pq.TransactionStatus.INTRANS
    probed.rollback()
    probed.autocommit = True
    assert there(probed) == [3]


def test_a_command_follows_a_statement_and_is_not_run_where_that_fails(probed: Any) -> None:
    probed.autocommit = False
    kept = Kept.of(probed)
    assert kept.rows(FIRST, {"one": 1}) == [(1,)]
    assert kept.rows_then(FIRST, {"one": 2}, b"SAVEPOINT here") == [(2,)]
    assert kept.rows(FIRST, {"one": 3}) == [(3,)]
    probed.execute("ROLLBACK TO SAVEPOINT here")
    assert [one for (one,) in probed.execute("SELECT one FROM probe ORDER BY one")] == [1, 2]
    with pytest.raises(errors.CheckViolation):
        kept.rows_then(FIRST, {"one": -1}, b"COMMIT")
    assert probed.info.transaction_status == pq.TransactionStatus.INERROR
    probed.rollback()


def test_a_message_larger_than_what_a_socket_holds_is_sent_whole(probed: Any) -> None:
    then = "SELECT length(%(long)s::text), %(long)s::text", {"long": "ab" * 4_000_000}
    _, rows = Kept.of(probed).rows_after((FIRST, {"one": 3}), then, b"")
    assert rows == [(8_000_000, "ab" * 4_000_000)]


def test_a_server_that_has_gone_is_told_as_one_by_two_statements_too(probed: Any) -> None:
    kill = "SELECT pg_terminate_backend(pg_backend_pid())", {}
    with pytest.raises(psycopg.OperationalError):
        Kept.of(probed).rows_after(kill, ("SELECT 1", {}), b"")
