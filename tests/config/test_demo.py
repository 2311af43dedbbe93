"""The demo company of the first start."""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone

from bookings.models import Booking
from config.demo import stories
from config.demo.company import make_demo_once
from config.server.addresses import Addresses
from config.server.management.commands.up import Command
from config.tenancy.companies import Company
from config.tenancy.days import local_day, since_day, until_day
from config.tenancy.scoping import acting_for

HERE = Addresses("127.0.0.1", 8000)


@pytest.fixture(autouse=True)
def _keep_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    # The connections hold the test's own transaction, so they must stay open.
    monkeypatch.setattr(type(connections), "close_all", lambda self: None)


def test_the_demo_is_made_once_and_never_beside_a_company(studio: Company) -> None:
    assert make_demo_once() is None
    assert list(Company.objects.all()) == [studio]


def test_an_interrupted_demo_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("config.demo.company.customers.archive_customer", stop)
    with pytest.raises(KeyboardInterrupt):
        make_demo_once()
    assert not Company.objects.exists()


def test_up_makes_the_demo_once_if_it_is_wanted(capsys: Any) -> None:
    Command().prepare(HERE, demo=False)
    assert (Company.objects.count(), capsys.readouterr().out) == (0, "")
    Command().prepare(HERE, demo=True)
    out = capsys.readouterr().out
    assert Company.objects.get().slug == "demo"
    assert "A demo company is there, Riverside Studio, with 23 customers." in out
    Command().prepare(HERE, demo=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("hour", [5, 13, 23])
def test_today_is_full_whatever_the_hour(hour: int, monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.now().astimezone(ZoneInfo("Europe/London"))
    at = today.replace(hour=hour, minute=30, second=0, microsecond=0)

    monkeypatch.setattr(stories, "database_now", lambda: at)
    monkeypatch.setattr("bookings.actions.lifecycle.database_now", lambda: at)
    make_demo_once()
    company = Company.objects.get()
    with acting_for(company.id):
        day = local_day(company.id)
        bounds = since_day("starts_at", day), until_day("starts_at", day)
        rows = list(Booking.objects.filter(*bounds))
        found = Counter(row.status for row in rows)
    assert len(rows) == 15
    assert found[Booking.Status.CANCELLED] == 1
    done = {5: 0, 13: 8, 23: 14}[hour]
    assert found[Booking.Status.COMPLETED] == done
    assert found[Booking.Status.IN_PROGRESS] == (hour == 13)
