"""The README's section "The first hour" and common API clients, on a started server."""

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session

from customers.imports.starting import MEDIA_TYPES

from .contract import DOCUMENT
from .real import COUNT, real_customers
from .servers import ROOT, Server, started

SCOPES = {"customers:read", "customers:write"}
NAME = "regulars_client"
# The packages that `.ci/run` installs in this folder.
NODE_TOOLS = os.environ.get("REGULARS_NODE_TOOLS", "")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("first-hour") / "data"
    with started(data, "--no-demo", "--workers", "1") as running:
        yield running


@pytest.fixture(scope="module")
def let_in(server: Server) -> list[Any]:
    """A company with customers: the import's result, a client, and a key with every scope."""
    file = server.data.parent / "real.csv"
    file.write_text(real_customers(), encoding="utf-8")
    ours = ("--company", "chinook")
    _, *told = server.run_all(
        ("create_company", "Chinook", "--slug", "chinook", "--country", "BR"),
        ("import_customers", str(file), *ours),
        ("create_api_client", *ours, "--name", "Till", "--scopes", " ".join(SCOPES)),
        ("create_api_key", *ours, "--name", "All", "--scopes", "*"),
    )
    return told


def first_hour() -> list[str]:
    """Return the commands in the README's section, block by block."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split("\n## The first hour\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def paste(server: Server, folder: Path, blocks: list[str]) -> str:
    """Run commands of the README unchanged, on this server's data and port."""
    script = "\n".join(["set -eu -o pipefail", *blocks])
    manage = shlex.join([sys.executable, str(ROOT / "manage.py")])
    for there, here in (("uv run manage.py", manage), ("http://localhost:8000", server.url)):
        assert there in script
        script = script.replace(there, here)
    ran = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=server.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_readmes_commands_can_be_pasted_as_they_are(server: Server, tmp_path: Path) -> None:
    blocks = first_hour()
    (post,) = (block for block in blocks if "Idempotency-Key" in block)
    printed = paste(server, tmp_path, [*blocks, post])
    assert "Studio Nine is open." in printed
    assert re.search(r"^client id: \S+  client secret: \S+$", printed, re.MULTILINE)
    assert re.search(r'\{"data" ?: ?\[\]', printed), "there are no customers yet"
    made = re.findall(r'"id" ?: ?"(cust_\w+)"', printed)
    assert (len(made), len(set(made))) == (2, 1), "the same request creates one customer"
    outcome = "2 created, 0 updated, 0 unchanged, 1 refused."
    assert f"Nothing was written; it would be: {outcome}" in printed
    assert f"Done: {outcome}" in printed
    assert "perhaps" in (tmp_path / "customers.refused.csv").read_text("utf-8")
    everyone = tmp_path / "everyone.csv"
    told = server.run("export_customers", "--company", "studio", "--output", str(everyone))
    assert told["exported"] == 3
    assert "020 7946 0018" in everyone.read_text("utf-8"), "the column that --map names"


def test_an_oauth_client_reads_everybody_until_it_is_suspended(
    server: Server, let_in: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    imported, client, _ = let_in
    assert imported["created"] == COUNT
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with OAuth2Session(client["client_id"], client["client_secret"]) as session:
        token = session.fetch_token(f"{server.url}/oauth/token", grant_type="client_credentials")
        assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
        assert set(token["scope"].split()) == SCOPES
        answer = session.get(f"{server.url}/customers", stream=True)
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert len(answer.json()["data"]) == COUNT
        server.run("suspend_api_client", client["client_id"])
        assert session.get(f"{server.url}/customers").status_code == 401
    secret = {key: client[key] for key in ("client_id", "client_secret")}
    assert requests.post(f"{server.url}/token", json=secret, timeout=10).status_code == 401


@pytest.fixture(scope="module")
def client(
    server: Server, let_in: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The client that openapi-python-client generates without a warning, with every scope.

    The client reads files of all types as bytes.
    """
    folder = tmp_path_factory.mktemp("client")
    config = folder / "config.json"
    files = dict.fromkeys(MEDIA_TYPES, "application/octet-stream")
    config.write_text(json.dumps({"content_type_overrides": files}))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT)),
            *("--output-path", str(folder / NAME), "--meta", "none", "--fail-on-warning"),
            *("--config", str(config)),
        ],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    *_, key = let_in
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(str(folder))
        made = importlib.import_module(NAME).AuthenticatedClient
        with made(base_url=server.url, token=key["key"], raise_on_unexpected_status=True) as ready:
            yield ready


def operation(name: str, surface: str = "v1") -> Any:
    return importlib.import_module(f"{NAME}.api.{surface}.{name}")


def model(name: str) -> Any:
    return getattr(importlib.import_module(f"{NAME}.models"), name)


def take_on(client: Any, name: str) -> Any:
    body = model("NewCustomer")(first_name=name, last_name="Ng", phone="020 7946 0018")
    return operation("v1_customers_create").sync(client=client, body=body)


@pytest.mark.long
def test_a_customer_is_taken_on_read_changed_and_listed(client: Any) -> None:
    made = take_on(client, "Zoë")
    assert isinstance(made, model("Customer"))
    assert made.stats.active_subscription is False
    assert operation("v1_customers_read").sync(made.id, client=client).first_name == "Zoë"
    # null empties a field.
    for email in ("zoe@ng.example", None, "zoe@ng.example"):
        body = model("ChangedCustomer")(email=email)
        changed = operation("v1_customers_change").sync(made.id, client=client, body=body)
        assert (changed.email, changed.last_name) == (email, "Ng")
    page = operation("v1_customers_list").sync(client=client, search="zoe ng", per_page=10)
    assert isinstance(page, model("V1CustomersPage"))
    assert ([one.id for one in page.data], page.pagination.total) == ([made.id], 1)


@pytest.mark.long
def test_a_credit_is_issued_and_an_invoice_paid(client: Any) -> None:
    customer = take_on(client, "Ida")
    body = model("NewCoupon")(name="Ten pounds off", amount=1000)
    coupon = operation("v1_coupons_create").sync(client=client, body=body)
    body = model("NewCustomerCredit")(coupon_id=coupon.id, customer_id=customer.id)
    issue = operation("credits_customers_credits_create", "credits_")
    issued = issue.sync(customer.id, client=client, body=body).data
    assert (issued.coupon.name, issued.times_redeemed) == ("Ten pounds off", 0)
    line = model("NewLineItem")(description="Massage", unit_price=500)
    body = model("NewInvoice")(customer_id=customer.id, line_items=[line])
    invoice = operation("v1_invoices_create").sync(client=client, body=body)
    body = model("NewPayment")(amount=500, method=model("NewPaymentMeansOfPayment").CASH)
    paid = operation("v1_invoices_payments_create").sync(invoice.id, client=client, body=body)
    assert (paid.amount, paid.invoice_id) == (500, invoice.id)


@pytest.mark.long
def test_an_error_comes_as_what_it_is(client: Any) -> None:
    body = model("NewCustomer")(first_name="Ann", email="no address")
    refused = operation("v1_customers_create").sync(client=client, body=body)
    assert isinstance(refused, model("TypedError"))
    assert (refused.error.code, refused.error.param) == ("invalid", "email")
    missing = operation("v1_customers_read").sync_detailed("cust_1", client=client)
    assert (missing.status_code, missing.parsed.error.code) == (404, "not_found")


@pytest.mark.long
@pytest.mark.skipif(not NODE_TOOLS, reason="The generator needs packages of npm: see .ci/run.")
def test_a_generated_typescript_client_books_takes_money_and_gives_it_back(
    server: Server, let_in: list[Any], tmp_path: Path
) -> None:
    shutil.copy(Path(__file__).with_name("generated_client.ts"), tmp_path / "program.ts")
    (tmp_path / "node_modules").symlink_to(f"{NODE_TOOLS}/node_modules")
    *_, key = let_in
    compiled = "--strict --target es2022 --module commonjs program.ts"
    for command in (
        ["node_modules/.bin/openapi-ts", "--input", str(DOCUMENT), "--output", "client"],
        ["node_modules/.bin/tsc", *compiled.split()],
        ["node", "program.js"],
    ):
        ran = subprocess.run(
            command, cwd=tmp_path,
            env={**os.environ, "REGULARS": server.url, "API_KEY": key["key"]},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.split() == ["done"]
