"""The demo company, which takes a second to make, made once for all tests that look at it."""

from collections.abc import Iterator
from typing import Any

import pytest

from config.access.models import Company
from config.access.tenancy import acting_for
from config.server.demo import make_demo_once
from tests.bookings.samples import kept


@pytest.fixture(scope="module")
def demo_made_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    with kept(django_db_blocker):
        make_demo_once()
        yield Company.objects.get()


@pytest.fixture
def demo(demo_made_once: Company) -> Iterator[Company]:
    """The demo company as of the first start, at work in it."""
    with acting_for(demo_made_once.id):
        yield demo_made_once
