"""The rules of the house that a machine can hold (house style)."""

import ast
import inspect
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from config.api.resource import Resource
from config.api.surfaces import SURFACES, Surface
from tests.contract import DOCUMENT

ROOT = Path(__file__).parent.parent
FOLDERS = {"config", "customers", "billing", "credits", "bookings", "templates", "tests"}
FILES = {"manage.py", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"}
APPS = ["customers", "billing", "credits", "bookings"]
LONGEST = 300

NO_HTTP = ("rest_framework", "django.http", "django.contrib.admin", "drf_spectacular", "config.api")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def imports(file: Path) -> Iterator[str]:
    """Yield the absolute names of modules that a file imports."""
    package = file.parent.parts
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join([*base, *filter(None, [node.module])])


def kind(file: Path) -> str:
    """Return which room of its app a file is: models, actions, shapes, …"""
    return Path(file.parts[1]).stem if len(file.parts) > 1 else ""


SOURCES = [file for file in tracked() if file.suffix == ".py" and "migrations" not in file.parts]


def test_the_top_level_holds_what_was_agreed() -> None:
    top = {file.parts[0] for file in tracked() if not file.parts[0].startswith(".")}
    assert top <= FOLDERS | FILES
    assert (FILES - {"README.md"}) | {"README.md"} <= top


@pytest.mark.parametrize("app", APPS)
def test_rules_look_only_down(app: str) -> None:
    above = APPS[APPS.index(app) + 1 :]
    for file in SOURCES:
        if file.parts[0] == app and kind(file) in ("models", "actions", "errors", "tasks"):
            found = [name for name in imports(file) if name.split(".")[0] in above]
            assert not found, f"{file} looks up to {found}"


def test_models_and_actions_know_no_door() -> None:
    for file in SOURCES:
        if file.parts[0] in APPS and kind(file) in ("models", "actions", "errors"):
            found = [name for name in imports(file) if name.startswith(NO_HTTP)]
            assert not found, f"{file} knows of {found}"


def test_only_the_background_worker_loads_what_sends_webhooks() -> None:
    """A web worker has no use for it, and would hold some megabytes of it each."""
    sends = ("aiohttp", "config.changes.webhooks.sending", "config.changes.webhooks.dispatcher")
    ours = [file for file in SOURCES if file.parts[0] in FOLDERS - {"tests"}]
    found = {str(file) for file in ours if any(name.startswith(sends) for name in imports(file))}
    webhooks = "config/changes/webhooks"
    assert found == {"config/server/work.py", f"{webhooks}/dispatcher.py", f"{webhooks}/sending.py"}


def test_errors_stand_on_errors_alone() -> None:
    for file in SOURCES:
        if file.parts[0] in APPS and kind(file) == "errors":
            assert set(imports(file)) <= {"config.errors", "django.utils.translation"}, file


def test_the_database_package_comes_before_django() -> None:
    for file in SOURCES:
        if file.parts[:2] == ("config", "database"):
            assert not [name for name in imports(file) if name.startswith("django")], file


def test_no_room_is_called_after_nothing() -> None:
    for file in tracked():
        # What stands in for a template of Unfold has the name that Unfold gave it.
        if file.parts[:2] != ("templates", "unfold"):
            names = {Path(part).stem for part in file.parts}
            assert not {"utils", "common", "helpers"} & names, file


def test_files_are_short() -> None:
    long = {
        str(file): lines
        for file in SOURCES
        if (lines := len((ROOT / file).read_text().splitlines())) > LONGEST
        and file.parts[0] != "tests"
    }
    assert not long


def test_a_surface_declares_and_does_nothing() -> None:
    methods = [name for name, _ in inspect.getmembers(Surface, inspect.isfunction)]
    assert {name for name in methods if not name.startswith("__")} == set()
    assert all(type(surface) is Surface for surface in SURFACES)


def resources(of: type[Resource] = Resource) -> Iterator[type[Resource]]:
    for one in of.__subclasses__():
        yield one
        yield from resources(one)


def test_another_surface_changes_no_method() -> None:
    for one in resources():
        if Resource not in one.__bases__:
            methods = [name for name, value in vars(one).items() if inspect.isfunction(value)]
            assert methods == [], f"{one.__name__} writes {methods} again"


def test_every_public_class_and_action_has_a_docstring() -> None:
    for file in SOURCES:
        if file.parts[0] not in APPS or file.name == "__init__.py":
            continue
        for node in ast.parse((ROOT / file).read_text()).body:
            if isinstance(node, ast.ClassDef) and kind(file) in ("models", "shapes", "api"):
                assert ast.get_docstring(node), f"{file}: {node.name}"
            if isinstance(node, ast.FunctionDef) and kind(file) == "actions":
                public = not node.name.startswith("_")
                assert not public or ast.get_docstring(node), f"{file}: {node.name}"


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
