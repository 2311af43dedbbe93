"""Every example of the guide, run against a really started server.

A page is a Markdown file of `templates/docs/guide`, in the order of the number that its name begins
with; what follows the number is its address. A page begins with its title and one paragraph that
says what it is for. `https://regulars.example` stands for the address of the reader's own server.

Blocks run in order, in one shell for each page and an empty folder:

    bash             commands; variables that one block sets are there in the next, in any language
    bash given       what a reader fills in; not run, its variables have the values of `given` below
    python           a program of its own; the standard library, `requests`, `standardwebhooks`
    javascript       a module of Node's own; left out where there is no node
    python file=x.py is not run but written to that file, for a block that runs it (javascript too)

and the block under one of them is what it prints:

    json             a document: members, true, false, null and small_words are compared, of numbers
                     and other strings only the kind; each item of a list is like the first shown
    http             what `curl -i` prints: the status, the headers that must be there, the body
    text             word by word
    json only        (http only, text only) is shown and compared with nothing

Every page has REGULARS, CLIENT_ID, CLIENT_SECRET, API_KEY, TOKEN (every scope) and CUSTOMER, one of
the 59 customers of its company, and RECEIVER, an address on this machine that webhooks may reach.
One page alone: `GUIDE=webhooks uv run pytest tests/test_guide.py`.
"""

import os
import shutil
from pathlib import Path

import pytest
import requests

from config.docs.guide import FOLDER

from .examples import NEEDED, differences, try_page
from .real import real_customers
from .servers import Server, free_port, started

PAGES = [
    page
    for page in sorted(FOLDER.glob("*.md"))
    if os.environ.get("GUIDE", "") in page.stem.partition("-")[2]
]
LACKING = [tool for tool in NEEDED if shutil.which(tool) is None]


def given(server: Server) -> dict[str, str]:
    """Return what a reader has: a company with customers, a client, a key and a token."""
    server.run("create_company", "Studio Nine", "--slug", "nine", "--country", "GB")
    file = server.data.parent / "customers.csv"
    file.write_text(real_customers(), encoding="utf-8")
    server.run("import_customers", str(file), "--company", "nine")
    everything = ("--company", "nine", "--name", "Guide", "--scopes", "*")
    client = server.run("create_api_client", *everything)
    key = server.run("create_api_key", *everything)
    secret = {name: client[name] for name in ("client_id", "client_secret")}
    token = requests.post(f"{server.url}/token", json=secret, timeout=10).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    listed = requests.get(f"{server.url}/v1/customers", headers=headers, timeout=10).json()
    return {
        "REGULARS": server.url,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
        "API_KEY": key["key"],
        "TOKEN": token,
        "CUSTOMER": listed["data"][0]["id"],
        "RECEIVER": f"http://127.0.0.1:{free_port()}/",
    }


@pytest.mark.skipif(bool(LACKING), reason=f"The examples need {' and '.join(LACKING)}.")
def test_every_example_prints_what_stands_under_it(tmp_path: Path) -> None:
    with started(tmp_path / "data", "--no-demo", REGULARS_PRIVATE_WEBHOOKS="127.0.0.0/8") as server:
        reader = given(server)
        problems = []
        for page in PAGES:
            folder = tmp_path / page.stem
            folder.mkdir()
            problems += try_page(page, folder, reader)
    assert PAGES
    assert not problems, "\n".join(problems)


def test_an_answer_of_another_shape_is_noticed() -> None:
    shown = {"id": "cust_1", "status": "active", "n": [{"a": 1}], "at": None}
    good = {"id": "cust_2", "status": "active", "n": [{"a": 2}, {"a": 3}], "at": None}
    assert not differences(shown, good)
    for bad in (
        {"status": "inactive"}, {"n": []}, {"n": [{"b": 1}]}, {"at": "now"}, {"id": 5}, {"more": 1},
    ):  # fmt: skip
        assert differences(shown, good | bad), bad
