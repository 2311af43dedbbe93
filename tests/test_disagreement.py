"""Machines with different settings are refused at start, and /readyz names them (threat 53)."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.servers import Server, started
from tests.shop import Shop
from tests.threads import wait_until

FIRST, SECOND = "the first secret key", "the second secret key"
ONE_WORKER = ("--no-demo", "--workers", "1")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A machine that has registered the first secret key."""
    data = tmp_path_factory.mktemp("machines") / "data"
    with started(data, *ONE_WORKER, REGULARS_SECRET_KEY=FIRST) as running:
        yield running


def refused(server: Server, *options: str, **variables: str) -> str:
    """Start another machine on the same database, which must be refused; return its log."""
    other = Server(server.data, *ONE_WORKER, *options, **variables)
    assert other.process.wait(120) == 1
    return other.log.read_text()


def readiness(server: Server) -> tuple[int, Any]:
    answer = requests.get(f"{server.url}/readyz", timeout=30)
    return answer.status_code, answer.json().get("reason", "")


@contextmanager
def as_owner(server: Server, statement: str, undo: str) -> Iterator[None]:
    """Change the database during the block, and undo the change."""
    with server.owner(autocommit=True) as owner:
        owner.execute(statement)
        try:
            yield
        finally:
            owner.execute(undo)


# A right to grant or revoke: verb, privilege, object, and the name in the message.
RIGHTS = [
    ("REVOKE", "INSERT", "customers_customer", "customers_customer"),
    ("GRANT", "DELETE", "changes_webhookdelivery", "changes_webhookdelivery"),
    ("REVOKE", "UPDATE (paid_at)", "billing_invoice", "billing_invoice.paid_at"),
    ("GRANT", "UPDATE (amount)", "credits_entry", "credits_entry.amount"),
    ("REVOKE", "EXECUTE", "FUNCTION access_forget", "access_forget()"),
]
TO_OR_FROM = {"GRANT": "TO", "REVOKE": "FROM"}


def test_a_right_that_differs_is_named(server: Server) -> None:
    for verb, right, where, named in RIGHTS:
        back = "GRANT" if verb == "REVOKE" else "REVOKE"
        statement, undo = (f"{one} {right} ON {where} {TO_OR_FROM[one]} " for one in (verb, back))
        may = "may not" if verb == "REVOKE" else "may, and should not,"
        said = f"The runtime role {may} {right.split()[0]} on {named}: as the owner, {undo}it."
        assert readiness(server) == (200, "")
        with as_owner(server, f"{statement}regulars", f"{undo}regulars"):
            assert readiness(server) == (503, said)
            if verb == "REVOKE" and right == "INSERT":
                assert said in refused(server, REGULARS_SECRET_KEY=FIRST), "at a start as well"
    assert readiness(server) == (200, "")


def test_an_older_schema_is_named_and_refused_where_nothing_may_be_migrated(server: Server) -> None:
    said = (
        "The schema is older than this version: 1 migration is not applied "
        "(server.0001_key_fingerprints is the first). Run manage.py migrate."
    )
    rename = "UPDATE django_migrations SET name = '{}' WHERE app = 'server'".format
    with as_owner(server, rename("later"), rename("0001_key_fingerprints")):
        assert readiness(server) == (503, said)
        assert said in refused(server, "--no-migrate", REGULARS_SECRET_KEY=FIRST)
    assert readiness(server) == (200, "")


def test_a_machine_with_another_key_is_refused(server: Server) -> None:
    said = refused(server, REGULARS_SECRET_KEY=SECOND)
    assert "The database is used with the secret key of fingerprint" in said
    assert readiness(server) == (200, "")


@pytest.mark.long
def test_a_key_is_rotated_without_losing_a_secret(server: Server) -> None:
    shop = Shop(server)
    shop.make("/v1/webhooks", {"url": "https://hooks.example/in"})
    both = {"REGULARS_SECRET_KEY": SECOND, "REGULARS_SECRET_KEY_FALLBACKS": FIRST}
    with started(server.data, *ONE_WORKER, **both) as second:
        # The machine without the new key must not continue with the old key alone.
        status, reason = readiness(server)
        assert (status, "while a key is rotated, name both" in reason) == (503, True)
        assert readiness(second) == (200, "")
        done = second.run("rotate_secret_key")
        assert (done["webhooks"], done["unreadable_webhooks"]) == (1, 0)
        assert readiness(second) == (200, "")
        second.variables = {"REGULARS_SECRET_KEY": "a third key, as after a loss"}
        failed = second.try_to("rotate_secret_key")
        assert (failed.returncode, failed.stdout) == (1, "")
        given_up = second.run("rotate_secret_key", "--lost")
        assert (given_up["webhooks"], given_up["unreadable_webhooks"]) == (0, 1)
        assert "The database is used with" in readiness(second)[1]
        second.variables = {"REGULARS_SECRET_KEY": FIRST}
        second.run("rotate_secret_key", "--lost")
        assert readiness(server) == (200, ""), "the machine can be used again"


def test_a_standby_is_named_by_readyz_and_refused_at_a_start(tmp_path: Path) -> None:
    data, durable = tmp_path / "data", {"REGULARS_THROWAWAY": "0"}
    sentence = "The database is a read-only standby: let DATABASE_URL name the primary."
    with started(data, *ONE_WORKER, **durable) as server:
        (data / "postgres" / "standby.signal").touch()
        (postmaster, *_) = (data / "postgres" / "postmaster.pid").read_text().split()
        os.kill(int(postmaster), signal.SIGINT)
        wait_until(lambda: readiness(server) == (503, sentence), 60)
    standby = Server(data, *ONE_WORKER, **durable)
    assert standby.process.wait(120) == 1
    assert standby.log.read_text().endswith(f"{sentence}\n")
