"""Media: what is sold, for how long, what it is paid with, and taking it back."""

import datetime
from typing import Any

import pytest

from billing.errors import CardNumber
from billing.models import Invoice, Payment
from bookings.actions import cancel_media_purchase, change_media, create_media, sell_media
from bookings.errors import (
    AlreadyPaid,
    InvalidMedia,
    LastDayPast,
    MediaArchived,
    NotInvoiced,
    NotTheirHolding,
    PurchaseCancelled,
)
from bookings.models import Media, MediaPurchase
from config.access.actors import Actor
from config.access.models import Company
from credits.actions.ledger import local_today
from credits.errors import NotADuration, OtherOffering
from customers.actions import archive_customer, archive_row, restore_row
from customers.errors import AlreadyArchived, CustomerArchived
from customers.models import Customer
from tests.factories import ACredit, ACustomer, AMediaPurchase, AMedium, APass

from .test_paying import balance, cash, spent

pytestmark = pytest.mark.usefixtures("inside")

DAY = datetime.timedelta(days=1)


@pytest.fixture
def video(studio: Company) -> Media:
    """A video for 9.00 that lasts 30 days."""
    return AMedium(company=studio)


@pytest.fixture
def today(studio: Company) -> datetime.date:
    return local_today(studio.id)


def shown(purchase: MediaPurchase) -> Any:
    return MediaPurchase.objects.with_payment().get(pk=purchase.pk)


# --- What is sold ---


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"name": " "}, InvalidMedia),
        ({"price": -1}, InvalidMedia),
        ({"price": 10**12 + 1}, InvalidMedia),
        ({"valid_for": "a month"}, NotADuration),
        ({"valid_for": "P0D"}, NotADuration),
    ],
)
def test_what_cannot_be_sold_is_refused(
    video: Media, actor: Actor, fields: dict[str, Any], refusal: Any
) -> None:
    with pytest.raises(refusal):
        create_media(Media(**{"name": "Stretch", "price": 900, **fields}), actor=actor)
    with pytest.raises(refusal):
        change_media(video, changes=fields, actor=actor)
    assert Media.objects.get().name == "Morning stretch"


def test_what_was_bought_stays_as_it_was_sold(
    video: Media, customer: Customer, studio: Company, actor: Actor
) -> None:
    bought = AMediaPurchase(company=studio, customer=customer, media=video)
    change_media(video, changes={"price": 1_200, "valid_for": "P1D"}, actor=actor)
    bought.refresh_from_db()
    assert (bought.total, bought.currency) == (900, "GBP")
    assert AMediaPurchase(company=studio, customer=customer, media=video).total == 1_200


def test_an_archived_medium_is_neither_sold_nor_changed(
    video: Media, studio: Company, actor: Actor
) -> None:
    bought = AMediaPurchase(company=studio, media=video)
    archive_row(video, actor=actor)
    with pytest.raises(MediaArchived):
        AMediaPurchase(company=studio, media=video)
    with pytest.raises(AlreadyArchived):
        change_media(video, changes={"price": 1}, actor=actor)
    assert MediaPurchase.objects.usable().get() == bought
    restore_row(video, actor=actor)
    assert AMediaPurchase(company=studio, media=video)


# --- Until when ---


@pytest.mark.parametrize(("valid_for", "days"), [("P1D", 0), ("P30D", 29), ("P2W", 13), ("", None)])
def test_it_lasts_as_long_as_it_is_sold_to_last(
    studio: Company, today: datetime.date, valid_for: str, days: int | None
) -> None:
    bought = AMediaPurchase(company=studio, media=AMedium(company=studio, valid_for=valid_for))
    assert bought.expires_on == (None if days is None else today + days * DAY)


def test_a_last_day_of_its_own_comes_first_unless_it_is_over(
    studio: Company, video: Media, today: datetime.date
) -> None:
    bought = AMediaPurchase(company=studio, media=video, expires_on=today)
    assert bought.expires_on == today
    with pytest.raises(LastDayPast):
        AMediaPurchase(company=studio, media=video, expires_on=today - DAY)


def test_it_can_be_used_to_the_end_of_its_last_day(
    studio: Company, today: datetime.date, actor: Actor
) -> None:
    bought = AMediaPurchase(company=studio)
    usable = MediaPurchase.objects.usable()
    for last, is_usable in ((today, True), (today - DAY, False), (None, True)):
        MediaPurchase.objects.update(expires_on=last)
        assert usable.all().exists() is is_usable
    cancel_media_purchase(bought, actor=actor)
    assert not usable.all().exists()


# --- What it is paid with ---


@pytest.mark.parametrize(
    ("terms", "covered", "standing"),
    [
        ({"offering": "Morning stretch"}, 900, "PAID"),
        ({"percentage": 50}, 450, "PENDING"),
        ({"amount": 5_000}, 900, "PAID"),
        ({"amount": 100}, 100, "PENDING"),
    ],
)
def test_a_credit_pays_for_it_as_far_as_it_goes(
    studio: Company,
    customer: Customer,
    video: Media,
    actor: Actor,
    terms: dict[str, Any],
    covered: int,
    standing: str,
) -> None:
    credit = ACredit(company=studio, customer=customer, **terms)
    before = balance(credit)
    bought = AMediaPurchase(company=studio, customer=customer, media=video, means=credit)
    assert (shown(bought).covered, shown(bought).standing) == (covered, standing)
    cancel_media_purchase(bought, actor=actor)
    assert balance(credit) == before
    assert shown(bought).is_refunded


def test_a_pass_pays_with_one_visit_and_is_given_it_back(
    studio: Company, customer: Customer, video: Media, actor: Actor
) -> None:
    ten = APass(company=studio, customer=customer)
    bought = AMediaPurchase(company=studio, customer=customer, media=video, means=ten)
    assert (balance(ten), shown(bought).standing) == (9, "PAID")
    assert shown(bought).entry.reference == f"media_{bought.pk.hex}"
    cancel_media_purchase(bought, actor=actor)
    assert balance(ten) == 10
    other = APass(company=studio, customer=customer, offerings=["Massage"])
    with pytest.raises(OtherOffering):
        AMediaPurchase(company=studio, customer=customer, media=video, means=other)


def test_money_pays_for_it_and_goes_back_unless_it_is_kept(
    studio: Company, customer: Customer, video: Media, actor: Actor
) -> None:
    first, second = (
        AMediaPurchase(company=studio, customer=customer, media=video, means=cash())
        for _ in range(2)
    )
    assert (spent(customer), shown(first).standing) == (1_800, "PAID")
    cancel_media_purchase(first, actor=actor)
    cancel_media_purchase(second, refund=False, actor=actor)
    assert spent(customer) == 900
    assert [shown(one).is_refunded for one in (first, second)] == [True, False]


def test_an_attempt_that_failed_leaves_it_unpaid(
    studio: Company, customer: Customer, video: Media
) -> None:
    bought = AMediaPurchase(
        company=studio, customer=customer, media=video, means=cash(status="failed")
    )
    assert (spent(customer), shown(bought).standing) == (0, "FAILED")


def test_what_is_given_away_takes_nothing(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    free = AMedium(company=studio, price=0)
    bought = AMediaPurchase(company=studio, customer=customer, media=free)
    assert shown(bought).standing == "PAID"
    with pytest.raises(AlreadyPaid):
        AMediaPurchase(company=studio, customer=customer, media=free, means=cash())


def test_no_invoice_is_written_for_it(studio: Company, customer: Customer, video: Media) -> None:
    with pytest.raises(NotInvoiced):
        AMediaPurchase(company=studio, customer=customer, media=video, means=Invoice())
    assert not MediaPurchase.objects.exists()


def test_another_customers_pass_does_not_pay(
    studio: Company, customer: Customer, video: Media
) -> None:
    ten = APass(company=studio, customer=ACustomer(company=studio))
    with pytest.raises(NotTheirHolding):
        AMediaPurchase(company=studio, customer=customer, media=video, means=ten)


# --- Taking it back ---


def test_it_is_taken_back_once_and_who_did_so_is_kept(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    bought = AMediaPurchase(company=studio, customer=customer, means=cash())
    with pytest.raises(CardNumber):
        cancel_media_purchase(bought, reason="to 4111 1111 1111 1111", actor=actor)
    cancel_media_purchase(bought, reason="Bought twice", actor=actor)
    bought.refresh_from_db()
    assert (bought.is_cancelled, bought.reason, bought.cancelled_by) == (
        True,
        "Bought twice",
        "manage.py",
    )
    with pytest.raises(PurchaseCancelled):
        cancel_media_purchase(bought, actor=actor)
    assert Payment.objects.given_back().count() == 1


def test_an_archived_customer_neither_buys_nor_gives_back(
    studio: Company, customer: Customer, video: Media, actor: Actor
) -> None:
    bought = AMediaPurchase(company=studio, customer=customer, media=video)
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        sell_media(MediaPurchase(customer=customer, media=video), actor=actor)
    with pytest.raises(CustomerArchived):
        cancel_media_purchase(bought, actor=actor)
