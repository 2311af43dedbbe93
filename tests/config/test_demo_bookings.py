"""What the demo company shows of appointments, events and media, whatever the hour."""

import datetime
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from bookings.models import (
    Booking,
    Event,
    EventDate,
    Facilitator,
    Media,
    MediaPurchase,
    PricingOption,
    Service,
)
from config.access.days import local_day
from config.access.models import Company
from config.access.tenancy import acting_for
from config.server import demo_bookings
from config.server.demo import make_demo_once

LONDON = ZoneInfo("Europe/London")
STATUS = Booking.Status


@pytest.fixture
def demo() -> Iterator[Company]:
    make_demo_once()
    company = Company.objects.get()
    with acting_for(company.id):
        yield company


def of_today(company: Company) -> list[Booking]:
    today = local_day(company.id)
    rows = Booking.objects.starting_from(today).starting_until(today).with_payment()
    return list(rows.order_by("starts_at"))


def test_the_demo_has_what_can_be_booked(demo: Company) -> None:
    assert (Service.objects.count(), Facilitator.objects.count()) == (4, 3)
    assert (Event.objects.count(), PricingOption.objects.count()) == (3, 6)
    assert Media.objects.count() == 2
    assert MediaPurchase.objects.filter(cancelled_at__isnull=False).count() == 1
    assert MediaPurchase.objects.count() == 4


def test_events_are_every_week_before_today_and_after_it(demo: Company) -> None:
    now = timezone.now()
    for event in Event.objects.all():
        starts = list(EventDate.objects.filter(event=event).order_by("starts_at"))
        assert len(starts) == 5
        walls = [date.starts_at.astimezone(LONDON).replace(tzinfo=None) for date in starts]
        weeks = {after - before for before, after in pairwise(walls)}
        assert weeks == {datetime.timedelta(days=7)}
        assert starts[0].starts_at < now < starts[-1].starts_at
    assert EventDate.objects.filter(spaces_taken=4, capacity=4).exists(), "one is full"
    assert EventDate.objects.filter(cancelled_at__isnull=False).count() == 1


def test_the_demo_has_bookings_of_every_sort(demo: Company) -> None:
    rows = Booking.objects.with_payment()
    assert set(rows.values_list("kind", flat=True)) == {"appointment", "place"}
    found = Counter(rows.values_list("status", flat=True))
    assert found[STATUS.NO_SHOW] == 2
    assert found[STATUS.CANCELLED] == 3
    assert found[STATUS.COMPLETED] >= 5
    assert found[STATUS.CONFIRMED] >= 5
    assert set(rows.values_list("standing", flat=True)) == {"PAID", "PENDING"}
    assert rows.filter(is_refunded=True).count() >= 3
    for paid in ("entry__purchase", "entry__credit", "payment", "invoice"):
        assert rows.filter(**{f"{paid}__isnull": False}).exists(), paid
    assert rows.filter(address__isnull=False).count() == 3


def test_what_is_over_was_and_what_is_ahead_is_still_to_come(demo: Company) -> None:
    now = timezone.now()
    for booking in Booking.objects.exclude(status=STATUS.CANCELLED):
        ends_at = booking.starts_at + datetime.timedelta(minutes=booking.duration)
        if booking.starts_at > now:
            assert booking.status == STATUS.CONFIRMED
        elif ends_at <= now:
            assert booking.status in (STATUS.COMPLETED, STATUS.NO_SHOW)


@pytest.mark.parametrize("hour", [5, 8, 13, 23])
def test_today_is_full_whatever_the_hour(hour: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at = timezone.now().astimezone(LONDON).replace(hour=hour, minute=30, second=0, microsecond=0)

    class Clock:
        now = staticmethod(lambda: at)

    monkeypatch.setattr(demo_bookings, "timezone", Clock)
    monkeypatch.setattr("bookings.actions.lifecycle.timezone", Clock)
    make_demo_once()
    company = Company.objects.get()
    with acting_for(company.id):
        rows = of_today(company)
        found = Counter(row.status for row in rows)
    assert len(rows) == 15
    assert found[STATUS.CANCELLED] == 1
    done = {5: 0, 8: 5, 13: 8, 23: 14}[hour]
    assert found[STATUS.COMPLETED] == done
    assert found[STATUS.IN_PROGRESS] == {8: 1, 13: 1}.get(hour, 0)


def test_the_demos_facilitators_and_bookers_are_invented(demo: Company) -> None:
    assert all(email.endswith(".example") for email in demo_bookings.FACILITATORS.values())
    assert Facilitator.objects.exclude(email__endswith=".example").count() == 0


def test_the_ledger_of_the_demo_is_sound_with_its_bookings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_demo_once()
    call_command("check_ledger")
    assert "sound" in capsys.readouterr().out
