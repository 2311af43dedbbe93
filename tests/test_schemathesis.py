"""Schemathesis against a started server: every operation, every check, both companies' keys.

Schemathesis must find no 5xx and no response outside the document. EXAMPLES is the number of
requests for each operation: 20 by default, with a fixed seed, so that a failure comes from the
change under test. `EXAMPLES=1000 uv run pytest -m long tests/test_schemathesis.py` draws new
requests each time. With the studio's key, one run also sends requests at the document's bounds; the
same run with the rival's key is marked rare. With each key, EXAMPLES sequences follow links from
response to response. `tests/schemathesis.toml` and `tests/schemathesis_hooks.py` hold exceptions
that our document cannot express.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from schemathesis.core.failures import AcceptedNegativeData, Failure

from .contract import DOCUMENT
from .schemathesis_hooks import filter_failure
from .servers import ROOT, Server, started

COMPANIES = {"studio": "demo", "rival": "rival"}
LIMITS = ("REGULARS_CLIENT_LIMIT", "REGULARS_COMPANY_LIMIT", "REGULARS_ADDRESS_LIMIT")
MANY = int(os.environ.get("EXAMPLES", "20"))
# Fixed examples: a failure then comes from the change under test.
SEED = "20261125"
HOOKS = ROOT / "tests" / "schemathesis_hooks.py"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo company, with rows of every kind, and a rival with customers of its own."""
    data = tmp_path_factory.mktemp("schemathesis") / "data"
    with started(data, **dict.fromkeys(LIMITS, "1000000")) as running:
        running.run("create_company", "Rival Spa", "--slug", "rival", "--country", "MX")
        running.run("load_sample", "--company", "rival", "--customers", "5", "--workers", "1")
        yield running


@pytest.fixture(scope="module")
def keys(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an API key of each company, with every scope, in Schemathesis's format."""
    users = []
    for name, slug in COMPANIES.items():
        key = server.run("create_api_key", "--company", slug, "--name", "all", "--scopes", "*")
        header = {"name": "X-API-Key", "value": key["key"]}
        users.append({"name": name, "fixedHeaders": [header]})
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    file.write_text(json.dumps({"auth": users}))
    return file


def run(
    server: Server, keys: Path, *options: str, document: Path = DOCUMENT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(ROOT / "tests" / "schemathesis.toml")),
            *("run", str(document), "--url", server.url, "--no-color", "--continue-on-failure"),
            *("--generation-database", "none", *options),
        ],
        cwd=keys.parent,
        env={**server.environment, "WFC_FILE": str(keys), "SCHEMATHESIS_HOOKS": str(HOOKS)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def seed_of(company: str) -> list[str]:
    """Return the option for the seed of a company; the companies get different requests."""
    return (
        [] if "EXAMPLES" in os.environ else ["--seed", str(int(SEED) + [*COMPANIES].index(company))]
    )


def schemathesis(server: Server, keys: Path, *options: str) -> None:
    """Run Schemathesis, and fail with the failures that it reports."""
    done = run(server, keys, *options)
    found = re.search("= (ERRORS|FAILURES) =.*", done.stdout, re.DOTALL)
    told = found[0][:20_000] if found else ""
    assert done.returncode == 0, told + done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in server.log.read_text()


def test_only_empty_parameters_may_be_invalid() -> None:
    for method, query, invalid, kind, is_kept in (
        ("GET", "limit=", ["limit"], AcceptedNegativeData, False),
        ("GET", "limit=&page=2", ["limit"], AcceptedNegativeData, False),
        ("GET", "limit=&after=", ["limit", "after"], AcceptedNegativeData, False),
        ("GET", "limit=x", ["limit"], AcceptedNegativeData, True),
        ("GET", "limit=&page=x", ["limit", "page"], AcceptedNegativeData, True),
        ("GET", "limit=&limit=", ["limit"], AcceptedNegativeData, True),
        ("GET", "limit=", ["If-None-Match"], AcceptedNegativeData, True),
        ("GET", "limit=", ["limit"], Failure, True),
        ("POST", "dry_run=", ["dry_run"], AcceptedNegativeData, False),
        ("POST", "dry_run=x", ["dry_run"], AcceptedNegativeData, True),
    ):
        failure, url = kind.__new__(kind), f"http://x/v1/plans?{query}"
        data = SimpleNamespace(mutations=[SimpleNamespace(parameter=one) for one in invalid])
        data.parameter = None
        meta = SimpleNamespace(phase=SimpleNamespace(data=data))
        case = SimpleNamespace(method=method, meta=meta, body=None)
        response = SimpleNamespace(request=SimpleNamespace(url=url))
        assert filter_failure(None, failure, case, response) is is_kept, (method, query, invalid)
        if len(invalid) == 1:
            data.mutations, data.parameter = [], invalid[0]
            assert filter_failure(None, failure, case, response) is is_kept, (method, query)


def test_only_an_empty_email_of_a_body_may_be_invalid() -> None:
    failure = AcceptedNegativeData.__new__(AcceptedNegativeData)
    response = SimpleNamespace(request=SimpleNamespace(url="http://x/v1/plans"))
    data = SimpleNamespace(mutations=[], parameter=None)
    for body, is_kept in (({"email": ""}, False), ({"email": "x"}, True), ({}, True), ([], True)):
        meta = SimpleNamespace(phase=SimpleNamespace(data=data))
        case = SimpleNamespace(method="POST", meta=meta, body=body)
        assert filter_failure(None, failure, case, response) is is_kept, body


@pytest.mark.long
def test_a_get_that_takes_a_wrong_value_is_found(server: Server, keys: Path) -> None:
    """The negative control: a server that ignores invalid numbers in queries."""
    lax = Server(server.data, "--no-demo", settings="tests.settings_lax_queries")
    # An excerpt of the document, because reading all of it takes longer than these requests.
    document = json.loads(DOCUMENT.read_text())
    document["paths"] = {"/v1/invoices": {"get": document["paths"]["/v1/invoices"]["get"]}}
    excerpt = keys.parent / "excerpt.json"
    excerpt.write_text(json.dumps(document))
    try:
        lax.wait()
        done = run(
            lax, keys, "--auth-wfc-user", "studio", "--phases", "coverage,fuzzing",
            "--max-examples", "25", "--seed", SEED, document=excerpt,
        )  # fmt: skip
    finally:
        lax.stop()
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Invalid data should have been rejected" in done.stdout


@pytest.mark.parametrize(
    ("company", "phases"),
    [
        pytest.param("studio", "examples,coverage,fuzzing,stateful", marks=pytest.mark.long),
        pytest.param("rival", "stateful", marks=pytest.mark.long),
        # CI has no time to run this for both companies.
        pytest.param("rival", "examples,coverage,fuzzing", marks=pytest.mark.rare),
    ],
)
def test_every_operation_answers_as_documented(
    server: Server, keys: Path, company: str, phases: str
) -> None:
    schemathesis(
        server, keys, *seed_of(company), "--auth-wfc-user", company,
        "--phases", phases, "--max-examples", str(MANY),
    )  # fmt: skip
