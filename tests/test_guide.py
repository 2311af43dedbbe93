"""Every example of the guide, run against a started server.

A page is a Markdown file in `templates/docs/guide`. The number at the start of its name gives its
order; the rest of the name is its URL. A page begins with its title and one paragraph about its
purpose. `https://regulars.example` stands for the URL of the reader's own server.

The blocks of a page run in order, in one shell and in an empty folder:

    bash             commands; all later blocks see the variables that they set, in any language
    bash given       values that a reader fills in; not run, the function `given` sets the variables
    python           a program; it may use the standard library, `requests` and `standardwebhooks`
    javascript       a Node module; skipped if Node is not installed
    typescript       a module that is compiled with types from the server's document, and run;
                     skipped unless REGULARS_NODE_TOOLS names a folder with its packages
    python file=x.py is not run but written to this file, for a later block (javascript too)

The blocks below such a block show its expected output, in one of these formats:

    json             a document: members, true, false, null and lower_case words must be equal; of
                     other values only the type; all list items must look like the first one
    http             the output of `curl -i`: the status, the required headers, the body
    text             must be equal, except for white space
    json only        (http only, text only) an illustration, which is not compared

Each page continues after the README's first hour. Its variables are REGULARS; CLIENT_ID and
CLIENT_SECRET of that client; API_KEY and TOKEN with the same scopes; CUSTOMER, a customer from that
hour; and RECEIVER, a URL on this machine that webhooks may reach.
To run one page: `GUIDE=webhooks uv run pytest -m long tests/test_guide.py`.
"""

import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from threading import Event, Thread
from typing import Any

import pytest
import requests
from markdown_it import MarkdownIt

from config.docs.guide import FOLDER, HERE

from .servers import Server, free_port, started
from .test_first_hour import NODE_TOOLS, first_hour, paste

RUN = {"bash": "sh", "python": "py", "javascript": "mjs", "typescript": "mts"}
DOES = {
    "bash": ".", "python": shlex.quote(sys.executable), "javascript": "node", "typescript": "typed"
}  # fmt: skip
TYPED = f"""typed() {{
  ln -sfn {shlex.quote(NODE_TOOLS)}/node_modules node_modules
  node_modules/.bin/openapi-typescript "$REGULARS/openapi.json" -o regulars.d.ts > typed.log 2>&1
  node_modules/.bin/tsc --strict --target es2022 --module nodenext "$1"
  node "${{1%.mts}}.mjs"
}}"""
SHOWN = ("json", "http", "text")
NEEDED = ("bash", "curl", "jq")
WITHIN = 120
# Strings that must be equal: codes, types, states, column headings.
WORD = re.compile(r"[a-z_.]+\Z")
VARIABLE = re.compile(r"^(?:export )?([A-Z_]+)=", re.MULTILINE)


@dataclass
class Block:
    """A fenced block: its language, the word after it, its text, and its expected outputs."""

    language: str
    word: str
    text: str
    line: int
    shown: list["Block"] = field(default_factory=list)


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page that run or are given, each with its expected outputs."""
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
    """Run a page's blocks in order, in one shell; return the differences in their output."""
    blocks = [block for block in blocks_of(page) if _is_possible(block)]
    script = ["set -eu -a -o pipefail", TYPED, f"exec 3>{folder / 'reached'}"]
    for number, block in enumerate(blocks):
        if block.word == "given":
            unknown = [name for name in VARIABLE.findall(block.text) if name not in given]
            assert not unknown, f"{page.name}:{block.line}: nobody gives {unknown}"
            continue
        name = block.word.removeprefix("file=") or f"block-{number}.{RUN[block.language]}"
        (folder / name).write_text(block.text.replace(HERE, given["REGULARS"]), encoding="utf-8")
        if block.word.startswith("file="):
            continue
        command = f"{DOES[block.language]} ./{name}"
        script += [f"echo {block.line} >&3", f"exec >printed-{number}", command]
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
    """Return an environment whose `python` has `requests`."""
    here = str(Path(sys.executable).parent)
    return {
        "PATH": f"{here}:{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONIOENCODING": "utf-8",
        "LC_ALL": "C.UTF-8",
    }


def lacking(language: str) -> str:
    """Return why examples in a language cannot run on this machine, or ""."""
    if language in ("javascript", "typescript") and which("node") is None:
        return f"The examples in {language} need node."
    if language == "typescript" and not NODE_TOOLS:
        return "The examples in typescript need packages of npm: see REGULARS_NODE_TOOLS, .ci/run."
    return ""


def _is_possible(block: Block) -> bool:
    return not lacking(block.language)


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
    """Compare the status, headers and body with the output of `curl -i`."""
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
    """Return the differences between a response and the expected one.

    Members, true, false, null and lower-case words must be equal; other strings and numbers need
    the same type. Each list item must look like the first expected one; empty lists must be empty.
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


# --- The pages ---

PAGES = [
    page
    for page in sorted(FOLDER.glob("*.md"))
    if os.environ.get("GUIDE", "") in page.stem.partition("-")[2]
]
TOKEN_GRANT = {"grant_type": "client_credentials"}
LACKING = [tool for tool in NEEDED if which(tool) is None]


def given(server: Server, folder: Path) -> dict[str, str]:
    """Return the variables of a reader after the README's first hour, and an API key."""
    printed = paste(server, folder, first_hour())
    found = re.search(r"client id: (\S+)  client secret: (\S+)", printed)
    assert found, printed
    asked = requests.post(f"{server.url}/oauth/token", TOKEN_GRANT, auth=found.groups(), timeout=10)
    token = asked.json()
    assert set(token["scope"].split()) == set(scopes_of_the_guide())
    ours = ("--company", "studio", "--name", "Key", "--scopes", token["scope"])
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    listed = requests.get(f"{server.url}/v1/customers", headers=headers, timeout=10).json()
    return {
        "REGULARS": server.url,
        "CLIENT_ID": found[1],
        "CLIENT_SECRET": found[2],
        "API_KEY": server.run("create_api_key", *ours)["key"],
        "TOKEN": token["access_token"],
        "CUSTOMER": listed["data"][0]["id"],
        "RECEIVER": f"http://127.0.0.1:{free_port()}/",
    }


def scopes_of_the_guide() -> list[str]:
    """Return the scopes that the guide's own command grants to a client."""
    text = (FOLDER / "02-first-token.md").read_text(encoding="utf-8")
    (scopes,) = re.findall(r'create_api_client .* --scopes "([^"]+)"', text)
    return scopes.split()


@pytest.mark.long
@pytest.mark.skipif(bool(LACKING), reason=f"The examples need {' and '.join(LACKING)}.")
def test_every_example_prints_what_stands_under_it(tmp_path: Path) -> None:
    with started(tmp_path / "data", "--no-demo", REGULARS_PRIVATE_WEBHOOKS="127.0.0.0/8") as server:
        reader = given(server, tmp_path)
        problems = []
        for page in PAGES:
            folder = tmp_path / page.stem
            folder.mkdir()
            problems += try_page(page, folder, reader)
        # The server writes e-mails to its log.
        mailed = "@members.example" in server.log.read_text(encoding="utf-8")
    assert PAGES
    assert not mailed, "a load invites nobody"
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", RUN)
def test_the_guide_has_examples_in_a_language_and_they_are_run(language: str) -> None:
    blocks = [block for page in sorted(FOLDER.glob("*.md")) for block in blocks_of(page)]
    examples = [block for block in blocks if block.language == language and not block.word]
    assert examples
    assert all(block.shown for block in examples if language != "bash")
    if why := lacking(language):
        pytest.skip(why)


class Faltering(BaseHTTPRequestHandler):
    """An API whose token expires, and which answers the first batch only at the fifth attempt."""

    server: "FalteringServer"

    def do_GET(self) -> None:
        if self.headers["Authorization"] != "Bearer new":
            self.answer(401, {})
        elif self.path == "/v1/me":
            self.answer(200, {"credential": {"id": "me"}})
        else:
            self.answer(200, {"data": [], "next": "position", "has_more": False})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/oauth/token":
            return self.answer(200, {"access_token": "new"})
        self.server.keys.append(self.headers["Idempotency-Key"])
        tries = len(self.server.keys)
        if tries == 1:
            return None  # Close the connection without a response.
        if tries == 2:
            return self.answer(200, {}, {"Content-Length": "999"})  # Break off within the response.
        if tries == 3:
            self.server.is_tried_again.wait(WITHIN)
            return None
        self.server.is_tried_again.set()
        if tries == 4:
            return self.answer(429, {}, {"Retry-After": "9"})
        good, bad = {"status": 201}, {"status": 422, "error": {"message": "No address."}}
        sent = json.loads(body)["customers"]
        return self.answer(200, {"results": [good if one["email"] else bad for one in sent]})

    def answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *words: Any) -> None:
        pass


class FalteringServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Faltering)
        self.keys: list[str] = []
        self.is_tried_again = Event()


def test_the_sync_of_the_guide_sends_a_batch_again_until_it_is_answered(tmp_path: Path) -> None:
    for block in blocks_of(FOLDER / "105-two-way-sync.md"):
        if block.word.startswith("file="):
            text = block.text.replace("timeout=30", "timeout=1")
            (tmp_path / block.word.removeprefix("file=")).write_text(text, encoding="utf-8")
    program = (tmp_path / "sync.py").read_text(encoding="utf-8")
    assert len(program.splitlines()) < 60
    program = "import time; time.sleep = lambda wait: print('waits', wait); import members, sync"
    with FalteringServer() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        api = f"http://127.0.0.1:{server.server_port}"
        ran = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
            env={**_path(), "REGULARS": api, "CLIENT_ID": "id", "CLIENT_SECRET": "secret"},
            timeout=WITHIN, check=False,
        )  # fmt: skip
        server.shutdown()
    assert ran.returncode == 0, ran.stderr
    printed = ["waits 1", "waits 2", "waits 4", "waits 9", "m-13 was refused: No address."]
    assert ran.stdout.splitlines() == printed
    assert len(set(server.keys[:5])) == 1, "the same key at each try of a batch"
    assert len(set(server.keys)) == len(server.keys) - 4 == 5, "another key for each batch"
    with closing(sqlite3.connect(tmp_path / "members.db")) as db:
        assert db.execute("SELECT id FROM member WHERE unsent").fetchall() == [("m-13",)]


def test_an_answer_of_another_shape_is_noticed() -> None:
    shown = {"id": "cust_1", "status": "active", "n": [{"a": 1}], "at": None}
    good = {"id": "cust_2", "status": "active", "n": [{"a": 2}, {"a": 3}], "at": None}
    assert not differences(shown, good)
    for bad in (
        {"status": "inactive"}, {"n": []}, {"n": [{"b": 1}]}, {"at": "now"}, {"id": 5}, {"more": 1},
    ):  # fmt: skip
        assert differences(shown, good | bad), bad
