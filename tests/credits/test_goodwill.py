"""Goodwill: given within the limit of the role, and approved or refused above it."""

import datetime
from collections.abc import Iterator
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from config.card_numbers import CardNumber
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import AboveRoleLimit, NotAllowed
from config.tenancy.scoping import acting_for
from credits.actions import approve_goodwill, give_goodwill, refuse_goodwill
from credits.errors import AlreadyDecided, OutOfBounds, ReasonMissing, SecondPersonNeeded
from credits.models import Credit, Entry, Goodwill
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import ACustomer, make_staff


@pytest.fixture(autouse=True)
def at_work(studio: Company) -> Iterator[None]:
    """Work for the studio, with a limit of 20.00 for front desk."""
    Company.objects.filter(pk=studio.pk).update(credit_limit=2_000)
    with acting_for(studio.id):
        yield


def as_role(company: Company, role: str, name: str = "") -> Actor:
    email = f"{name or role}@{company.slug}.example"
    return make_staff(company, email=email, role=role).actor_in(company)


@pytest.fixture
def desk(studio: Company) -> Actor:
    return as_role(studio, "front_desk")


@pytest.fixture
def manager(studio: Company) -> Actor:
    return as_role(studio, "manager")


def ask(customer: Customer, amount: int, actor: Actor, reason: str = "A cold room") -> Goodwill:
    goodwill = Goodwill(customer=customer, amount=amount, reason=reason)
    return give_goodwill(goodwill, actor=actor)


def test_goodwill_within_the_limit_is_given_at_once(
    customer: Customer, desk: Actor, manager: Actor, actor: Actor
) -> None:
    for amount, giver in ((2_000, desk), (50_000, manager), (50_000, actor)):
        goodwill = ask(customer, amount, giver)
        goodwill.refresh_from_db()
        assert goodwill.credit is not None
        assert (goodwill.decision, goodwill.credit.balance) == ("given", amount)
        assert (goodwill.asked_by, goodwill.decided_by) == (giver.name, giver.name)
        entry = Entry.objects.get(credit=goodwill.credit)
        assert (entry.reason, entry.actor_name) == ("A cold room", giver.name)


def test_goodwill_above_the_limit_waits_until_a_second_person_approves(
    studio: Company, customer: Customer, desk: Actor, manager: Actor
) -> None:
    goodwill = ask(customer, 2_001, desk)
    assert (goodwill.is_waiting, goodwill.credit) == (True, None)
    assert Goodwill.objects.waiting().get() == goodwill
    assert not Credit.objects.exists()
    approved = approve_goodwill(goodwill, actor=manager)
    assert approved.credit is not None
    assert (approved.decision, approved.decided_by) == ("approved", manager.name)
    assert approved.credit.balance == 2_001
    assert not Goodwill.objects.waiting().exists()
    for decide in (approve_goodwill, refuse_goodwill):
        with pytest.raises(AlreadyDecided, match="was approved by Olive Owner already"):
            decide(goodwill, actor=manager)
    assert Credit.objects.count() == 1


def test_what_one_person_gave_a_customer_on_a_day_counts_against_the_limit(
    studio: Company, customer: Customer, desk: Actor, manager: Actor
) -> None:
    other, second = ACustomer(company=studio), as_role(studio, "front_desk", "second")
    ask(customer, 50_000, manager)
    given = [ask(customer, 1_500, desk), ask(customer, 500, desk)]
    assert [one.decision for one in given] == ["given", "given"]
    waiting = ask(customer, 1, desk)
    assert waiting.is_waiting
    assert not ask(other, 2_000, desk).is_waiting
    assert not ask(customer, 1_000, second).is_waiting
    approve_goodwill(waiting, actor=second)
    late = ask(customer, 1_000, desk)
    with pytest.raises(AboveRoleLimit, match=r"£10\.00, with £10\.01 before it, is above"):
        approve_goodwill(late, actor=second)
    refuse_goodwill(late, actor=second)
    yesterday = Now() - datetime.timedelta(days=1)
    Goodwill.objects.update(decided_at=yesterday)
    assert not ask(customer, 2_000, desk).is_waiting


def test_goodwill_is_refused_with_a_reason(customer: Customer, desk: Actor, manager: Actor) -> None:
    goodwill = refuse_goodwill(ask(customer, 5_000, desk), reason="Too much", actor=manager)
    assert (goodwill.decision, goodwill.decision_reason, goodwill.credit) == (
        "refused",
        "Too much",
        None,
    )
    with pytest.raises(AlreadyDecided):
        approve_goodwill(goodwill, actor=manager)
    assert not Credit.objects.exists()


def test_nobody_decides_on_what_they_asked_for_or_may_not_give(
    studio: Company, customer: Customer, desk: Actor, manager: Actor
) -> None:
    goodwill = ask(customer, 5_000, desk)
    colleague, reader = as_role(studio, "front_desk", "other"), as_role(studio, "read_only")
    promoted = Actor("staff", desk.name, studio.id, "GB", desk.credential_id, role="manager")
    for person, refusal in (
        (promoted, SecondPersonNeeded),
        (colleague, AboveRoleLimit),
        (reader, NotAllowed),
    ):
        for decide in (approve_goodwill, refuse_goodwill):
            with pytest.raises(refusal):
                decide(goodwill, actor=person)
    with pytest.raises(IntegrityError, match="goodwill_second_person"), transaction.atomic():
        Goodwill.objects.filter(pk=goodwill.pk).update(
            decision="refused",
            decided_by_credential=desk.credential_id,
            decided_at="2026-01-01T09:00Z",
        )
    assert Goodwill.objects.waiting().exists()


def test_a_limit_of_0_lets_front_desk_ask_and_not_give(
    studio: Company, customer: Customer, desk: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(credit_limit=0)
    assert ask(customer, 1, desk).is_waiting
    Company.objects.filter(pk=studio.pk).update(credit_limit=None)
    assert not ask(customer, 10**9, desk).is_waiting


def test_goodwill_needs_an_amount_a_reason_and_a_live_customer(
    studio: Company, customer: Customer, desk: Actor, manager: Actor, actor: Actor
) -> None:
    for amount in (0, -1, 10**13):
        with pytest.raises(OutOfBounds):
            ask(customer, amount, manager)
    with pytest.raises(ReasonMissing):
        ask(customer, 5, manager, reason="  ")
    with pytest.raises(CardNumber):
        ask(customer, 5, manager, reason="Card 4111 1111 1111 1111")
    with pytest.raises(NotAllowed):
        ask(customer, 5, as_role(studio, "read_only"))
    waiting, other = ask(customer, 5_000, desk), ask(customer, 6_000, desk)
    archive_customer(customer, actor=actor)
    for act in (partial(ask, customer, 5), partial(approve_goodwill, waiting)):
        with pytest.raises(CustomerArchived):
            act(actor=manager)
    assert refuse_goodwill(waiting, actor=manager).decision == "refused"
    assert other.is_waiting
    assert not Credit.objects.exists()
