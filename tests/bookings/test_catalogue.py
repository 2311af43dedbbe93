"""Services, their facilitators, and media: the catalogue, and sales of media."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Payment
from bookings import errors
from bookings.actions import (
    cancel_media_purchase,
    change_facilitator,
    change_media,
    change_service,
    create_facilitator,
    create_media,
    create_service,
    sell_media,
)
from bookings.models import Facilitator, Media, MediaPurchase, Service
from bookings.models.catalogue import LONGEST
from config.card_numbers import CardNumber
from config.durations import NotADuration
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row, restore_row
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.errors import AlreadyArchived, NotArchived
from config.tenancy.money_fields import MOST
from credits.errors import NotTheirHolding, OtherOffering
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import ACredit, AMediaPurchase, AMedium, APass

from .support import DAY, balance, cash, facts, refusal_of, spent

pytestmark = pytest.mark.usefixtures("inside")


def test_a_service_is_offered_in_the_companys_currency(actor: Actor) -> None:
    service = Service(name=" Massage ", duration=60, price=6_000, tax_rate=Decimal("5.5"))
    create_service(service, actor=actor)
    assert facts(service, "name", "currency", "tax_rate") == ["Massage", "GBP", Decimal("5.5")]


def test_refusals_name_the_field(service: Service, facilitator: Facilitator, actor: Actor) -> None:
    usual = {"name": "Massage", "duration": 60, "price": 6_000}
    wrong: dict[str, tuple[Any, ...]] = {
        "name": ("", " "),
        "duration": (0, LONGEST + 1),
        "price": (-1, MOST + 1),
        "tax_rate": (Decimal("-0.0001"), Decimal("100.0001")),
    }
    for name, values in wrong.items():
        for value in values:
            refusal = (errors.InvalidService, name)
            new = Service(**{**usual, name: value})
            assert refusal_of(create_service, new, actor=actor) == refusal, value
            changes = {name: value}
            assert refusal_of(change_service, service, changes=changes, actor=actor) == refusal
    assert facts(service, *usual) == [*usual.values()]
    refusal = (errors.InvalidService, "name")
    assert refusal_of(create_facilitator, Facilitator(name=" "), actor=actor) == refusal
    assert refusal_of(change_facilitator, facilitator, changes={"name": ""}, actor=actor) == refusal


def test_what_is_archived_changes_in_nothing_until_it_is_restored(
    service: Service, facilitator: Facilitator, actor: Actor
) -> None:
    changes: Any
    for row, change in ((service, change_service), (facilitator, change_facilitator)):
        changes = {"changes": {"name": "x"}, "actor": actor}
        with pytest.raises(NotArchived):
            restore_row(row, actor=actor)
        archive_row(row, actor=actor)
        with pytest.raises(AlreadyArchived):
            archive_row(row, actor=actor)
        assert refusal_of(change, row, **changes) == (AlreadyArchived,)
        restore_row(row, actor=actor)
        assert refusal_of(change, row, **changes) == ()
        assert facts(row, "name") == ["x"]


# --- Media: sales ---


@pytest.fixture
def video(studio: Company) -> Media:
    """A video for 9.00 that is available for 30 days."""
    return AMedium(company=studio)


@pytest.fixture
def today(studio: Company) -> datetime.date:
    return local_day(studio.id)


def shown(purchase: MediaPurchase) -> Any:
    return MediaPurchase.objects.with_payment().get(pk=purchase.pk)


def test_what_cannot_be_sold_is_refused(video: Media, actor: Actor) -> None:
    usual = {"name": "Stretch", "price": 900}
    for name, value, refusal in (
        ("name", " ", errors.InvalidMedia),
        ("price", -1, errors.InvalidMedia),
        ("price", MOST + 1, errors.InvalidMedia),
        ("valid_for", "a month", NotADuration),
        ("valid_for", "P0D", NotADuration),
    ):
        fields: dict[str, Any] = {name: value}
        new = Media(**{**usual, **fields})
        assert refusal_of(create_media, new, actor=actor) == (refusal, name), value
        assert refusal_of(change_media, video, changes=fields, actor=actor) == (refusal, name)
    assert Media.objects.get().name == "Morning stretch"


def test_what_was_bought_stays_as_it_was_sold(
    video: Media, customer: Customer, studio: Company, actor: Actor
) -> None:
    bought = AMediaPurchase(company=studio, customer=customer, media=video)
    change_media(video, changes={"price": 1_200, "valid_for": "P1D"}, actor=actor)
    assert facts(bought, "total", "currency", "expires_on") == [900, "GBP", bought.expires_on]
    assert AMediaPurchase(company=studio, customer=customer, media=video).total == 1_200


def test_archived_media_are_no_longer_sold(video: Media, studio: Company, actor: Actor) -> None:
    bought = AMediaPurchase(company=studio, media=video)
    archive_row(video, actor=actor)
    with pytest.raises(errors.MediaArchived):
        AMediaPurchase(company=studio, media=video)
    with pytest.raises(AlreadyArchived):
        change_media(video, changes={"price": 1}, actor=actor)
    assert MediaPurchase.objects.usable().get() == bought
    restore_row(video, actor=actor)
    assert AMediaPurchase(company=studio, media=video)


# --- Media: expiry ---


def test_a_medium_lasts_as_long_as_it_is_sold_to_last_or_to_a_day_of_its_own(
    studio: Company, customer: Customer, today: datetime.date
) -> None:
    own = {"company": studio, "customer": customer}
    for valid_for, days in (("P1D", 0), ("P30D", 29), ("P2W", 13), ("", None)):
        video = AMedium(company=studio, valid_for=valid_for)
        bought = AMediaPurchase(**own, media=video)
        assert bought.expires_on == (None if days is None else today + days * DAY), valid_for
        assert AMediaPurchase(**own, media=video, expires_on=today).expires_on == today
    over = refusal_of(AMediaPurchase, **own, expires_on=today - DAY)
    assert over == (errors.LastDayPast, "expires_on")


def test_a_medium_can_be_used_to_the_end_of_its_last_day(
    studio: Company, today: datetime.date, actor: Actor
) -> None:
    bought = AMediaPurchase(company=studio)
    usable = MediaPurchase.objects.usable()
    for last, is_usable in ((today, True), (today - DAY, False), (None, True)):
        MediaPurchase.objects.update(expires_on=last)
        assert usable.all().exists() is is_usable
    cancel_media_purchase(bought, actor=actor)
    assert not usable.all().exists()


# --- Media: means of payment ---


def test_a_credit_pays_for_a_medium_as_far_as_it_goes(
    studio: Company, customer: Customer, video: Media, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    terms: dict[str, Any]
    for terms, covered, standing in (
        ({"offering": "Morning stretch"}, 900, "PAID"),
        ({"percentage": 50}, 450, "PENDING"),
        ({"amount": 5_000}, 900, "PAID"),
        ({"amount": 100}, 100, "PENDING"),
    ):
        credit = ACredit(**own, **terms)
        before = balance(credit)
        bought = AMediaPurchase(**own, media=video, means=credit)
        assert (shown(bought).covered, shown(bought).standing) == (covered, standing), terms
        cancel_media_purchase(bought, actor=actor)
        assert balance(credit) == before
        assert shown(bought).is_refunded


def test_a_pass_pays_for_a_medium_with_one_visit_and_is_given_it_back(
    studio: Company, customer: Customer, video: Media, actor: Actor
) -> None:
    ten = APass(company=studio, customer=customer)
    bought = AMediaPurchase(company=studio, customer=customer, media=video, means=ten)
    assert (balance(ten), shown(bought).standing) == (9, "PAID")
    assert shown(bought).entry.reference == f"media_{bought.pk.hex}"
    cancel_media_purchase(bought, actor=actor)
    assert balance(ten) == 10


def test_money_pays_for_a_medium_and_goes_back_unless_it_is_kept(
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


def test_what_is_given_away_takes_nothing(studio: Company) -> None:
    free = AMedium(company=studio, price=0)
    assert shown(AMediaPurchase(company=studio, media=free)).standing == "PAID"
    with pytest.raises(errors.AlreadyPaid):
        AMediaPurchase(company=studio, media=free, means=cash())


def test_what_does_not_pay_for_a_medium_is_refused_and_what_failed_leaves_it_unpaid(
    studio: Company, customer: Customer, video: Media
) -> None:
    own = {"company": studio, "customer": customer}
    refused: tuple[tuple[Any, Any], ...] = (
        (APass(**own, offerings=["Massage"]), OtherOffering),
        (APass(company=studio), NotTheirHolding),
    )
    for means, refusal in refused:
        found = refusal_of(AMediaPurchase, **own, media=video, means=means)
        assert found == (refusal,)
    assert not MediaPurchase.objects.exists()
    failed = AMediaPurchase(**own, media=video, means=cash(status="failed"))
    assert (spent(customer), shown(failed).standing) == (0, "FAILED")


# --- Media: cancellation ---


def test_a_medium_is_taken_back_once(studio: Company, customer: Customer, actor: Actor) -> None:
    bought = AMediaPurchase(company=studio, customer=customer, means=cash())
    with pytest.raises(CardNumber):
        cancel_media_purchase(bought, reason="to 4111 1111 1111 1111", actor=actor)
    cancel_media_purchase(bought, reason="Bought twice", actor=actor)
    assert facts(bought, "reason", "cancelled_by") == ["Bought twice", "manage.py"]
    assert shown(bought).is_cancelled
    with pytest.raises(errors.PurchaseCancelled):
        cancel_media_purchase(bought, actor=actor)
    assert Payment.objects.given_back().count() == 1


def test_an_archived_customer_buys_nothing_and_gives_back(
    studio: Company, customer: Customer, video: Media, actor: Actor
) -> None:
    bought = AMediaPurchase(company=studio, customer=customer, media=video)
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        sell_media(MediaPurchase(customer=customer, media=video), actor=actor)
    cancel_media_purchase(bought, actor=actor)
    assert MediaPurchase.objects.get(pk=bought.pk).is_cancelled
