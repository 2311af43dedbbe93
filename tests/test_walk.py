"""A read stays short enough to follow: it passes few files and functions."""

import sys
from io import BytesIO
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from config.api.handler import Application
from config.requests.recorder import recorder
from config.tenancy.companies import Company
from customers.models import Customer
from tests.factories import make_api_key
from tests.source_files import ROOT

MOST_FILES, MOST_FUNCTIONS = 10, 25


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("path", ["/v1/customers/{id}", "/customer/{id}/profile"])
def test_a_read_of_one_row_passes_few_files_and_functions(
    path: str, studio: Company, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "is_on", True)
    _, key = make_api_key(studio, name="walk", scopes=["customers:read", "profile:read"])
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path.format(id=customer.pk), "QUERY_STRING": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.input": BytesIO(), "HTTP_AUTHORIZATION": f"Bearer {key}",
    }  # fmt: skip
    application, passed = Application(), dict[tuple[str, str], None]()
    statuses: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        file = Path(frame.f_code.co_filename)
        if event == "call" and file.is_relative_to(ROOT) and "tests" not in file.parts:
            passed[str(file.relative_to(ROOT)), frame.f_code.co_qualname] = None

    # The first two requests compile the statement, and cache the credential and the columns.
    for profile in (None, None, note):
        sys.setprofile(profile)
        try:
            application({**environ}, lambda status, headers: statuses.append(status))
        finally:
            sys.setprofile(None)
    assert statuses == ["200 OK"] * 3
    own = [one for one in passed if not one[0].startswith(".venv")]
    assert len({file for file, _ in own}) <= MOST_FILES, own
    assert len(own) <= MOST_FUNCTIONS, own
