"""Balances and their ledger: issue, use, give back, revoke, expire."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.utils import IntegrityError, ProgrammingError

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from config.errors import Refusal
from credits.actions import (
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
from credits.actions.ledger import local_today
from credits.errors import (
    AlreadyReversed,
    AmountMissing,
    AmountNotTaken,
    CannotBeRevoked,
    CouponArchived,
    CustomerGone,
    Expired,
    ExpiryPast,
    HasEnded,
    NotEnough,
    ReferenceTaken,
    Revoked,
    UsedUp,
)
from credits.models import Credit, Entry, PassPurchase
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from tests.factories import ACoupon, ACredit, ACustomer, APass

TODAY = datetime.date(2026, 6, 15)


@pytest.fixture(autouse=True)
def at_work(studio: Company) -> Iterator[None]:
    with acting_for(studio.id):
        yield


def written(holding: Credit | PassPurchase) -> list[tuple[str, int]]:
    """Return what the ledger says of a holding, and hold it against the balance."""
    holding.refresh_from_db()
    key = "credit" if isinstance(holding, Credit) else "purchase"
    entries = Entry.objects.filter(**{key: holding}).order_by("created_at", "id")
    found = [(one.kind, one.amount) for one in entries]
    assert sum(amount for _, amount in found) == holding.balance >= 0
    return found


def expire(holding: Credit | PassPurchase, day: datetime.date) -> None:
    """Move the last day of a holding, as if it had been issued so."""
    type(holding).objects.filter(pk=holding.pk).update(expiry_date=day)


# --- One use, any number of uses, a balance of money ---


def test_a_single_credit_is_used_once(studio: Company, actor: Actor) -> None:
    credit = ACredit(company=studio)
    redeem_credit(credit, reference="a", actor=actor)
    assert written(credit) == [("issue", 1), ("redeem", -1)]
    assert credit.redeemed_at is not None
    assert credit.times_redeemed == 1
    with pytest.raises(UsedUp):
        redeem_credit(credit, reference="b", actor=actor)
    assert len(written(credit)) == 2


def test_a_multi_use_credit_is_used_any_number_of_times(studio: Company, actor: Actor) -> None:
    credit = ACredit(company=studio, multi_use=True)
    for reference in "abc":
        redeem_credit(credit, reference=reference, actor=actor)
    assert written(credit) == [("issue", 1), *[("redeem", 0)] * 3]
    assert (credit.times_redeemed, credit.redeemed_at, credit.balance) == (3, None, 1)


def test_an_amount_is_used_in_parts(studio: Company, actor: Actor) -> None:
    credit = ACredit(company=studio, amount=1_000)
    redeem_credit(credit, amount=300, reference="a", actor=actor)
    with pytest.raises(NotEnough):
        redeem_credit(credit, amount=701, reference="b", actor=actor)
    assert written(credit) == [("issue", 1_000), ("redeem", -300)]
    redeem_credit(credit, amount=700, reference="c", actor=actor)
    assert credit.redeemed_at is None, "what is in memory is not the record"
    assert written(credit)[-1] == ("redeem", -700)
    assert credit.redeemed_at is not None


@pytest.mark.parametrize(
    ("terms", "amount", "refusal"),
    [
        ({"amount": 100}, None, AmountMissing),
        ({"percentage": 10}, 5, AmountNotTaken),
        ({"offering": "Massage"}, 5, AmountNotTaken),
    ],
)
def test_only_a_balance_of_money_takes_an_amount(
    studio: Company, actor: Actor, terms: dict[str, Any], amount: int | None, refusal: type
) -> None:
    credit = ACredit(company=studio, **terms)
    with pytest.raises(refusal):
        redeem_credit(credit, amount=amount, reference="a", actor=actor)
    assert len(written(credit)) == 1


def test_a_reference_stands_once_on_a_credit(studio: Company, actor: Actor) -> None:
    credit, other = ACredit(company=studio, amount=100), ACredit(company=studio, amount=100)
    redeem_credit(credit, amount=10, reference="a", actor=actor)
    with pytest.raises(ReferenceTaken), transaction.atomic():
        redeem_credit(credit, amount=10, reference="a", actor=actor)
    redeem_credit(other, amount=10, reference="a", actor=actor)
    assert written(credit) == [("issue", 100), ("redeem", -10)]


def test_terms_are_those_of_the_day_of_issue(studio: Company, actor: Actor) -> None:
    coupon = ACoupon(company=studio, amount=500)
    credit = ACredit(company=studio, coupon=coupon)
    update_coupon(coupon, changes={"amount": 900}, actor=actor)
    assert credit.amount == written(credit)[0][1] == 500
    assert ACredit(company=studio, coupon=coupon).amount == 900


# --- Giving back ---


def test_a_use_is_given_back_once(studio: Company, actor: Actor) -> None:
    credit = ACredit(company=studio)
    use = redeem_credit(credit, reference="a", actor=actor)
    reverse_redemption(use, actor=actor)
    assert written(credit) == [("issue", 1), ("redeem", -1), ("reverse", 1)]
    assert (credit.times_redeemed, credit.redeemed_at) == (0, None)
    with pytest.raises(AlreadyReversed), transaction.atomic():
        reverse_redemption(use, actor=actor)
    redeem_credit(credit, reference="b", actor=actor)
    assert written(credit)[-1] == ("redeem", -1)


def test_nothing_is_given_back_to_what_has_ended(studio: Company, actor: Actor) -> None:
    revoked, ended = ACredit(company=studio, amount=9), ACredit(company=studio, amount=9)
    uses = [redeem_credit(one, amount=4, reference="a", actor=actor) for one in (revoked, ended)]
    revoke_credit(revoked, actor=actor)
    expire(ended, TODAY.replace(year=2020))
    expire_holdings(studio.id, actor=actor)
    for use in uses:
        with pytest.raises(HasEnded), transaction.atomic():
            reverse_redemption(use, actor=actor)
    assert written(revoked)[-1] == ("revoke", -5)
    assert written(ended)[-1] == ("expire", -5)


# --- Revoking ---


def test_revoking_takes_what_is_left_and_again_changes_nothing(
    studio: Company, actor: Actor
) -> None:
    credit = ACredit(company=studio, amount=1_000)
    redeem_credit(credit, amount=400, reference="a", actor=actor)
    for _ in range(2):
        revoke_credit(credit, reason="Refunded in cash", actor=actor)
        assert written(credit) == [("issue", 1_000), ("redeem", -400), ("revoke", -600)]
    assert Entry.objects.get(kind="revoke").reason == "Refunded in cash"
    with pytest.raises(Revoked):
        redeem_credit(credit, amount=1, reference="b", actor=actor)


def test_what_is_used_up_or_expired_cannot_be_revoked(studio: Company, actor: Actor) -> None:
    used, expired = ACredit(company=studio), ACredit(company=studio)
    redeem_credit(used, reference="a", actor=actor)
    expire(expired, TODAY.replace(year=2020))
    for credit, words in ((used, "redeemed"), (expired, "expired")):
        with pytest.raises(CannotBeRevoked, match=words):
            revoke_credit(credit, actor=actor)
        assert written(credit)[-1][0] != "revoke"


# --- The last day ---


def test_the_database_decides_which_day_it_is(studio: Company, actor: Actor) -> None:
    today = local_today(studio.id)
    credit, late = ACredit(company=studio), ACredit(company=studio)
    expire(credit, today)
    redeem_credit(credit, reference="a", actor=actor)
    expire(late, today - datetime.timedelta(days=1))
    with pytest.raises(Expired):
        redeem_credit(late, reference="a", actor=actor)


def test_the_day_is_that_of_the_companys_time_zone(studio: Company, actor: Actor) -> None:
    days = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        Company.objects.filter(pk=studio.pk).update(timezone=zone)
        days[zone] = local_today(studio.id)
    assert days["Pacific/Kiritimati"] > days["Pacific/Niue"], "they are 25 hours apart"
    credit = ACredit(company=studio)
    expire(credit, days["Pacific/Niue"])
    Company.objects.filter(pk=studio.pk).update(timezone="Pacific/Kiritimati")
    with pytest.raises(Expired):
        redeem_credit(credit, reference="a", actor=actor)
    Company.objects.filter(pk=studio.pk).update(timezone="Pacific/Niue")
    redeem_credit(credit, reference="a", actor=actor)


def test_what_is_past_its_last_day_is_swept_into_the_ledger_once(
    studio: Company, actor: Actor
) -> None:
    credit, multi = ACredit(company=studio, amount=70), ACredit(company=studio, multi_use=True)
    fresh, bought = ACredit(company=studio, amount=5), APass(company=studio)
    redeem_credit(credit, amount=20, reference="a", actor=actor)
    for holding in (credit, multi, bought):
        expire(holding, TODAY.replace(year=2020))
    assert expire_holdings(studio.id, actor=actor) == 3
    assert expire_holdings(studio.id, actor=actor) == 0
    assert written(credit)[-1] == ("expire", -50)
    assert written(multi)[-1] == ("expire", -1)
    assert written(bought)[-1] == ("expire", -10)
    assert written(fresh) == [("issue", 5)]


@pytest.mark.parametrize(("valid_for", "days"), [("P1D", 0), ("P30D", 29), ("P2W", 13), ("", None)])
def test_a_credit_lasts_as_long_as_its_coupon_says(
    studio: Company, valid_for: str, days: int | None
) -> None:
    credit = ACredit(company=studio, valid_for=valid_for)
    today = local_today(studio.id)
    expected = None if days is None else today + datetime.timedelta(days=days)
    assert credit.expiry_date == expected


# --- Who cannot be issued or use anything ---


def test_neither_an_archived_customer_nor_an_archived_coupon_is_issued(
    studio: Company, actor: Actor
) -> None:
    coupon, customer = ACoupon(company=studio), ACustomer(company=studio)
    gone = ACustomer(company=studio, archived=True)
    with pytest.raises(CustomerGone):
        issue_credit(Credit(coupon=coupon, customer=gone), actor=actor)
    yesterday = local_today(studio.id) - datetime.timedelta(days=1)
    with pytest.raises(ExpiryPast):
        issue_credit(Credit(coupon=coupon, customer=customer, expiry_date=yesterday), actor=actor)
    coupon.archived_at = datetime.datetime.now(datetime.UTC)
    coupon.save()
    with pytest.raises(CouponArchived):
        issue_credit(Credit(coupon=coupon, customer=customer), actor=actor)
    assert not Credit.objects.exists()
    assert not Entry.objects.exists()


def test_an_archived_customer_uses_nothing_and_keeps_everything(
    studio: Company, actor: Actor
) -> None:
    customer = ACustomer(company=studio)
    credit, bought = (
        ACredit(company=studio, customer=customer),
        APass(company=studio, customer=customer),
    )
    use = use_pass(bought, reference="a", actor=actor)
    archive_customer(customer, actor=actor)
    attempts: list[Callable[[], Any]] = [
        lambda: redeem_credit(credit, reference="b", actor=actor),
        lambda: use_pass(bought, reference="b", actor=actor),
        lambda: reverse_use(use, actor=actor),
    ]
    for attempt in attempts:
        with pytest.raises(CustomerArchived):
            attempt()
    with pytest.raises(CannotBeRevoked, match="archived"):
        revoke_credit(credit, actor=actor)
    assert written(credit) == [("issue", 1)]
    assert written(bought) == [("issue", 10), ("redeem", -1)]


# --- Passes ---


def test_a_pass_is_used_visit_by_visit(studio: Company, actor: Actor) -> None:
    bought = APass(company=studio, visits=3)
    first = use_pass(bought, reference="a", actor=actor)
    use_pass(bought, visits=2, reference="b", actor=actor)
    assert written(bought) == [("issue", 3), ("redeem", -1), ("redeem", -2)]
    assert bought.redeemed_at is not None
    with pytest.raises(UsedUp):
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


# --- Nothing goes around it ---


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credits_entry SET amount = 9",
        "DELETE FROM credits_entry",
        "TRUNCATE credits_entry CASCADE",
    ],
)
def test_the_runtime_role_cannot_touch_an_entry(studio: Company, statement: str) -> None:
    ACredit(company=studio)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_bulk_calls_and_instances_are_refused_alike(studio: Company) -> None:
    ACredit(company=studio)
    entry = Entry.objects.get()
    entry.amount = 99
    for attempt in (
        lambda: Entry.objects.update(amount=9),
        lambda: Entry.objects.all().delete(),
    ):
        with pytest.raises(TypeError, match="appended"):
            attempt()
    for attempt in (
        lambda: models.QuerySet(Entry).update(amount=9),
        lambda: models.QuerySet(Entry)._raw_delete("default"),
        entry.save,
        entry.delete,
        lambda: Entry.objects.bulk_update([entry], ["amount"]),
    ):
        with pytest.raises((ProgrammingError, TypeError)), transaction.atomic():
            attempt()
    entry.refresh_from_db()
    assert entry.amount == 1


@pytest.mark.parametrize(
    "change",
    [
        {"balance": -1},
        {"balance": 5, "redeemed_at": datetime.datetime.now(datetime.UTC)},
        {
            "balance": 0,
            "redeemed_at": datetime.datetime.now(datetime.UTC),
            "revoked_at": datetime.datetime.now(datetime.UTC),
        },
    ],
)
def test_the_database_refuses_a_balance_that_cannot_be(
    studio: Company, change: dict[str, Any]
) -> None:
    credit = ACredit(company=studio, amount=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credit.objects.filter(pk=credit.pk).update(**change)


def test_a_refusal_leaves_no_trace(studio: Company, actor: Actor) -> None:
    credit = ACredit(company=studio, amount=5)
    before = Entry.objects.count(), Credit.objects.values().get()
    with pytest.raises(Refusal):
        redeem_credit(credit, amount=6, reference="a", actor=actor)
    assert (Entry.objects.count(), Credit.objects.values().get()) == before
