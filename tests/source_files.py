"""The files of the repository, and what the source files import."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
APPS = ("customers", "billing", "credits", "bookings")


def tracked() -> list[Path]:
    listed = subprocess.run(
        # Allow a clone that another user account owns.
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse((ROOT / file).read_text())


@cache
def imported(file: Path) -> set[tuple[str, str]]:
    """Return (module, name) for each import of a file, including imports inside functions."""
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
    """Return the kind of a file within its app: models, actions, shapes, …"""
    return Path(file.parts[1]).stem if len(file.parts) > 1 else ""


SOURCES = [file for file in tracked() if file.suffix == ".py" and "migrations" not in file.parts]
