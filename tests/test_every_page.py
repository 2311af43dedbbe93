"""Every page that staff can reach by links is looked over in a real browser (issue 5, done when 2).

It begins at the home page of the demo company and follows links, to one page of each kind: what its
staff see, and the companies and logins that only a superuser sees.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.servers import Server, started
from tests.visiting import NEEDS_CHROMIUM, Visitor, visiting

ROOT = "root@riverside.example"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# What is downloaded, signs out, or is a machine's.
NO_PAGE = re.compile(r"/(logout|export|files?|refused|i18n)/|/still")
# There are more kinds than that: fewer would mean that links are not found any more.
LEAST = 160


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with started(tmp_path / "data") as running:
        yield running


@pytest.mark.rare
@NEEDS_CHROMIUM
def test_nobody_meets_a_page_that_they_cannot_use(server: Server) -> None:
    made = server.run("create_staff", ROOT, "--company", "demo", "--superuser")
    have_a_webhook(server)
    kinds: set[str] = set()
    with visiting(server.url) as visitor:
        visitor.open("/admin/")
        visitor.page.get_by_label("E-mail").fill(ROOT)
        visitor.page.get_by_label("Password").fill(made["password"])
        visitor.page.get_by_role("button", name="Sign in").click()
        visitor.page.wait_for_url("**/admin/")
        waiting = ["/admin/"]
        while waiting:
            path = waiting.pop(0)
            kind = ID.sub("…", path)
            if kind not in kinds:
                kinds.add(kind)
                visitor.open(path)
                visitor.look_over(kind.strip("/").replace("/", "_"))
                waiting += linked(visitor)
    assert len(kinds) >= LEAST


def have_a_webhook(server: Server) -> None:
    """Make what the demo company lacks: an API key, a webhook, and a message to it."""
    key = server.run("create_api_key", "--company", "demo", "--name", "Site", "--scopes", "*")
    path, headers = f"{server.url}/v1/webhooks", {"X-API-Key": key["key"]}
    url = {"url": "https://receiver.example/hook"}
    hook = requests.post(path, json=url, headers=headers, timeout=30).json()
    sent = requests.post(f"{path}/{hook['id']}/test", headers=headers, timeout=30)
    assert sent.status_code == 200, sent.text


def linked(visitor: Visitor) -> list[str]:
    """Return the pages of the back-office that this one leads to."""
    found = visitor.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    paths = [urlsplit(href).path for href in found if href.startswith(visitor.base)]
    return [one for one in paths if one.startswith("/admin/") and not NO_PAGE.search(one)]
