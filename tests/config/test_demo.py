"""The demo company of the very first start."""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone

from bookings.models import Booking
from config.access.days import local_day
from config.access.models import Company, Staff
from config.access.scopes import SCOPES
from config.access.tenancy import acting_for
from config.server import demo_bookings
from config.server.addresses import Addresses
from config.server.demo import make_demo_once
from config.server.demo_people import PEOPLE
from config.server.management.commands.up import Command
from customers.models import Address, Customer, CustomerUser, Note, Zone
from tests.callers import Caller

HERE = Addresses("127.0.0.1", 8000)


@pytest.fixture(autouse=True)
def _keep_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    # The test's own transaction runs on them.
    monkeypatch.setattr(type(connections), "close_all", lambda self: None)


def test_the_demo_has_all_sorts_of_people() -> None:
    welcome = make_demo_once()
    assert welcome
    assert (welcome.company, welcome.customers) == ("Riverside Studio", 25)
    company = Company.objects.get()
    with acting_for(company.id):
        assert Customer.objects.count() == 25
        assert Customer.objects.with_status("inactive").count() == 1
        assert Customer.objects.archived().count() == 2
        assert Customer.objects.exclude(name="").count() == 6
        countries = set(Address.objects.values_list("country", flat=True))
        assert len(countries) >= 12
        assert CustomerUser.objects.count() >= 5
        assert set(Note.objects.values_list("author_name", flat=True)) == {"Maya Okafor"}
        unread = Customer.objects.exclude(phone="").filter(phone_e164="")
        assert [str(one) for one in unread] == []


def test_the_demos_people_are_in_its_zones() -> None:
    make_demo_once()
    company = Company.objects.get()
    with acting_for(company.id):
        sizes = {
            zone.name: Customer.objects.in_zone(zone.id).count() for zone in Zone.objects.all()
        }
    assert sizes == {"South Bank": 7, "Greenwich": 3}


def test_what_the_demo_shows_lets_people_and_systems_in() -> None:
    welcome = make_demo_once()
    assert welcome
    staff = Staff.objects.get(email=welcome.email)
    assert staff.check_password(welcome.password)
    assert staff.is_superuser
    secret = {"client_id": welcome.client_id, "client_secret": welcome.client_secret}
    answer = Caller().post("/token", secret)
    assert answer.body["scope"].split() == list(SCOPES)


def test_the_demo_is_made_once_and_never_beside_a_company(studio: Company) -> None:
    assert make_demo_once() is None
    assert list(Company.objects.all()) == [studio]


def test_an_interrupted_demo_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("config.server.demo.archive_customer", stop)
    with pytest.raises(KeyboardInterrupt):
        make_demo_once()
    assert not Company.objects.exists()


def test_up_makes_the_demo_and_shows_its_credentials(capsys: Any) -> None:
    Command().prepare(HERE, demo=True)
    out = capsys.readouterr().out
    assert Company.objects.get().slug == "demo"
    assert "A demo company is there, Riverside Studio, with 25 customers." in out
    Command().prepare(HERE, demo=True)
    assert capsys.readouterr().out == ""


def test_up_makes_no_demo_where_none_is_wanted(capsys: Any) -> None:
    Command().prepare(HERE, demo=False)
    assert not Company.objects.exists()
    assert capsys.readouterr().out == ""


def test_the_demos_addresses_and_numbers_are_nobodys() -> None:
    for person in PEOPLE:
        email = person["customer"].get("email", "")
        assert not email or email.endswith(".example"), email


@pytest.mark.parametrize("hour", [5, 8, 13, 23])
def test_today_is_full_whatever_the_hour(hour: int, monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.now().astimezone(ZoneInfo("Europe/London"))
    at = today.replace(hour=hour, minute=30, second=0, microsecond=0)

    class Clock:
        now = staticmethod(lambda: at)

    monkeypatch.setattr(demo_bookings, "timezone", Clock)
    monkeypatch.setattr("bookings.actions.lifecycle.timezone", Clock)
    make_demo_once()
    company = Company.objects.get()
    with acting_for(company.id):
        day = local_day(company.id)
        rows = list(Booking.objects.starting_from(day).starting_until(day))
        found = Counter(row.status for row in rows)
    assert len(rows) == 15
    assert found[Booking.Status.CANCELLED] == 1
    done = {5: 0, 8: 5, 13: 8, 23: 14}[hour]
    assert found[Booking.Status.COMPLETED] == done
    assert found[Booking.Status.IN_PROGRESS] == {8: 1, 13: 1}.get(hour, 0)
