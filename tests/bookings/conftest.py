"""What the tests of rules share: they work for the studio, as its runtime role."""

from collections.abc import Iterator

import pytest

from bookings.models import Booking
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.models import Customer
from tests.factories import ACustomer, AnAppointment


@pytest.fixture
def inside(studio: Company) -> Iterator[None]:
    """Have the studio active for the whole of a test."""
    with acting_for(studio.id):
        yield


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Ann", email="ann@example.com")


@pytest.fixture
def booking(studio: Company, customer: Customer) -> Booking:
    """A massage for 72.00, tax included, not paid yet."""
    return AnAppointment(company=studio, customer=customer)
