"""The committed files that commands generate are up to date."""

import json
import os
from pathlib import Path

from django.core.management import call_command

from config.server import rights
from config.server.rights import actual_rights
from tests.contract import DOCUMENT


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_committed_document_is_current(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.json"
    call_command(
        "spectacular", format="openapi-json", file=str(fresh), validate=True, fail_on_warn=True
    )
    assert json.loads(fresh.read_text()) == json.loads(DOCUMENT.read_text()), (
        "run: uv run manage.py spectacular --format openapi-json --file config/openapi.json"
    )


def test_the_rights_of_the_runtime_role_are_written_down() -> None:
    """Each start compares the file with the rights in the database (`config.server.rights`)."""
    fresh = "".join(f"{name}: {given}".rstrip() + "\n" for name, given in actual_rights().items())
    if os.environ.get("WRITE_RIGHTS"):
        rights.FILE.write_text(fresh)
    assert rights.FILE.read_text() == fresh, (
        "run: WRITE_RIGHTS=1 uv run pytest tests/test_generated_files.py -k rights, "
        "and read the difference"
    )
