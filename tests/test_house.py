"""The rules of the house that a machine can hold; `config/README.md` explains them."""

import ast
import inspect
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management import call_command

from config.api.resource import Resource
from config.api.surfaces import SURFACES, Surface
from config.server import rights
from config.server.rights import actual_rights
from tests.contract import DOCUMENT

ROOT = Path(__file__).parent.parent
APPS = ("customers", "billing", "credits", "bookings")
FOLDERS = {"config", "customers", "billing", "credits", "bookings", "templates", "tests"}
FILES = {"manage.py", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"}
LONGEST = 300

NO_HTTP = ("rest_framework", "django.http", "django.contrib.admin", "drf_spectacular", "config.api")


def tracked() -> list[Path]:
    listed = subprocess.run(
        # A clone that another account made is as good as one of our own.
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse((ROOT / file).read_text())


@cache
def imported(file: Path) -> set[tuple[str, str]]:
    """Return (module, name) for whatever a file imports, also inside functions."""
    found: set[tuple[str, str]] = set()
    package = file.parent.parts
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            found |= {(module, alias.name) for alias in node.names}
    return found


def imports(file: Path) -> set[str]:
    """Return the names of the modules that a file imports."""
    return {module for module, _name in imported(file)}


def kind(file: Path) -> str:
    """Return which room of its app a file is: models, actions, shapes, …"""
    return Path(file.parts[1]).stem if len(file.parts) > 1 else ""


SOURCES = [file for file in tracked() if file.suffix == ".py" and "migrations" not in file.parts]


def test_the_top_level_holds_what_was_agreed() -> None:
    top = {file.parts[0] for file in tracked() if not file.parts[0].startswith(".")}
    assert top <= FOLDERS | FILES
    assert top >= FILES


def test_rules_look_only_down() -> None:
    for file in SOURCES:
        if kind(file) in ("models", "actions", "errors", "tasks") and file.parts[0] in APPS:
            above = APPS[APPS.index(file.parts[0]) + 1 :]
            found = [name for name in imports(file) if name.split(".")[0] in above]
            assert not found, f"{file} looks up to {found}"


# --- Who imports whom ---

Graph = Mapping[str, set[str]]


def name_of(file: Path) -> str:
    """Return the name of the module in a file, whose path is relative to the root."""
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def graph() -> Graph:
    """Return which of our modules import which, without migrations and tests."""
    modules = {name_of(file): file for file in SOURCES if file.parts[0] in ("config", *APPS)}
    edges: dict[str, set[str]] = {}
    for module, file in modules.items():
        pairs = imported(file)
        names = (f"{base}.{name}" if f"{base}.{name}" in modules else base for base, name in pairs)
        edges[module] = {name for name in names if name in modules and name != module}
    return edges


def room_of(module: str) -> str:
    """Return the room that a module stands in: a package or module of config, or an app."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "config" else parts[0]


def between_rooms(edges: Graph) -> dict[str, set[str]]:
    """Return which rooms import which."""
    rooms: dict[str, set[str]] = {}
    for module, names in edges.items():
        found = {room_of(name) for name in names} - {room_of(module)}
        rooms.setdefault(room_of(module), set()).update(found)
    return rooms


def circles(edges: Graph) -> list[set[str]]:
    """Return the groups of nodes that import each other, whatever the way round (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            group = set(stack[stack.index(node) :])
            del stack[stack.index(node) :]
            found.append(group)

    for node in edges:
        if node not in index:
            visit(node)
    return found


def longest_chain(edges: Graph) -> list[str]:
    """Return the longest chain of imports; modules in a circle count as one."""
    best: dict[str, list[str]] = {}
    # Tarjan finds a group after all that it imports.
    for group in circles(edges):
        below = {name for module in group for name in edges.get(module, ())} - group
        tail = max((best[name] for name in sorted(below)), key=len, default=[])
        for module in group:
            best[module] = [min(group), *tail]
    return max(best.values(), key=len)


# Rooms of the frame that know the apps: the addresses, the first page, the demo company.
KNOWS_APPS = {"config.urls", "config.home", "config.demo"}

# What an app shows of the apps above it, in the files named here and nowhere else.
LOOKS_UP = {
    "billing.shapes.outputs": "the booking that a payment is for",
    "customers.admin.archiving": "what is open when a customer is archived",
    "customers.admin.changed": "the newest change of anything that is the customer's",
    "customers.admin.customers": "buttons that archive a customer with what is open",
    "customers.admin.filters": "customers by subscription and by credit",
    "customers.admin.lapsing": "customers by their last visit",
    "customers.admin.page": "the customer's page has everything that is the customer's",
    "customers.admin.timeline": "what happened to a customer, from every app",
    "customers.api": "archiving ends what is open, if asked",
    "customers.shapes.outputs": "the subscription and the default payment method",
    "customers.shapes.state": "the complete state of a customer",
    "customers.shapes.stats": "the statistics of a customer",
}
LONGEST_CHAIN = 19


def test_the_frame_imports_no_app() -> None:
    found = {
        f"{module} imports {name}"
        for module, names in graph().items()
        for name in names
        if name.split(".")[0] in APPS and module.startswith("config.")
        if room_of(module) not in KNOWS_APPS
    }
    assert not found


def test_no_rooms_import_each_other_in_a_circle() -> None:
    """The apps count as one: among them, `LOOKS_UP` names what looks up."""
    rooms = {
        room: {name if name not in APPS else "apps" for name in names}
        for room, names in between_rooms(graph()).items()
        if room not in APPS
    }
    below = (names for room, names in between_rooms(graph()).items() if room in APPS)
    rooms["apps"] = set().union(*below) - set(APPS)
    assert [group for group in circles(rooms) if len(group) > 1] == []


def test_apps_look_up_only_where_it_is_written_down() -> None:
    found = {
        module
        for module, names in graph().items()
        for name in names
        if room_of(module) in APPS and room_of(name) in APPS
        if APPS.index(room_of(name)) > APPS.index(room_of(module))
    }
    assert found == LOOKS_UP.keys()


def test_no_chain_of_imports_is_long() -> None:
    chain = longest_chain(graph())
    assert len(chain) <= LONGEST_CHAIN, chain


def test_circles_and_chains_are_found() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str]()}
    assert {"b", "c"} in circles(edges)
    assert longest_chain(edges) == ["a", "b", "d"]


def test_models_and_actions_know_no_door() -> None:
    for file in SOURCES:
        if file.parts[0] in APPS and kind(file) in ("models", "actions", "errors"):
            found = [name for name in imports(file) if name.startswith(NO_HTTP)]
            assert not found, f"{file} knows of {found}"


def test_only_the_background_worker_loads_what_sends_webhooks() -> None:
    """A web worker has no use for it, and would hold some megabytes of it each."""
    sends = ("aiohttp", "config.webhooks.sending", "config.webhooks.dispatcher")
    ours = [file for file in SOURCES if file.parts[0] in FOLDERS - {"tests"}]
    found = {str(file) for file in ours if any(name.startswith(sends) for name in imports(file))}
    webhooks = "config/webhooks"
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


def test_a_reference_to_the_contract_or_a_threat_leads_somewhere() -> None:
    contract = (ROOT / "config/api/contract.md").read_text()
    threats = (ROOT / "tests/threats.md").read_text()
    for file in set(SOURCES) - {Path("tests/test_house.py")}:
        text = (ROOT / file).read_text()
        for sections in re.findall(r"contract, sections? ([0-9, toand]+)", text):
            for number in re.findall(r"[0-9]+", sections):
                assert f"## {number}. " in contract, f"{file}: section {number}"
        for title in re.findall(r'contract, "([^"]+)"', text):
            assert f"## {title}" in contract, f"{file}: {title}"
        for numbers in re.findall(r"(?i)threats? ([0-9][0-9, toand]*)", text):
            for number in re.findall(r"[0-9]+", numbers):
                assert f"\n| {number} | " in threats, f"{file}: threat {number}"
    for named in re.findall(r"`(tests/[^`]+)`", threats):
        assert (ROOT / named).exists(), named


def test_the_map_names_files_and_every_room() -> None:
    text = (ROOT / "config/README.md").read_text()
    for named in re.findall(
        r"`((?:config|customers|billing|credits|bookings|templates|tests)/\S*)`", text
    ):
        assert (ROOT / named).exists(), named
    rooms = {
        file.parts[:2] for file in SOURCES if file.parts[0] == "config" and len(file.parts) > 2
    }
    assert [room for room in rooms if f"`{'/'.join(room)}/`" not in text] == []


def test_every_package_says_what_it_is_for() -> None:
    for file in SOURCES:
        if file.name == "__init__.py" and not {"management", "tests"} & set(file.parts):
            assert ast.get_docstring(tree(file)), file


def test_files_are_short() -> None:
    for file in SOURCES:
        lines = len((ROOT / file).read_text().splitlines())
        assert lines <= LONGEST or file.parts[0] == "tests", f"{file}: {lines}"


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
        for node in tree(file).body:
            is_shown = isinstance(node, ast.ClassDef) and kind(file) in ("models", "shapes", "api")
            is_action = isinstance(node, ast.FunctionDef) and kind(file) == "actions"
            if is_shown or (is_action and not node.name.startswith("_")):
                assert ast.get_docstring(node), f"{file}: {node.name}"


def public_functions(file: Path) -> Iterator[ast.FunctionDef]:
    """Yield the public functions of a file and the public methods of its classes."""
    body = tree(file).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    for node in [*body, *(member for one in classes for member in one.body)]:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def names_any(function: ast.FunctionDef) -> bool:
    """Return whether Any stands in the signature of a function."""
    signature = [function.args, *([function.returns] if function.returns else [])]
    nodes = [node for part in signature for node in ast.walk(part)]
    return "Any" in {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}


def takes_actor_last(function: ast.FunctionDef) -> bool:
    """Return whether an action takes its actor as the last argument, by keyword alone."""
    subjects = [one.arg for one in function.args.posonlyargs + function.args.args]
    options = [one.arg for one in function.args.kwonlyargs]
    return "actor" not in [*subjects[1:], *options[:-1]]


OURS = [
    file for file in SOURCES if file.parts[0] in ("config", *APPS) and "admin" not in file.parts
]
MODELS, ACTIONS = (
    [file for file in OURS if room in {Path(part).stem for part in file.parts}]
    for room in ("models", "actions")
)


def test_signatures_of_actions_and_models_say_their_types() -> None:
    functions = ((file, one) for file in MODELS + ACTIONS for one in public_functions(file))
    assert [f"{file}: {one.name}" for file, one in functions if names_any(one)] == []


def test_actions_take_their_actor_last() -> None:
    functions = ((file, one) for file in ACTIONS for one in public_functions(file))
    assert [f"{file}: {one.name}" for file, one in functions if not takes_actor_last(one)] == []


def test_any_and_an_actor_in_another_place_are_found() -> None:
    def function(signature: str) -> Any:
        return ast.parse(f"def act{signature}: ...").body[0]

    for signature in (
        *("(row: Any)", "(*, changes: dict[str, Any])", "(**facts: typing.Any)"),
        "(self) -> models.QuerySet[Any]",
    ):
        assert names_any(function(signature)), signature
    for signature in ("(row, actor)", "(row, *, actor, reason)"):
        assert not takes_actor_last(function(signature)), signature


# Where this machine's own clock is meant, and why.
OWN_CLOCK = {
    "config/webhooks/sending.py": "a receiver compares the signature's time with its clock",
    "config/server/readiness.py": "it compares this machine's clock with the database's",
}


def reads_own_clock(code: ast.Module) -> list[str]:
    """Return the calls in code that read this machine's clock, durations aside."""
    clocks = ("timezone.now", "datetime.now", "utcnow", "date.today", "datetime.today")
    found = []
    for node in ast.walk(code):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            is_local = called.endswith(("localdate", "localtime")) and not node.args
            if called.endswith(clocks) or is_local or called in ("now", "time", "time.time"):
                found.append(called)
        if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            found.append(node.arg)
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "django.utils.timezone"):
            found += [name.name for name in node.names if name.name in ("time", "now")]
    return found


def test_times_come_from_the_databases_clock() -> None:
    """Web servers and workers have clocks of their own (config.times)."""
    ours = [file for file in SOURCES if file.parts[0] in ("config", *APPS)]
    found = {str(file): calls for file in ours if (calls := reads_own_clock(tree(file)))}
    assert found.keys() == OWN_CLOCK.keys(), found


def test_code_that_reads_its_own_clock_is_found() -> None:
    for line in (
        *("timezone.now()", "datetime.datetime.now(UTC)", "timezone.localdate()", "time.time()"),
        *("models.DateTimeField(auto_now=True)", "from time import time"),
    ):
        assert reads_own_clock(ast.parse(line)), line


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
    """Each start compares them with what the database grants (`config.server.rights`)."""
    fresh = "".join(f"{name}: {given}".rstrip() + "\n" for name, given in actual_rights().items())
    if os.environ.get("WRITE_RIGHTS"):
        rights.FILE.write_text(fresh)
    assert rights.FILE.read_text() == fresh, (
        "run: WRITE_RIGHTS=1 uv run pytest tests/test_house.py -k rights, and read the difference"
    )
