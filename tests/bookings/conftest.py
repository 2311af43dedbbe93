"""Fixtures for the tests of bookings: a customer, and services and events to book."""

from collections.abc import Iterator

import pytest

from bookings.models import Booking, Event, EventDate, Facilitator, Service
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.factories import ACustomer, AFacilitator, AnAppointment, AnEvent, AnEventDate, AService


@pytest.fixture
def inside(studio: Company) -> Iterator[None]:
    """Run the whole test with the studio as the active company."""
    with acting_for(studio.id):
        yield


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Zoë", last_name="Ng", email="zoe@b.example")


@pytest.fixture
def facilitator(studio: Company) -> Facilitator:
    return AFacilitator(company=studio, name="Maya")


@pytest.fixture
def service(studio: Company) -> Service:
    """A massage of an hour at 60.00 plus 20 % tax."""
    return AService(company=studio)


@pytest.fixture
def booking(studio: Company, customer: Customer) -> Booking:
    """A massage for 72.00, tax included, which is not paid yet."""
    return AnAppointment(company=studio, customer=customer)


@pytest.fixture
def event(studio: Company) -> Event:
    """A yoga class that costs 15.00 or one visit."""
    return AnEvent(company=studio)


@pytest.fixture
def date(studio: Company, event: Event) -> EventDate:
    """A date of the class, with ten spaces."""
    return AnEventDate(company=studio, event=event)
