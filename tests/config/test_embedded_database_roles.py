"""What the embedded server is filled with on its first start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from config.database import EmbeddedServer, Unavailable, embedded, roles


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = embedded(tmp_path / "var", durable=False)
    yield server
    server.leave()


def test_the_roles_can_do_what_they_are_for_and_no_more(server: EmbeddedServer) -> None:
    server.join()
    with psycopg.connect(server.owner_url) as connection:
        found = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin"
            " FROM pg_roles WHERE rolname LIKE 'regulars%' ORDER BY rolname"
        ).fetchall()
    assert found == [
        ("regulars", False, False, False, False, True),
        ("regulars_owner", False, False, True, False, True),
    ]
    with (
        psycopg.connect(server.runtime_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE public.owned (id int)")


def test_a_database_that_the_owner_makes_is_set_up_alike(server: EmbeddedServer) -> None:
    server.join()
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_regulars")
    with psycopg.connect(server.owner_url, dbname="test_regulars") as owner:
        owner.execute("CREATE TABLE public.shown AS SELECT 1 AS id")
        owner.execute("GRANT SELECT ON public.shown TO regulars")
    with psycopg.connect(server.runtime_url, dbname="test_regulars") as runtime:
        assert runtime.execute("SELECT id FROM public.shown").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runtime.execute("CREATE TABLE public.owned (id int)")


@pytest.mark.parametrize("guarded", [True, False])
def test_two_joins_at_once_fill_it_once_thanks_to_their_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    look = roles._knows

    def look_and_dawdle(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
        found = look(connection, query, name)
        time.sleep(0.1)
        return found

    monkeypatch.setattr(roles, "_knows", look_and_dawdle)
    if not guarded:
        monkeypatch.setattr(EmbeddedServer, "_changing", lambda self: nullcontext())
    servers = [embedded(tmp_path / "var", durable=False) for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        joins = [threads.submit(server.join) for server in servers]
    refusals = [join.exception() for join in joins]
    for server in servers:
        server.leave()
    if guarded:
        assert refusals == [None, None]
    else:
        assert any(isinstance(refusal, Unavailable) for refusal in refusals)
