"""Rules for source files: docstrings, types, surfaces, and times from the database's clock."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.api.resource import Resource
from config.api.surfaces import SURFACES, Surface
from tests.source_files import APPS, SOURCES, kind, tree


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
        own = getattr(one, "surface", None)
        adds = any(own and getattr(base, "surface", None) is own for base in one.__bases__)
        if Resource not in one.__bases__ and not adds:
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
    """Return whether the signature of a function contains Any."""
    signature = [function.args, *([function.returns] if function.returns else [])]
    nodes = [node for part in signature for node in ast.walk(part)]
    return "Any" in {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}


def takes_actor_last(function: ast.FunctionDef) -> bool:
    """Return whether an action's last argument is its actor, as a keyword-only argument."""
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


# Files that read this machine's clock on purpose, and the reason.
OWN_CLOCK = {
    "config/webhooks/sending.py": "a receiver compares the signature's time with its clock",
    "config/server/readiness.py": "it compares this machine's clock with the database's",
}


def reads_own_clock(code: ast.Module) -> list[str]:
    """Return the calls that read this machine's clock, except those that measure durations."""
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
    """Web servers and workers have their own clocks, which may differ (config.times)."""
    ours = [file for file in SOURCES if file.parts[0] in ("config", *APPS)]
    found = {str(file): calls for file in ours if (calls := reads_own_clock(tree(file)))}
    assert found.keys() == OWN_CLOCK.keys(), found


def test_code_that_reads_its_own_clock_is_found() -> None:
    for line in (
        *("timezone.now()", "datetime.datetime.now(UTC)", "timezone.localdate()", "time.time()"),
        *("models.DateTimeField(auto_now=True)", "from time import time"),
    ):
        assert reads_own_clock(ast.parse(line)), line
