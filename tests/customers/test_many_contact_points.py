"""Many contact points of one customer at once, as one row of a file may give them."""

import pytest

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from customers import phones
from customers.actions.contact_points import points_of
from customers.errors import TooManyContactPoints
from customers.models import Customer
from customers.models.contact_points import MOST_POINTS


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every phone number that was parsed, in order, with repetitions."""
    found: list[str] = []
    parse = phones._read

    def _read(typed: str, countries: list[str]) -> object:
        found.append(typed)
        return parse(typed, countries)

    monkeypatch.setattr(phones, "_read", _read)
    return found


def test_ways_that_repeat_one_another_are_compared_in_one_pass(
    studio: Company, read: list[str]
) -> None:
    customer = Customer(company=studio, email="Ann@x.org", phone="+44 20 7946 0017")
    ways = [("phone", f"+44 20 7946 00{at % 20:02}", "") for at in range(1_000)]
    ways += [("phone", f"+442079460{at % 20:03}", "") for at in range(1_000)]
    ways += [("email", "ann@X.org", ""), ("email", "Bo@x.org", ""), ("email", "bo@x.org", "")]
    found = points_of(customer, ways, actor=Actor.command(studio))
    phones = [one.value for one in found if one.kind == "phone"]
    assert (len(phones), "+44 20 7946 0017" in phones) == (19, False)
    assert [one.value for one in found if one.kind == "email"] == ["Bo@x.org"]
    assert len(read) <= 2 * len(ways) + 1, "comparing each with all reads some 40,000"


def test_more_ways_than_a_customer_has_are_refused_at_the_first_too_many(
    studio: Company, read: list[str]
) -> None:
    ways = [("phone", f"+44 20 7946 {at:04}", "") for at in range(3_000)]
    with pytest.raises(TooManyContactPoints):
        points_of(Customer(company=studio), ways, actor=Actor.command(studio))
    assert len(read) == 2 * (MOST_POINTS + 1)
