"""Numbers that no coupon, pass or use can have."""

from collections.abc import Iterator

import pytest

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import (
    create_coupon,
    create_pass_product,
    redeem_credit,
    use_pass,
)
from credits.errors import (
    OutOfBounds,
)
from credits.models import Coupon, Entry, PassProduct
from tests.factories import ACredit, APass


@pytest.fixture(autouse=True)
def at_work(studio: Company) -> Iterator[None]:
    with acting_for(studio.id):
        yield


@pytest.mark.parametrize(
    "terms", [{"amount": 0}, {"amount": -5}, {"percentage": 0}, {"percentage": 101}]
)
def test_a_coupon_gives_what_can_be_given(
    studio: Company, actor: Actor, terms: dict[str, int]
) -> None:
    with pytest.raises(OutOfBounds):
        create_coupon(Coupon(name="x", **terms), actor=actor)


@pytest.mark.parametrize("change", [{"visits": 0}, {"visits": 10_001}, {"price": -1}])
def test_a_pass_has_visits_and_a_price(
    studio: Company, actor: Actor, change: dict[str, int]
) -> None:
    product = PassProduct(**{"name": "x", "visits": 5, "price": 5, **change})
    with pytest.raises(OutOfBounds):
        create_pass_product(product, actor=actor)
    assert not PassProduct.objects.exists()


def test_a_use_takes_and_never_gives(studio: Company, actor: Actor) -> None:
    credit, bought = ACredit(company=studio, amount=5), APass(company=studio)
    with pytest.raises(OutOfBounds):
        redeem_credit(credit, amount=-5, reference="a", actor=actor)
    for visits in (0, -1):
        with pytest.raises(OutOfBounds):
            use_pass(bought, visits=visits, reference="a", actor=actor)
    assert Entry.objects.filter(kind="redeem").count() == 0
    for holding, balance in ((credit, 5), (bought, 10)):
        holding.refresh_from_db()
        assert holding.balance == balance
