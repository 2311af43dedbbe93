"""The README's tables hold what there is: every operation with its scope, and every verb."""

import re
from collections import Counter

from django.core.management import get_commands

from tests.contract import operations
from tests.test_house import APPS, ROOT

OPERATION = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`]*)`")
CODE = re.compile(r"`([^`]+)`")
# What stands under it is no part of the API's document.
AROUND = "**Around them**"


def rows(section: str) -> list[tuple[str, str]]:
    """Return both cells of every row of the table in a section of the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    after = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in after.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert all(len(cells) == 2 for cells in table), section
    return [(first, second) for first, second in table[2:]]


def documented() -> dict[tuple[str, str], str]:
    """Return the scope of every operation of the document, "" where it needs none."""
    return {
        (method, path): " ".join({" ".join(*way.values()) for way in one.get("security", [])})
        for path, method, one in operations()
    }


def test_every_operation_has_one_row_and_its_scope() -> None:
    table = rows("Operations")
    headings = [first for first, _ in table]
    found = [
        ((method, path), scope.strip("`"))
        for first, scope in table[: headings.index(AROUND)]
        for method, path in OPERATION.findall(first)
    ]
    twice = [one for one, times in Counter(one for one, _ in found).items() if times > 1]
    assert not twice
    assert dict(found) == documented()


def test_every_row_is_a_heading_or_an_operation() -> None:
    for first, scope in rows("Operations"):
        assert first.startswith("**") or OPERATION.search(first), first
        assert not (first.startswith("**") and scope), first


def test_every_verb_of_ours_is_in_the_table() -> None:
    ours = {verb for verb, app in get_commands().items() if app.split(".")[0] in {"config", *APPS}}
    verbs = [verb for first, _ in rows("Verbs") for verb in CODE.findall(first)]
    assert sorted(verbs) == sorted(ours)
