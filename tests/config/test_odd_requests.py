"""Unusual requests get a documented answer, and never a server error."""

import logging
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.backoffice import Browser
from tests.callers import Caller

METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READ_ONLY = (
    *("/", "/healthz", "/readyz", "/openapi.json", "/llms.txt", "/docs.md"),
    *("/docs/", "/docs/guide/begin", "/docs/operating/settings", "/docs/reference/"),
    *("/docs/changelog/", "/docs/errors/", "/docs/errors/invalid"),
)
STATIC = "/static/docs/docs.css"


@pytest.fixture
def visitor() -> Client:
    """A client that must send a CSRF token, as a browser must."""
    return Client(enforce_csrf_checks=True, SERVER_NAME="localhost")


def test_an_address_that_only_reads_refuses_other_methods(visitor: Client) -> None:
    for path, method in product(READ_ONLY, METHODS):
        answer = visitor.generic(method, path)
        assert answer.status_code == 405, (method, path)
        assert answer["Allow"].startswith("GET, HEAD"), (method, path)
        assert answer.json()["error"]["code"] == "method_not_allowed", (method, path)
    answer = visitor.post(STATIC)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert visitor.post("/favicon.ico").status_code == 404


def test_an_address_that_reads_answers_head_as_it_answers_get(visitor: Client) -> None:
    for path in (*READ_ONLY, STATIC):
        told = []
        for answer in (visitor.get(path), visitor.head(path)):
            answer.close()
            told.append((answer.status_code, answer.get("Content-Type")))
        assert told[0] == told[1], path


def test_a_form_without_a_token_gets_a_page_of_the_back_office(visitor: Client) -> None:
    answer = visitor.post("/admin/login/", {"username": "x"})
    assert answer.status_code == 403
    assert "reload the page and send the form again" in answer.text


# --- Excessive requests ---

MANY = {f"f{number}": "x" for number in range(1_001)}
QUERY = "&".join(f"{name}=x" for name in MANY)


@pytest.mark.usefixtures("quiet")
def test_more_than_1000_parameters_are_a_400_of_the_api_and_a_page_of_the_back_office(
    integrator: Caller, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    for path in (
        *("/v1/customers", "/customers", f"/customer/cust_{'0' * 32}/notes"),
        f"/customers/customers/{'0' * 32}/credits",
    ):
        refused = integrator.get(f"{path}?{QUERY}")
        assert refused.status == 400, path
        assert "more than 1,000 parameters" in str(refused.body), path
    assert not caplog.records
    for path in ("/admin/", "/admin/customers/customer/", "/admin/find/", "/admin/login/"):
        page = browser.client.get(f"{path}?{QUERY}")
        assert page.status_code in (200, 400), path
        assert page["Content-Type"].startswith("text/html"), path


@pytest.mark.usefixtures("quiet")
def test_too_many_fields_files_or_bytes_get_an_error_page(browser: Browser, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 20_000
    files = {name: SimpleUploadedFile(f"{name}.csv", b"a,b") for name in "abc"}
    add = "/admin/customers/customer/add/"
    for path, fields, status, words in (
        (add, MANY, 400, "more than 1,000 parameters or fields"),
        ("/admin/customers/customer/import/", files, 400, "more than 2 files"),
        (add, {"first_name": "x" * 20_000}, 413, "larger than 20,000 bytes"),
    ):
        answer = browser.client.post(path, fields)
        assert (answer.status_code, words in answer.text) == (status, True), words


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail the test if it logged an error."""
    yield
    assert not [one for one in caplog.get_records("call") if one.levelno >= logging.ERROR]
