"""Runs the examples of a page of the guide, and tells where one prints something else."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

from markdown_it import MarkdownIt

from config.docs.guide import HERE

RUN = {"bash": "sh", "python": "py", "javascript": "mjs"}
SHOWN = ("json", "http", "text")
NEEDED = ("bash", "curl", "jq")
WITHIN = 120
# What is compared letter by letter: codes, types, states, headings of a list.
WORD = re.compile(r"[a-z_.]+\Z")
VARIABLE = re.compile(r"^(?:export )?([A-Z_]+)=", re.MULTILINE)


@dataclass
class Block:
    """A fenced block: its language, the word behind it, its text, and what is to be printed."""

    language: str
    word: str
    text: str
    line: int
    shown: list["Block"] = field(default_factory=list)


def blocks_of(page: Path) -> list[Block]:
    """Return what a page has run or given, each with the answers that it shows."""
    found: list[Block] = []
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type != "fence":
            continue
        language, _, word = token.info.partition(" ")
        assert language in (*RUN, *SHOWN), f"{page.name}: “{language}” is run by nothing"
        block = Block(language, word, token.content, token.map[0] + 1 if token.map else 0)
        if language in SHOWN and word != "only":
            assert found, f"{page.name}:{block.line}: an answer before any request"
            found[-1].shown.append(block)
        elif language in RUN:
            found.append(block)
    return found


def try_page(page: Path, folder: Path, given: dict[str, str]) -> list[str]:
    """Run a page's blocks in order, in one shell; returns what is not as it is shown."""
    blocks = [block for block in blocks_of(page) if _is_possible(block)]
    script = ["set -eu -a -o pipefail", f"exec 3>{folder / 'reached'}"]
    for number, block in enumerate(blocks):
        if block.word == "given":
            unknown = [name for name in VARIABLE.findall(block.text) if name not in given]
            assert not unknown, f"{page.name}:{block.line}: nobody gives {unknown}"
            continue
        name = block.word.removeprefix("file=") or f"block-{number}.{RUN[block.language]}"
        (folder / name).write_text(block.text.replace(HERE, given["REGULARS"]), encoding="utf-8")
        if block.word.startswith("file="):
            continue
        does = {"bash": ".", "python": sys.executable, "javascript": "node"}[block.language]
        script += [f"echo {block.line} >&3", f"exec >printed-{number}", f"{does} ./{name}"]
    ran = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder, env={**_path(), **given}, capture_output=True, text=True,
        timeout=WITHIN, check=False,
    )  # fmt: skip
    if ran.returncode:
        last = (folder / "reached").read_text().split()[-1:]
        return [f"{page.name}:{''.join(last)} ended with {ran.returncode}: {ran.stderr[-2000:]}"]
    return [
        f"{page.name}:{shown.line}: {problem}"
        for number, block in enumerate(blocks)
        for shown in block.shown
        for problem in _compare(shown, (folder / f"printed-{number}").read_text("utf-8"))
    ]


def _path() -> dict[str, str]:
    """Return an environment in which `python` is the one that has `requests`."""
    here = str(Path(sys.executable).parent)
    return {
        "PATH": f"{here}:{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONIOENCODING": "utf-8",
        "LC_ALL": "C.UTF-8",
    }


def _is_possible(block: Block) -> bool:
    return block.language != "javascript" or which("node") is not None


def _compare(shown: Block, printed: str) -> list[str]:
    if shown.language == "text":
        return [] if printed.split() == shown.text.split() else [f"prints {printed[:1000]!r}"]
    if shown.language == "http":
        return _compare_http(shown.text, printed)
    try:
        return list(differences(json.loads(shown.text), json.loads(printed)))
    except ValueError as error:
        return [f"{error}: {printed[:1000]!r}"]


def _compare_http(shown: str, printed: str) -> list[str]:
    """Hold the status and what is shown of headers and body against what `curl -i` printed."""
    head, _, body = shown.strip().partition("\n\n")
    answer, _, there = printed.replace("\r\n", "\n").partition("\n\n")
    first, *lines = answer.splitlines()
    headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
    status, *wanted = head.splitlines()
    problems = [] if status.split()[1] == first.split()[1] else [f"answers {first}: {there[:500]}"]
    problems += [
        f"has no header {line}: {headers}"
        for line in wanted
        if line.partition(": ")[0].lower() not in headers
    ]
    if body and not problems:
        problems += differences(json.loads(body), json.loads(there))
    return problems


def differences(shown: Any, printed: Any, place: str = "") -> list[str]:
    """Return where an answer has another shape than the one shown.

    Members, true, false, null and words in small letters are compared; of other strings and of
    numbers only the kind. Each item of a list fits the first shown, and an empty list is empty.
    """
    here = place or "the answer"
    if isinstance(shown, dict) and isinstance(printed, dict):
        if shown.keys() != printed.keys():
            return [f"{here} has {sorted(printed)}, shown are {sorted(shown)}"]
        pairs = [(shown[name], printed[name], f"{place}.{name}") for name in shown]
        return [problem for pair in pairs for problem in differences(*pair)]
    if isinstance(shown, list) and isinstance(printed, list):
        if bool(shown) != bool(printed):
            return [f"{here} is {printed!r:.300}"]
        wanted = shown if len(shown) == len(printed) else shown[:1] * len(printed)
        pairs = [
            (*pair, f"{place}[{at}]") for at, pair in enumerate(zip(wanted, printed, strict=True))
        ]
        return [problem for pair in pairs for problem in differences(*pair)]
    exact = shown is None or isinstance(shown, bool) or _is_word(shown)
    same = shown == printed if exact else type(shown) is type(printed)
    return [] if same else [f"{here} is {printed!r:.300}, shown is {shown!r:.300}"]


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(WORD.match(value))
