"""The check of a file and its import give the same results, even where ids move between batches."""

import random
from pathlib import Path
from typing import Any

import pytest

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import show_id
from customers.imports import import_rows, importing, open_table, recognise_columns
from tests.factories import ACustomer
from tests.shares import undone

FILES = 25


@pytest.fixture
def own_ids(studio: Company, rival: Company) -> list[str]:
    """Return the ids of three of the studio's customers and of one of the rival's."""
    mine = [
        ACustomer(company=studio, external_id=id, first_name=first, email=f"{first}@x.org")
        for id, first in (("1", "Ann"), ("2", "Bob"), ("", "Cy"))
    ]
    return [show_id("cust_", one.id) for one in (*mine, ACustomer(company=rival))]


def fed(file: Path, actor: Actor, *, dry_run: bool) -> tuple[dict[str, int], list[Any]]:
    told: list[Any] = []
    table = open_table(file)
    outcome = import_rows(
        table, recognise_columns(table), actor=actor, dry_run=dry_run,
        refused=lambda row, reason: told.append((row.line, reason)),
    )  # fmt: skip
    return outcome.as_dict(), told


@pytest.mark.parametrize("size", [1, 2])
def test_a_check_tells_what_the_import_does_where_ids_move(
    own_ids: list[str], actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(importing, "BATCH", size)
    file = tmp_path / "moved.csv"
    refused = 0
    for seed in range(FILES):
        chosen = random.Random(seed)
        rows = [
            f"{own},{chosen.choice(['1', '2', '3', ''])},{chosen.choice(['', 'Di', 'Eve'])}"
            for own in chosen.sample([*own_ids, "", "", ""], 6)
        ]
        file.write_text("\n".join(["regulars_id,external_id,first_name", *rows, ""]))
        with undone():
            checked = fed(file, actor, dry_run=True)
            imported = fed(file, actor, dry_run=False)
        assert checked == imported, rows
        refused += imported[0]["refused"]
    assert refused > FILES, "ids were in one another's way"
