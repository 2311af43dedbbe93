"""What the demo company shows of appointments, events and media, whatever the hour."""

import datetime
from collections import Counter
from itertools import pairwise
from zoneinfo import ZoneInfo

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
from config.access.models import Company
from config.server import demo_bookings

LONDON = ZoneInfo("Europe/London")
STATUS = Booking.Status


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
    now = demo.created_at
    for booking in Booking.objects.exclude(status=STATUS.CANCELLED):
        ends_at = booking.starts_at + datetime.timedelta(minutes=booking.duration)
        if booking.starts_at > now:
            assert booking.status == STATUS.CONFIRMED
        elif ends_at <= now:
            assert booking.status in (STATUS.COMPLETED, STATUS.NO_SHOW)


def test_the_demos_facilitators_and_bookers_are_invented(demo: Company) -> None:
    assert all(email.endswith(".example") for email in demo_bookings.FACILITATORS.values())
    assert Facilitator.objects.exclude(email__endswith=".example").count() == 0
