"""The demo company, created once for all tests that read it, and a recorder of requests."""

from collections.abc import Iterator
from typing import Any

import pytest

from config.api import endpoint, request_logging
from config.demo.company import Welcome, make_demo_once
from config.requests.recorder import Recorder
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.config.samples import kept


@pytest.fixture(scope="module")
def welcome(django_db_setup: None, django_db_blocker: Any) -> Iterator[Welcome]:
    """Return the message of the first start about the demo company."""
    with kept(django_db_blocker):
        made = make_demo_once()
        assert made
        yield made


@pytest.fixture
def demo(welcome: Welcome) -> Iterator[Company]:
    """The demo company, as the first start creates it; it is the active company of the test."""
    company = Company.objects.get()
    with acting_for(company.id):
        yield company


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """A recorder of requests that is switched on; the test flushes it."""
    fresh = Recorder()
    fresh.is_on = True
    for module in (endpoint, request_logging):
        monkeypatch.setattr(module, "recorder", fresh)
    return fresh
