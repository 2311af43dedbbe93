"""A Python client that is generated from the document, at work against a started server."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .contract import DOCUMENT
from .servers import Server, started

NAME = "regulars_client"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("generated") / "data"
    with started(data, "--no-demo", "--workers", "1") as running:
        running.run("create_company", "Studio Nine", "--slug", "nine", "--country", "GB")
        yield running


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The client, as openapi-python-client makes it, without a warning."""
    folder = tmp_path_factory.mktemp("client")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT)),
            *("--output-path", str(folder / NAME), "--meta", "none", "--fail-on-warning"),
        ],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(str(folder))
        yield folder / NAME


@pytest.fixture(scope="module")
def client(server: Server, generated: Path) -> Iterator[Any]:
    """A client with a key of the studio and every scope."""
    key = server.run("create_api_key", "--company", "nine", "--name", "Client", "--scopes", "*")
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


def test_a_customer_is_taken_on_read_changed_and_listed(client: Any) -> None:
    made = take_on(client, "Zoë")
    assert isinstance(made, model("CustomerSummary"))
    assert operation("v1_customers_read").sync(made.id, client=client).first_name == "Zoë"
    body = model("ChangedCustomer")(email="zoe@ng.example")
    changed = operation("v1_customers_change").sync(made.id, client=client, body=body)
    assert (changed.email, changed.last_name) == ("zoe@ng.example", "Ng")
    page = operation("v1_customers_list").sync(client=client, search="zoe", per_page=10)
    assert isinstance(page, model("V1CustomersPage"))
    assert ([one.id for one in page.data], page.pagination.total) == ([made.id], 1)


def test_a_credit_is_issued(client: Any) -> None:
    customer = take_on(client, "Ida")
    coupon = operation("v1_coupons_create").sync(
        client=client, body=model("NewCoupon")(name="Ten pounds off", amount=1000)
    )
    body = model("NewCredit")(coupon_id=coupon.id, customer_id=customer.id)
    issued = operation("credits_credits_create", "credits_").sync(
        customer.id, client=client, body=body
    )
    assert (issued.data.coupon.name, issued.data.times_redeemed) == ("Ten pounds off", 0)


def test_an_error_comes_as_what_it_is(client: Any) -> None:
    body = model("NewCustomer")(first_name="Ann", email="no address")
    refused = operation("v1_customers_create").sync(client=client, body=body)
    assert isinstance(refused, model("TypedError"))
    assert (refused.error.code, refused.error.param) == ("invalid", "email")
    missing = operation("v1_customers_read").sync_detailed("cust_1", client=client)
    assert (missing.status_code, missing.parsed.error.code) == (404, "not_found")
