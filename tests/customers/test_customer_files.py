"""Import and export in processes of their own: one is killed, one loses its reader."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from config.database import embedded
from customers.imports.importing import BATCH
from tests.servers import ROOT
from tests.template import prepare_template

# The process kills itself in its second transaction, before the written rows are committed.
DYING = """
import os, signal
from django.core.management import call_command
from customers.imports import batch
call_command("create_company", "Studio")
create, calls = batch.actions.create_customers, []
def create_and_die(*newcomers, **rest):
    create(*newcomers, **rest)
    calls.append(newcomers)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return [None] * len(newcomers[0])
batch.actions.create_customers = create_and_die
call_command("import_customers", os.environ["FILE"], "--company", "studio")
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A database of its own, and a file of three batches to import."""
    folder = tmp_path_factory.mktemp("files")
    rows = "".join(f"{n},Ann,S{n},E{n},a{n}@x.org\n" for n in range(3 * BATCH))
    (folder / "many.csv").write_text("id,first,last,zip,email\n" + rows)
    environment = {
        **os.environ,
        "REGULARS_DATA": str(folder / "data"),
        "FILE": str(folder / "many.csv"),
    }
    database = embedded(folder / "data", durable=False)
    database.join()
    prepare_template(database)
    yield environment
    database.leave()


def run(environment: dict[str, str], *words: str, code: int = 0) -> str:
    ran = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == code, ran.stderr
    return ran.stdout


def test_a_killed_import_is_finished_by_the_next_run_and_an_export_may_be_left(
    environment: dict[str, str],
) -> None:
    run(environment, "shell", "-c", DYING, code=-signal.SIGKILL)
    found = run(environment, "export_customers", "--company", "studio")
    assert found.count("@x.org") == found.count(",E") == BATCH
    counts = {"created": 2 * BATCH, "updated": 0, "unchanged": BATCH, "refused": 0}
    words = ("import_customers", environment["FILE"], "--company", "studio", "--json")
    assert counts.items() <= json.loads(run(environment, *words)).items()
    export = [sys.executable, "manage.py", "export_customers", "--company", "studio"]
    with subprocess.Popen(
        export, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as left:
        assert left.stdout is not None
        assert left.stderr is not None
        assert left.stdout.readline().decode("utf-8-sig").startswith("regulars_id,")
        left.stdout.close()
        assert left.stderr.read() == b"", "a reader who leaves is no error"
        assert left.wait() == 0
