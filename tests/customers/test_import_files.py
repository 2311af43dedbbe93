"""Files as other systems export them: every field of every row is read as the table expects.

For each file in `files/`, `imports_table.json` holds the notices, the ignored columns and the rows:
each row has either its fields and its notices, or the reason why it is refused. The headings are
those of real systems; the people are invented.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from config.errors import Refusal
from customers.imports import left_out, open_table, recognise_columns
from customers.imports.errors import InvalidRow
from customers.imports.mapping import check_mapping
from customers.imports.records import Record, RecordReader
from tests.source_files import ROOT

FILES = ROOT / "tests/customers/files"
TABLE: dict[str, Any] = json.loads((ROOT / "tests/customers/imports_table.json").read_text("utf-8"))
# The encoding that a user names for a file whose encoding cannot be detected.
ENCODINGS = {"cp1252.csv": "cp1252"}


def read_file(path: Path, encoding: str | None = None) -> dict[str, Any]:
    """Read a file, and return the result in the form of the table."""
    try:
        table = open_table(path, encoding=encoding)
        mapping = recognise_columns(table)
        check_mapping(table.headings, mapping)
    except Refusal as refusal:
        return {"refused": str(refusal)}
    reader = RecordReader(mapping)
    rows = []
    for row in table.rows():
        try:
            rows.append(as_shown(reader.read(row)))
        except InvalidRow as refusal:
            rows.append({"line": row.line, "refused": str(refusal)})
    assert table.count == len(rows)
    found = {"notices": table.notices, "left_out": left_out(table.headings, mapping)}
    return {name: value for name, value in found.items() if value} | {"rows": rows}


def as_shown(record: Record) -> dict[str, Any]:
    shown = {
        "line": record.line,
        **record.customer,
        "address": record.address,
        "addresses": record.addresses,
        "contact_points": [list(point) for point in record.contact_points],
        "note": record.note,
        "known_as": str(record.known_as) if record.known_as else "",
        "left": record.left,
    }
    facts: dict[str, Any] = {}
    if record.is_active is not None:
        facts["is_active"] = record.is_active
    if record.is_archived:
        facts["is_archived"] = True
    return {name: value for name, value in shown.items() if value not in ("", [], {})} | facts


def test_every_file_stands_in_the_table() -> None:
    assert sorted(TABLE) == sorted(path.name for path in FILES.iterdir())
    assert len(TABLE) >= 80


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_file_is_read_as_the_table_says(name: str) -> None:
    found, wanted = read_file(FILES / name, ENCODINGS.get(name)), TABLE[name]
    rows, told = found.pop("rows", []), dict(wanted)
    assert rows == told.pop("rows", [])
    assert found == told
