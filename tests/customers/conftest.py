"""Fixtures for the tests of imports."""

from pathlib import Path
from typing import Any

import pytest

from customers.imports import open_table, recognise_columns
from customers.imports.errors import InvalidRow
from customers.imports.records import RecordReader
from tests.customers.test_import_files import as_shown


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Read text as a file; return each row's values, or the message that refuses the row."""

    def rows(text: str, name: str = "given.csv") -> list[Any]:
        file = tmp_path / name
        file.write_text(text, "utf-8", newline="")
        table = open_table(file)
        reader, found = RecordReader(recognise_columns(table)), []
        for row in table.rows():
            try:
                shown = as_shown(reader.read(row))
                shown.pop("line")
                found.append(shown)
            except InvalidRow as refusal:
                found.append(str(refusal))
        return found

    return rows
