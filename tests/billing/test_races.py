"""Concurrent money operations: the guards are sufficient and necessary (threat 12)."""

import datetime
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.db.models import DateField, Sum
from django.db.models.functions import Cast, Now

from billing.actions import (
    add_payment_method,
    cover_invoice,
    create_invoice,
    invoices,
    issue_invoice,
    locks,
    pausing,
    payments,
    reduce_invoice,
    refund_payment,
    subscribe,
    take_payment,
    turn_periods,
)
from billing.errors import AlreadySubscribed, MoreThanOwed, MoreThanTaken
from billing.models import (
    CreditNote,
    Invoice,
    InvoiceLine,
    Payment,
    PaymentMethod,
    Subscription,
    SubscriptionPause,
)
from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import settle_invoices
from customers.models import Customer
from tests.factories import ACustomer, AnInvoice, APayment, APlan, ASubscription

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

THREADS = 8
DONE = "done"


def at_once(company: Company, count: int, act: Callable[[int], Any]) -> Counter[str]:
    """Call a function many times at once, each in a transaction; count the outcomes."""

    def once(turn: int) -> str:
        try:
            with acting_for(company.id):
                act(turn)
        except (Refusal, IntegrityError) as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return DONE

    with ThreadPoolExecutor(THREADS) as threads:
        return Counter(threads.map(once, range(count)))


def pause(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Sleep between the read of the remaining amount and the write."""
    for module, name in ((payments, "_given_back"), (locks, "taken_for")):
        look = getattr(module, name)

        def look_and_wait(*args: Any, look: Any = look, **how: Any) -> int:
            found: int = look(*args, **how)
            time.sleep(seconds)
            return found

        monkeypatch.setattr(module, name, look_and_wait)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    pause(monkeypatch, 0.01)


@pytest.fixture
def slower(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sleep long enough for all threads to read before one writes, even on a busy machine."""
    pause(monkeypatch, 0.2)


@pytest.fixture
def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch off the first guard: the customer is read without a lock."""

    def look(customer: Customer, *, to_end: bool = False, actor: Actor) -> Customer:
        return Customer.objects.get(pk=customer.pk)

    for module in (payments, invoices, locks):
        monkeypatch.setattr(module, "lock_customer", look)


@pytest.fixture
def without_trigger() -> Iterator[None]:
    """Switch off the second guard, as the owner could: the triggers and the check of amounts."""

    def turn(verb: str) -> None:
        with connections["owner"].cursor() as cursor:
            for table, guard in (
                ("payment", "payment_fits"),
                ("payment", "payment_adds_up"),
                ("creditnote", "credit_note_fits"),
                ("creditnote", "credit_note_adds_up"),
                ("invoice", "invoice_adds_up"),
            ):
                cursor.execute(f"ALTER TABLE billing_{table} {verb} TRIGGER billing_{guard}")

    look = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s"
    name, table = "invoice_settled_in_part", "ALTER TABLE billing_invoice"
    with connections["owner"].cursor() as cursor:
        cursor.execute(look, [name])
        (check,) = cursor.fetchone()
        cursor.execute(f"{table} DROP CONSTRAINT {name}")
    turn("DISABLE")
    yield
    turn("ENABLE")
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"{table} DISABLE TRIGGER USER")
        cursor.execute("UPDATE billing_invoice SET covered = 0, reduced = 0")
        cursor.execute(f"{table} ENABLE TRIGGER USER, ADD CONSTRAINT {name} {check}")


@pytest.fixture
def invoice(studio: Company) -> Invoice:
    return AnInvoice(company=studio, customer=ACustomer(company=studio), amount=1_000)


def refund_64_times(company: Company, invoice: Invoice) -> tuple[Counter[str], int]:
    """Refund 30 of 1,000 at once 64 times; return the outcomes and the sum."""
    actor, payment = Actor.command(company), APayment(company=company, invoice=invoice, amount=1000)
    told = at_once(
        company, 64, lambda n: refund_payment(Payment(refunds=payment, amount=30), actor=actor)
    )
    with acting_for(company.id):
        rows = Payment.objects.given_back().filter(refunds=payment)
        return told, rows.aggregate(total=Sum("amount"))["total"]


def pay_64_times(company: Company, invoice: Invoice) -> tuple[Counter[str], int]:
    """Pay 30 of 1,000 at once 64 times; return the outcomes and the sum."""
    actor = Actor.command(company)
    told = at_once(
        company,
        64,
        lambda n: take_payment(Payment(invoice=invoice, amount=30, method="cash"), actor=actor),
    )
    with acting_for(company.id):
        return told, Payment.objects.taken().filter(invoice=invoice).amount_in_all()


def reduce_64_times(company: Company, invoice: Invoice) -> tuple[Counter[str], int]:
    """Reduce an invoice of 1,000 by 30 at once 64 times; return the outcomes and the sum."""
    actor = Actor.command(company)
    told = at_once(
        company, 64, lambda n: reduce_invoice(invoice, amount=30, reason="Late", actor=actor)
    )
    with acting_for(company.id):
        return told, CreditNote.objects.filter(invoice=invoice).reductions().amount_in_all()


def settle_64_times(company: Company, invoice: Invoice) -> tuple[Counter[str], int]:
    """Pay, cover and reduce by 30 of 1,000 at once; return the outcomes and the sum."""
    actor = Actor.command(company)
    ways = (
        lambda: take_payment(Payment(invoice=invoice, amount=30, method="cash"), actor=actor),
        lambda: cover_invoice(invoice, amount=30, actor=actor),
        lambda: reduce_invoice(invoice, amount=30, reason="Late", actor=actor),
    )
    told = at_once(company, 64, lambda n: ways[n % 3]())
    with acting_for(company.id):
        taken = Payment.objects.taken().filter(invoice=invoice).amount_in_all()
        notes = CreditNote.objects.filter(invoice=invoice).amount_in_all()
        return told, taken + notes + Invoice.objects.get(pk=invoice.pk).covered


def pay_in_parts_64_times(company: Company, invoice: Invoice) -> tuple[Counter[str], int]:
    """Pay 30 of 1,000 by two means at once 64 times; return the outcomes and the sum."""
    actor = Actor.command(company)

    def pay(turn: int) -> None:
        means = [Payment(method="cash", amount=20), Payment(method="card", amount=10)]
        settle_invoices([invoice], means=means, begins={}, actor=actor)

    told = at_once(company, 64, pay)
    with acting_for(company.id):
        return told, Payment.objects.taken().filter(invoice=invoice).amount_in_all()


PAYING = (pay_64_times, pay_in_parts_64_times, reduce_64_times, settle_64_times)
SETTLING = [(move, MoreThanOwed) for move in PAYING]
MOVES = [refund_64_times, *(move for move, _ in SETTLING)]


@pytest.mark.usefixtures("slow", "without_trigger")
@pytest.mark.parametrize(("move", "refusal"), [(refund_64_times, MoreThanTaken), *SETTLING])
def test_the_lock_alone_lets_33_of_64_refunds_and_payments_through(
    studio: Company, invoice: Invoice, move: Any, refusal: type[Refusal]
) -> None:
    assert move(studio, invoice) == ({DONE: 33, refusal.__name__: 31}, 990)


@pytest.mark.usefixtures("slow", "without_lock")
@pytest.mark.parametrize("move", MOVES)
def test_the_trigger_alone_holds_it(studio: Company, invoice: Invoice, move: Any) -> None:
    told, total = move(studio, invoice)
    assert total == 990
    # The covered amount is checked at the end of the transaction.
    allowed = {"IntegrityError"} if move is settle_64_times else set()
    assert set(told) <= {DONE, MoreThanTaken.__name__, MoreThanOwed.__name__} | allowed


@pytest.mark.usefixtures("slower", "without_lock", "without_trigger")
@pytest.mark.parametrize("move", MOVES)
def test_without_both_it_would_not_hold(studio: Company, invoice: Invoice, move: Any) -> None:
    assert move(studio, invoice)[1] > 1_000, "the negative control: nothing else held it"


def issue_at_once(company: Company, count: int) -> tuple[Counter[str], list[str]]:
    """Issue invoices of four customers at once; every fourth transaction fails after issuing."""
    actor = Actor.command(company)
    customers = [ACustomer(company=company) for _ in range(4)]

    def issue(turn: int) -> None:
        line = InvoiceLine(description="x", unit_price=turn)
        invoice = create_invoice(Invoice(customer=customers[turn % 4]), lines=[line], actor=actor)
        issue_invoice(invoice, actor=actor)
        time.sleep(0.005)
        if turn % 4 == 3 and turn > 3:
            raise Refusal

    told = at_once(company, count, issue)
    with acting_for(company.id):
        numbers = Invoice.objects.order_by("number").values_list("number", flat=True)
        return told, list(numbers)


def test_numbers_have_no_gaps_however_many_are_issued_at_once(studio: Company) -> None:
    told, numbers = issue_at_once(studio, 40)
    assert told == {DONE: 31, "Refusal": 9}
    assert [int(number[-5:]) for number in numbers] == list(range(1, 32))


def test_the_counters_row_holds_it(studio: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def count(invoice: Invoice, year: int) -> int:
        return Invoice.objects.exclude(number="").count() + 1

    monkeypatch.setattr(invoices, "_next_number", count)
    told, _ = issue_at_once(studio, 40)
    assert told["IntegrityError"], "the negative control: counting gives a number twice"


def test_one_default_is_left_however_many_are_added_at_once(studio: Company) -> None:
    customer, actor = ACustomer(company=studio), Actor.command(studio)

    def add(turn: int) -> None:
        method = PaymentMethod(
            customer=customer, type="other", token=f"t{turn}", is_default=bool(turn % 2)
        )
        add_payment_method(method, actor=actor)

    assert at_once(studio, 16, add) == {DONE: 16}
    with acting_for(studio.id):
        assert PaymentMethod.objects.default().count() == 1


def test_a_plan_is_taken_once_however_many_ask_at_once(studio: Company) -> None:
    customer, plan, actor = ACustomer(company=studio), APlan(company=studio), Actor.command(studio)
    told = at_once(
        studio, 16, lambda n: subscribe(Subscription(customer=customer, plan=plan), actor=actor)
    )
    assert told == {DONE: 1, AlreadySubscribed.__name__: 15}


def test_periods_turn_once_under_any_number_of_workers(studio: Company) -> None:
    actor = Actor.command(studio)
    for _ in range(5):
        ASubscription(company=studio, customer=ACustomer(company=studio))
    with acting_for(studio.id):
        Subscription.objects.update(anchor_date="2025-01-31")
    turned = []
    at_once(studio, 16, lambda n: turned.append(turn_periods(actor=actor)))
    assert sum(turned) == 5


# --- Expired pauses ---


def resumed_at_once(studio: Company, actor: Actor) -> tuple[int, int]:
    """Sweep with many workers; return how many pauses they ended, and the recorded pauses."""
    made = ASubscription(company=studio, customer=ACustomer(company=studio))
    with acting_for(studio.id):
        day_before = Now() - datetime.timedelta(days=1)
        Subscription.objects.filter(pk=made.pk).update(
            paused_at=Now() - datetime.timedelta(days=9), paused_until=Cast(day_before, DateField())
        )

    def sweep(_turn: int) -> int:
        try:
            return pausing.resume_due(actor=actor)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        resumed = sum(threads.map(sweep, range(THREADS)))
    with acting_for(studio.id):
        return resumed, SubscriptionPause.objects.filter(subscription=made).count()


def slowly(monkeypatch: pytest.MonkeyPatch, lock: Callable[..., Subscription]) -> None:
    """Sleep between the lock of a subscription and the end of its pause."""

    def look_and_wait(subscription: Subscription, *, actor: Actor) -> Subscription:
        found = lock(subscription, actor=actor)
        time.sleep(0.1)
        return found

    monkeypatch.setattr(pausing, "lock_subscription", look_and_wait)


def test_a_pause_that_is_over_ends_once_under_many_workers(
    studio: Company, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch, pausing.lock_subscription)
    assert resumed_at_once(studio, actor) == (1, 1)


def test_without_the_lock_a_pause_would_end_many_times(
    studio: Company, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(subscription: Subscription, *, actor: Actor) -> Subscription:
        return Subscription.objects.visible_to(actor).get(pk=subscription.pk)

    slowly(monkeypatch, look)
    resumed, kept = resumed_at_once(studio, actor)
    assert resumed == kept > 1
