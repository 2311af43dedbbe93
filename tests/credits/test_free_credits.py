"""Credits with a custom amount, each with a coupon of its own."""

from collections.abc import Iterator

import pytest

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import NotAllowed
from config.tenancy.scoping import acting_for
from credits.actions import issue_free_credit, redeem_credit
from credits.errors import OutOfBounds
from credits.models import Coupon, Credit, Entry
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import make_staff


@pytest.fixture(autouse=True)
def at_work(studio: Company) -> Iterator[None]:
    with acting_for(studio.id):
        yield


def test_a_free_credit_is_a_balance_from_an_archived_coupon_of_its_own(
    customer: Customer, actor: Actor
) -> None:
    credit = issue_free_credit(
        customer, amount=1_500, name=" Goodwill ", reason="A cold room", actor=actor
    )
    credit.refresh_from_db()
    coupon = Coupon.objects.get()
    assert (credit.coupon_id, credit.customer_id) == (coupon.pk, customer.pk)
    assert (credit.balance, credit.amount, credit.currency) == (1_500, 1_500, "GBP")
    assert (credit.expires_at, credit.revenue) == (None, None)
    assert (coupon.name, coupon.amount, coupon.is_archived) == ("Goodwill", 1_500, True)
    entry = Entry.objects.get()
    assert (entry.kind, entry.amount, entry.reason) == ("issue", 1_500, "A cold room")
    assert redeem_credit(credit, amount=500, reference="a", actor=actor).amount == -500


def test_a_free_credit_for_money_has_its_revenue_and_currency(
    customer: Customer, actor: Actor
) -> None:
    credit = issue_free_credit(
        customer,
        amount=250,
        name="Overpaid",
        reason="Paid 2.50 too much",
        currency="USD",
        revenue=250,
        actor=actor,
    )
    assert (credit.currency, credit.coupon.currency, credit.revenue) == ("USD", "USD", 250)


def test_a_free_credit_is_refused_without_an_amount_a_name_or_a_live_customer(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    for amount, name in ((0, "Goodwill"), (-5, "Goodwill"), (10**13, "Goodwill"), (100, "  ")):
        with pytest.raises(OutOfBounds):
            issue_free_credit(customer, amount=amount, name=name, reason="x", actor=actor)
    reader = make_staff(studio, email="r@studio.example").actor_in(studio, "read_only")
    with pytest.raises(NotAllowed):
        issue_free_credit(customer, amount=1, name="Goodwill", reason="x", actor=reader)
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        issue_free_credit(customer, amount=1, name="Goodwill", reason="x", actor=actor)
    assert not Credit.objects.exists()
    assert not Coupon.objects.exists()
