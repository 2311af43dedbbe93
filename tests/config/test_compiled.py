"""SQL is compiled once for each form of a request, and run again with other values."""

from typing import Any

import pytest

from config.access.models import Company
from config.statements import compiling
from config.statements.compiling import Statement, compiled
from tests.callers import Caller
from tests.contract import operations
from tests.slots import fill, make_rows

READS = sorted(path for path, method, _ in operations() if method == "GET")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_kept", {})


def refuse(queryset: Any) -> Statement:
    raise AssertionError(f"It compiles {queryset.model.__name__} again.")


def test_no_read_is_compiled_twice_whoever_asks(
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
    integrator: Caller,
    stranger: Caller,
    studio: Company,
    rival: Company,
) -> None:
    ours, theirs = make_rows(studio), make_rows(rival)
    for path in READS:
        with subtests.test(path):
            first = integrator.get(fill(path, ours))
            with monkeypatch.context() as patched:
                patched.setattr(Statement, "of", refuse)
                other = stranger.get(fill(path, theirs))
            assert (first.status, other.status) == (200, 200)
            assert other.body != first.body or not first.body.get("data", True)


def test_a_statement_is_built_again_where_too_many_were_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiling, "MOST", 2)
    built: list[str] = []

    def ask(key: str) -> str:
        def build() -> Statement:
            built.append(key)
            return Statement(key)

        return compiled(key, build).sql

    assert [ask(key) for key in ("a", "b", "a", "b", "c", "a", "c")] == list("ababcac")
    assert built == ["a", "b", "c", "a"]
