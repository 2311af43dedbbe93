"""A booking that is moved within the late period still counts as late."""

import datetime

import pytest
from django.utils import timezone

from bookings.actions import cancel_booking, change_booking, move_event_date
from bookings.late_cancellation import forecast_cancellation
from bookings.models import Booking, LateCancellation
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from customers.models import Customer
from tests.factories import AnAppointment, AnEventDate, APlace

from .support import DAY, cash, facts, spent, stored

pytestmark = pytest.mark.usefixtures("inside")

SOON = timezone.now() + datetime.timedelta(hours=3)
LATER = SOON + 7 * DAY


@pytest.fixture(autouse=True)
def rule(studio: Company) -> None:
    """Keep the payment of bookings that are cancelled within 24 hours of the start."""
    Company.objects.filter(pk=studio.pk).update(late_cancellation_hours=24)


def move(booking: Booking, moment: datetime.datetime, actor: Actor) -> None:
    change_booking(booking, changes={"starts_at": moment}, actor=actor)


def test_a_booking_that_is_moved_late_stays_late(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    booking = AnAppointment(**own, starts_at=SOON, means=cash())
    move(booking, LATER, actor)
    move(booking, LATER + DAY, actor)
    forecast = forecast_cancellation(stored(booking), actor=actor)
    assert (forecast.is_late, forecast.late_from) == (True, SOON - DAY)
    cancel_booking(booking, actor=actor)
    assert spent(customer) == 7_200
    assert LateCancellation.objects.get().kept == 7_200


def test_a_booking_that_is_moved_in_time_is_judged_by_its_new_time(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    booking = AnAppointment(**own, starts_at=LATER, means=cash())
    move(booking, LATER + DAY, actor)
    assert facts(booking, "moved_late_from") == [None]
    cancel_booking(booking, actor=actor)
    assert spent(customer) == 0


def test_a_late_booking_that_is_not_moved_to_later_is_judged_by_its_own_time(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer, starts_at=SOON)
    move(booking, SOON - datetime.timedelta(hours=1), actor)
    change_booking(booking, changes={"notes": "Bring oil"}, actor=actor)
    assert facts(booking, "moved_late_from") == [None]
    assert forecast_cancellation(stored(booking), actor=actor).is_late


def test_a_date_that_the_company_moves_makes_nobody_late(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    date = AnEventDate(company=studio, starts_at=SOON)
    place = APlace(company=studio, customer=customer, event_date=date, means=cash())
    move_event_date(date, changes={"starts_at": LATER}, actor=actor)
    cancel_booking(place, actor=actor)
    assert spent(customer) == 0
