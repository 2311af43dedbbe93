"""The server refuses to start while a fence between companies is missing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError
from django.db import OperationalError, connections, transaction
from django.test import Client

from config.access.checks import ADVICE, OUTSIDE, broken_fence, open_table, strong_role
from config.server import entry, readiness
from config.tenancy.operations import runtime_role


def ready() -> tuple[int, Any]:
    answer = Client(SERVER_NAME="localhost").get("/readyz")
    return answer.status_code, answer.json()


def test_the_fences_stand_after_the_migrations() -> None:
    assert broken_fence() == ""
    assert ready() == (200, {"status": "ok"})


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_locked_table_takes_no_machine_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("LOCK TABLE customers_note")
        assert ready() == (200, {"status": "ok"})
        monkeypatch.setattr(readiness, "_unless_locked", _with_lock_timeout)
        assert ready()[0] == 503, "without the rule it does"


def _with_lock_timeout(check: Callable[[], str]) -> str:
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '500ms'")
        return check()


def test_a_pooler_sharing_prepared_statements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert readiness.forgetful_pooler() == ""
    collide = readiness._collide
    monkeypatch.setattr(readiness, "_collide", lambda one, other: collide(one, one))
    assert "does not follow prepared statements" in readiness.refuse_start()


def test_every_table_with_a_company_is_looked_at() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
            " WHERE attname = 'company_id' AND relkind = 'r' AND relrowsecurity"
        )
        behind = {table for (table,) in cursor.fetchall()}
    assert {"customers_customer", "customers_address", "customers_note"} <= behind
    assert not behind & set(OUTSIDE)


def test_a_role_that_no_policy_holds_or_that_is_not_there_is_found_out() -> None:
    for role, why in (
        ("postgres", "is superuser or BYPASSRLS"),
        ("regulars_owner", "owns the table access_apiclient"),
    ):
        assert strong_role(role, "default") == (
            f"The role {role} {why}, so row-level security does not hold it. {ADVICE}"
        )
    assert strong_role("nobody", "default") == f"The database has no role nobody. {ADVICE}"


OFF = "Row-level security is off for the table {}: enable it again."
LOOSE = (
    "The table customers_note has no policy, or one too many, that keeps the runtime role to one "
    "company: restore the policy that its migration makes."
)


def test_a_table_that_is_open_to_other_companies_is_found_out() -> None:
    assert open_table(runtime_role(), "owner") == ""
    for statement, sentence in (
        ("ALTER TABLE customers_note DISABLE ROW LEVEL SECURITY", OFF.format("customers_note")),
        ("CREATE TABLE loose (company_id uuid)", OFF.format("loose")),
        ("DROP POLICY company ON customers_note", LOOSE),
        ("CREATE POLICY wide ON customers_note USING (true)", LOOSE),
        ("CREATE POLICY wide ON customers_note FOR SELECT TO regulars USING (true)", LOOSE),
        ("ALTER POLICY company ON customers_note USING (true)", LOOSE),
        ("ALTER POLICY company ON customers_note WITH CHECK (true)", LOOSE),
        ("ALTER POLICY company ON customers_note TO regulars_owner", LOOSE),
        # A policy that narrows access further is allowed.
        ("CREATE POLICY narrow ON customers_note AS RESTRICTIVE USING (content <> '')", ""),
    ):
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute(statement)
            assert open_table(runtime_role(), "owner") == sentence, statement
            transaction.set_rollback(True, using="owner")


def test_readyz_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise OperationalError

    missing = (
        "The schema is older than this version: 1 migration is not applied "
        "(customers.9999_later is the first). Run manage.py migrate."
    )
    for name, instead, reason in (
        ("CHECKS", [lambda: "", lambda: "It is down."], "It is down."),
        ("unapplied", fail, "The database cannot be reached."),
        ("_known", lambda: {("customers", "9999_later")}, missing),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(readiness, name, instead)
            assert ready() == (503, {"status": "unavailable", "reason": reason})
    with connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    status, answer = ready()
    assert status == 503
    assert answer["reason"].startswith("The database is read-only for the runtime role")


def test_no_process_serves_while_a_fence_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise OperationalError("no\nroute")

    monkeypatch.setattr(connections["default"], "close", lambda: None)
    for check, sentence in (
        (lambda: "It is down.", "It is down."),
        (fail, "The database cannot be reached: no route"),
    ):
        monkeypatch.setattr(readiness, "CHECKS", [check])
        with pytest.raises(SystemExit) as ended:
            entry.check_readiness()
        assert ended.value.code == sentence


def test_only_the_owner_migrates_and_for_no_strong_role(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate = load_command_class(get_commands()["migrate"], "migrate")
    assert migrate.create_parser("manage.py", "migrate").parse_args([]).database == "owner"
    module = "config.server.management.commands.migrate"
    monkeypatch.setattr(f"{module}.runtime_role", lambda: "postgres")
    with pytest.raises(CommandError, match="The role postgres is superuser"):
        call_command("migrate", verbosity=0)


REFUSING_DELETE = """
SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
 WHERE NOT tgisinternal AND tgtype & 2 <> 0 AND tgtype & {kind} <> 0
   AND prosrc LIKE '%restrict_violation%'
"""


def test_a_table_whose_rows_are_kept_from_its_owner_is_kept_whole_too() -> None:
    """A trigger BEFORE DELETE does not fire for TRUNCATE, which needs a trigger of its own."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(REFUSING_DELETE.format(kind=8))
        rows = {table for (table,) in cursor.fetchall()}
        cursor.execute(REFUSING_DELETE.format(kind=32))
        whole = {table for (table,) in cursor.fetchall()}
    assert {"billing_invoiceline", "changes_change", "credits_entry"} <= rows
    assert rows <= whole
