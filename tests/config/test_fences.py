"""The server refuses to serve while a fence between companies is down."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError
from django.db import OperationalError, connections
from django.test import Client

from config.access import checks
from config.access.checks import OUTSIDE, broken_fence, open_table, strong_role
from config.access.operations import runtime_role
from config.server import entry

ADVICE = checks.ADVICE


@pytest.fixture
def as_owner() -> Callable[[str], None]:
    """Run a statement as the owner, until the test is over."""

    def run(statement: str) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement)

    return run


def ready() -> tuple[int, Any]:
    answer = Client(SERVER_NAME="localhost").get("/readyz")
    return answer.status_code, answer.json()


def test_the_fences_stand_after_the_migrations() -> None:
    assert broken_fence() == ""
    assert ready() == (200, {"status": "ok"})


def test_every_table_with_a_company_is_looked_at() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
            " WHERE attname = 'company_id' AND relkind = 'r' AND relrowsecurity"
        )
        behind = {table for (table,) in cursor.fetchall()}
    assert {"customers_customer", "customers_address", "customers_note"} <= behind
    assert not behind & set(OUTSIDE)


@pytest.mark.parametrize(
    ("role", "why"),
    [
        ("postgres", "is superuser or BYPASSRLS"),
        ("regulars_owner", "owns the table access_apiclient"),
    ],
)
def test_a_role_that_no_policy_holds_is_found_out(role: str, why: str) -> None:
    assert strong_role(role, "default") == (
        f"The role {role} {why}, so row-level security does not hold it. {ADVICE}"
    )


def test_a_role_that_is_not_there_is_told() -> None:
    assert strong_role("nobody", "default") == f"The database has no role nobody. {ADVICE}"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "ALTER TABLE customers_note DISABLE ROW LEVEL SECURITY",
            "Row-level security is off for the table customers_note: enable it again.",
        ),
        *(
            (
                statement,
                "The table customers_note has no policy, or one too many, that keeps the runtime "
                "role to one company: restore the policy that its migration makes.",
            )
            for statement in (
                "DROP POLICY company ON customers_note",
                "CREATE POLICY wide ON customers_note USING (true)",
                "CREATE POLICY wide ON customers_note FOR SELECT TO regulars USING (true)",
                "ALTER POLICY company ON customers_note USING (true)",
                "ALTER POLICY company ON customers_note WITH CHECK (true)",
                "ALTER POLICY company ON customers_note TO regulars_owner",
            )
        ),
        (
            "CREATE TABLE loose (company_id uuid)",
            "Row-level security is off for the table loose: enable it again.",
        ),
    ],
)
def test_a_table_that_is_open_to_other_companies_is_found_out(
    as_owner: Callable[[str], None], statement: str, sentence: str
) -> None:
    assert open_table(runtime_role(), "owner") == ""
    as_owner(statement)
    assert open_table(runtime_role(), "owner") == sentence


def test_a_policy_that_narrows_further_does_no_harm(as_owner: Callable[[str], None]) -> None:
    as_owner("CREATE POLICY narrow ON customers_note AS RESTRICTIVE USING (content <> '')")
    assert open_table(runtime_role(), "owner") == ""


def test_readyz_says_which_fence_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.server.health.broken_fence", lambda: "It is down.")
    assert ready() == (503, {"status": "unavailable", "reason": "It is down."})


def test_readyz_says_that_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("config.server.health.unapplied", fail)
    reason = "The database cannot be reached."
    assert ready() == (503, {"status": "unavailable", "reason": reason})


def test_readyz_counts_migrations_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.server.health._known", lambda: {("customers", "9999_later")})
    reason = "1 migration is not applied: run manage.py migrate."
    assert ready() == (503, {"status": "unavailable", "reason": reason})


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (lambda: "It is down.", "It is down."),
        (
            lambda: (_ for _ in ()).throw(OperationalError("no\nroute")),
            "The database cannot be reached: no route",
        ),
    ],
)
def test_no_process_serves_while_a_fence_is_down_or_cannot_be_asked(
    monkeypatch: pytest.MonkeyPatch, says: Callable[[], str], sentence: str
) -> None:
    monkeypatch.setattr(checks, "broken_fence", says)
    monkeypatch.setattr(connections["default"], "close", lambda: None)
    with pytest.raises(SystemExit) as ended:
        entry.check_fence()
    assert ended.value.code == sentence


def test_migrating_is_for_the_owner() -> None:
    migrate = load_command_class(get_commands()["migrate"], "migrate")
    assert migrate.create_parser("manage.py", "migrate").parse_args([]).database == "owner"


def test_nothing_is_migrated_for_a_role_that_no_policy_would_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "config.server.management.commands.migrate.runtime_role", lambda: "postgres"
    )
    with pytest.raises(CommandError, match="The role postgres is superuser"):
        call_command("migrate", verbosity=0)
