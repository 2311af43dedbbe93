"""Which folders exist, how long files are, and whether documents name existing files."""

import ast
import re
from pathlib import Path

from tests.source_files import ROOT, SOURCES, tracked, tree

FOLDERS = {"config", "customers", "billing", "credits", "bookings", "templates", "tests"}
FILES = {"manage.py", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"}
LONGEST = 300
# Threats without a test here: coupon limits, coupon codes, backups. Number 58 is unused.
LAST_THREAT, NOT_OURS = 63, {22, 34, 44, 58}


def test_the_top_level_holds_what_was_agreed() -> None:
    top = {file.parts[0] for file in tracked() if not file.parts[0].startswith(".")}
    assert top <= FOLDERS | FILES
    assert top >= FILES


def test_no_room_is_called_after_nothing() -> None:
    for file in tracked():
        # A template that replaces one of Unfold's has to keep Unfold's name.
        if file.parts[:2] != ("templates", "unfold"):
            names = {Path(part).stem for part in file.parts}
            assert not {"utils", "common", "helpers"} & names, file


def test_a_reference_to_the_contract_or_a_threat_leads_somewhere() -> None:
    contract = (ROOT / "config/api/contract.md").read_text()
    threats = (ROOT / "tests/threats.md").read_text()
    for file in set(SOURCES) - {Path("tests/test_layout.py")}:
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
    numbers = [int(number) for number in re.findall(r"(?m)^\| ([0-9]+) \|", threats)]
    assert numbers == sorted({*range(1, LAST_THREAT + 1)} - NOT_OURS), "each once, in order"


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
