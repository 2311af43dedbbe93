"""Balances and their ledger: issue, use, give back, revoke, expire."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.utils import IntegrityError, ProgrammingError

from config.durations import end_of_day
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
from credits import errors
from credits.actions import (
    archive_coupon,
    create_coupon,
    create_pass_product,
    expire_holdings,
    issue_credit,
    redeem_credit,
    reverse_redemption,
    reverse_use,
    revoke_credit,
    sell_pass,
    update_coupon,
    use_pass,
)
from credits.models import Coupon, Credit, Entry, PassProduct, PassPurchase
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import ACoupon, ACredit, ACustomer, APass

LONG_AGO = datetime.datetime(2020, 6, 15, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def at_work(studio: Company) -> Iterator[None]:
    with acting_for(studio.id):
        yield


def written(holding: Credit | PassPurchase) -> list[tuple[str, int]]:
    """Return the ledger entries of a credit or pass; check that they add up to the balance."""
    holding.refresh_from_db()
    key = "credit" if isinstance(holding, Credit) else "purchase"
    entries = Entry.objects.filter(**{key: holding}).order_by("created_at", "id")
    found = [(one.kind, one.amount) for one in entries]
    assert sum(amount for _, amount in found) == holding.balance >= 0
    return found


def expire(holding: Credit | PassPurchase, end: datetime.datetime) -> None:
    """Set the end of a credit or pass, without an action."""
    type(holding).objects.filter(pk=holding.pk).update(expires_at=end)


def test_a_credit_is_used_once_or_any_number_of_times(studio: Company, actor: Actor) -> None:
    credit, multi = ACredit(company=studio), ACredit(company=studio, multi_use=True)
    redeem_credit(credit, reference="a", actor=actor)
    with pytest.raises(errors.UsedUp):
        redeem_credit(credit, reference="b", actor=actor)
    assert written(credit) == [("issue", 1), ("redeem", -1)]
    assert (credit.times_redeemed, credit.redeemed_at is None) == (1, False)
    for reference in "abc":
        redeem_credit(multi, reference=reference, actor=actor)
    assert written(multi) == [("issue", 1), *[("redeem", 0)] * 3]
    assert (multi.times_redeemed, multi.redeemed_at, multi.balance) == (3, None, 1)


def test_an_amount_is_used_in_parts(studio: Company, actor: Actor) -> None:
    credit = ACredit(company=studio, amount=1_000)
    redeem_credit(credit, amount=300, reference="a", actor=actor)
    before = Credit.objects.values().get()
    with pytest.raises(errors.NotEnough):
        redeem_credit(credit, amount=701, reference="b", actor=actor)
    assert written(credit) == [("issue", 1_000), ("redeem", -300)]
    assert Credit.objects.values().get() == before, "a refusal leaves no trace"
    redeem_credit(credit, amount=700, reference="c", actor=actor)
    assert credit.redeemed_at is None, "what is in memory is not the record"
    assert written(credit)[-1] == ("redeem", -700)
    assert credit.redeemed_at is not None


def test_a_reference_stands_once_on_a_credit(studio: Company, actor: Actor) -> None:
    credit, other = ACredit(company=studio, amount=100), ACredit(company=studio, amount=100)
    redeem_credit(credit, amount=10, reference="a", actor=actor)
    with pytest.raises(errors.ReferenceTaken), transaction.atomic():
        redeem_credit(credit, amount=10, reference="a", actor=actor)
    redeem_credit(other, amount=10, reference="a", actor=actor)
    assert written(credit) == [("issue", 100), ("redeem", -10)]


def test_terms_are_those_of_the_day_of_issue(studio: Company, actor: Actor) -> None:
    coupon = ACoupon(company=studio, amount=500)
    credit = ACredit(company=studio, coupon=coupon)
    update_coupon(coupon, changes={"amount": 900}, actor=actor)
    assert credit.amount == written(credit)[0][1] == 500
    assert ACredit(company=studio, coupon=coupon).amount == 900


def test_a_use_is_given_back_once(studio: Company, actor: Actor) -> None:
    credit = ACredit(company=studio)
    use = redeem_credit(credit, reference="a", actor=actor)
    reverse_redemption(use, actor=actor)
    assert written(credit) == [("issue", 1), ("redeem", -1), ("reverse", 1)]
    assert (credit.times_redeemed, credit.redeemed_at) == (0, None)
    with pytest.raises(errors.AlreadyReversed), transaction.atomic():
        reverse_redemption(use, actor=actor)
    redeem_credit(credit, reference="b", actor=actor)
    assert written(credit)[-1] == ("redeem", -1)


def test_nothing_is_given_back_to_what_has_ended(studio: Company, actor: Actor) -> None:
    revoked, ended = ACredit(company=studio, amount=9), ACredit(company=studio, amount=9)
    uses = [redeem_credit(one, amount=4, reference="a", actor=actor) for one in (revoked, ended)]
    revoke_credit(revoked, actor=actor)
    expire(ended, LONG_AGO)
    expire_holdings(studio.id, actor=actor)
    for use in uses:
        with pytest.raises(errors.HasEnded), transaction.atomic():
            reverse_redemption(use, actor=actor)
    assert written(revoked)[-1] == ("revoke", -5)
    assert written(ended)[-1] == ("expire", -5)


def test_revoking_takes_what_is_left_once(studio: Company, actor: Actor) -> None:
    credit = ACredit(company=studio, amount=1_000)
    redeem_credit(credit, amount=400, reference="a", actor=actor)
    for _ in range(2):
        revoke_credit(credit, reason="Refunded in cash", actor=actor)
        assert written(credit) == [("issue", 1_000), ("redeem", -400), ("revoke", -600)]
    assert Entry.objects.get(kind="revoke").reason == "Refunded in cash"
    with pytest.raises(errors.Revoked):
        redeem_credit(credit, amount=1, reference="b", actor=actor)


def test_what_has_ended_is_swept_into_the_ledger_once(studio: Company, actor: Actor) -> None:
    credit, multi = ACredit(company=studio, amount=70), ACredit(company=studio, multi_use=True)
    fresh, bought = ACredit(company=studio, amount=5), APass(company=studio)
    redeem_credit(credit, amount=20, reference="a", actor=actor)
    for holding in (credit, multi, bought):
        expire(holding, LONG_AGO)
    assert expire_holdings(studio.id, actor=actor) == 3
    assert expire_holdings(studio.id, actor=actor) == 0
    assert written(credit)[-1] == ("expire", -50)
    assert written(multi)[-1] == ("expire", -1)
    assert written(bought)[-1] == ("expire", -10)
    assert written(fresh) == [("issue", 5)]


def test_a_credit_lasts_as_long_as_its_coupon_says(studio: Company) -> None:
    assert ACredit(company=studio, valid_for="").expires_at is None
    for valid_for, days in (("P1D", 0), ("P30D", 29), ("P2W", 13)):
        last = local_day(studio.id) + datetime.timedelta(days=days)
        expires_at = ACredit(company=studio, valid_for=valid_for).expires_at
        assert expires_at == end_of_day(last, studio.timezone), valid_for


def test_no_coupon_pass_or_use_is_out_of_bounds(studio: Company, actor: Actor) -> None:
    credit, bought = ACredit(company=studio, amount=5), APass(company=studio)

    def refuse(act: Callable[..., Any], subject: Any, **given: Any) -> None:
        with pytest.raises(errors.OutOfBounds):
            act(subject, **given, actor=actor)

    for terms in ({"amount": 0}, {"amount": -5}, {"percentage": 0}, {"percentage": 101}):
        refuse(create_coupon, Coupon(name="x", **terms))
    for change in ({"visits": 0}, {"visits": 10_001}, {"price": -1}):
        fields: dict[str, Any] = {"name": "x", "visits": 5, "price": 5, **change}
        refuse(create_pass_product, PassProduct(**fields))
    refuse(redeem_credit, credit, amount=-5, reference="a")
    for visits in (0, -1):
        refuse(use_pass, bought, visits=visits, reference="a")
    assert (Coupon.objects.count(), PassProduct.objects.count()) == (1, 1)
    assert (written(credit), written(bought)) == ([("issue", 5)], [("issue", 10)])


def test_what_has_ended_or_is_archived_is_not_issued(studio: Company, actor: Actor) -> None:
    coupon, customer = ACoupon(company=studio), ACustomer(company=studio)
    gone = ACustomer(company=studio, archived=True)

    def refuse(refusal: type[Exception], whom: Customer, **end: Any) -> None:
        with pytest.raises(refusal):
            issue_credit(Credit(coupon=coupon, customer=whom, **end), actor=actor)

    refuse(errors.CustomerGone, gone)
    refuse(errors.ExpiryPast, customer, expires_at=LONG_AGO)
    archive_coupon(coupon, actor=actor)
    refuse(errors.CouponArchived, customer)
    assert not Credit.objects.exists()
    assert not Entry.objects.exists()


def test_an_archived_customer_uses_nothing_and_keeps_all(studio: Company, actor: Actor) -> None:
    customer = ACustomer(company=studio)
    credit = ACredit(company=studio, customer=customer)
    bought = APass(company=studio, customer=customer)
    use = use_pass(bought, reference="a", actor=actor)
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        redeem_credit(credit, reference="b", actor=actor)
    with pytest.raises(CustomerArchived):
        use_pass(bought, reference="b", actor=actor)
    with pytest.raises(errors.CannotBeRevoked, match="archived"):
        revoke_credit(credit, actor=actor)
    assert written(credit) == [("issue", 1)]
    assert written(bought) == [("issue", 10), ("redeem", -1)]
    reverse_use(use, actor=actor)
    assert written(bought) == [("issue", 10), ("redeem", -1), ("reverse", 1)]


def test_a_pass_is_used_visit_by_visit(studio: Company, actor: Actor) -> None:
    bought = APass(company=studio, visits=3)
    first = use_pass(bought, reference="a", actor=actor)
    use_pass(bought, visits=2, reference="b", actor=actor)
    assert written(bought) == [("issue", 3), ("redeem", -1), ("redeem", -2)]
    assert bought.redeemed_at is not None
    with pytest.raises(errors.UsedUp):
        use_pass(bought, reference="c", actor=actor)
    reverse_use(first, actor=actor)
    assert written(bought)[-1] == ("reverse", 1)
    assert (bought.redeemed_at, bought.times_redeemed) == (None, 1)


def test_a_pass_that_was_bought_stays_as_it_was(studio: Company, actor: Actor) -> None:
    bought = APass(company=studio, visits=3, price=500, offerings=["Yoga"])
    product = bought.product
    product.visits = 5
    product.save()
    again = sell_pass(PassPurchase(product=product, customer=bought.customer), actor=actor)
    assert (written(bought)[0], written(again)[0]) == (("issue", 3), ("issue", 5))


def test_an_entry_can_be_touched_in_no_way(studio: Company) -> None:
    ACredit(company=studio)
    entry = Entry.objects.get()
    entry.amount = 99
    for statement in ("UPDATE {} SET amount = 9", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format("credits_entry"))
    with pytest.raises(TypeError, match="appended"):
        Entry.objects.update(amount=9)
    with pytest.raises(TypeError, match="appended"):
        Entry.objects.all().delete()
    for attempt in (
        lambda: models.QuerySet(Entry).update(amount=9),
        # Only an erasure may change the reason, and only to an empty text.
        lambda: models.QuerySet(Entry).update(reason="Another"),
        lambda: models.QuerySet(Entry)._raw_delete("default"),
        entry.save,
        entry.delete,
        lambda: Entry.objects.bulk_update([entry], ["amount"]),
    ):
        with pytest.raises((ProgrammingError, IntegrityError, TypeError)), transaction.atomic():
            attempt()
    entry.refresh_from_db()
    assert entry.amount == 1


def test_the_database_refuses_a_balance_that_cannot_be(studio: Company) -> None:
    ACredit(company=studio, amount=5)
    changes: dict[str, dict[str, Any]] = {
        "balance": {"balance": -1},
        "nothing_left": {"balance": 5, "redeemed_at": LONG_AGO},
        "one_end": {"balance": 0, "redeemed_at": LONG_AGO, "revoked_at": LONG_AGO},
    }
    for constraint, change in changes.items():
        with pytest.raises(IntegrityError, match=f"credit_{constraint}"), transaction.atomic():
            Credit.objects.update(**change)
