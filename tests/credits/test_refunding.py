"""Overpayments that are kept as a credit: a refund is taken from the credit."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Greatest

from billing.actions import create_invoice, issue_invoice, payments
from billing.errors import AlreadyRefunded, MoreThanTaken
from billing.models import Invoice, InvoiceLine, Payment
from bookings.actions import pay_invoice
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import (
    ledger,
    redeem_credit,
    refund_payment_and_credit,
    refunding,
    reverse_redemption,
    revoke_credit,
)
from credits.errors import KeptCreditUsed, PaidOut
from credits.models import Credit, Entry
from credits.proof import check_ledger
from customers.actions import archive_customer
from customers.models import Customer
from tests.backoffice import Browser, page_of
from tests.billing.test_races import DONE, at_once
from tests.callers import Caller
from tests.factories import APayment

Kept = tuple[Payment, Credit]


def keep(company: Company, customer: Customer, excess: int = 1_000) -> Kept:
    """Overpay an invoice; return the payment and the credit that hold the excess."""
    actor = Actor.command(company)
    with acting_for(company.id):
        line = InvoiceLine(description="Ten visits", unit_price=500)
        draft = create_invoice(Invoice(customer=customer), lines=[line], actor=actor)
        means = [Payment(method="cash", amount=500 + excess)]
        invoice = issue_invoice(draft, actor=actor)
        pay_invoice(invoice, means=means, keep_excess_as_credit=True, actor=actor)
        return Payment.objects.get(invoice=None), Credit.objects.get()


def a_refund(payment: Payment, amount: int | None = None) -> Payment:
    return Payment(refunds=payment, amount=amount, reason="Fell ill")


@pytest.fixture
def at_work(studio: Company) -> Iterator[None]:
    with acting_for(studio.id):
        yield


@pytest.fixture
def kept(studio: Company, customer: Customer) -> Kept:
    return keep(studio, customer)


def balance(credit: Credit) -> int:
    return Credit.objects.get(pk=credit.pk).balance


@pytest.mark.usefixtures("at_work")
def test_a_refund_of_what_was_kept_lowers_the_credit(
    studio: Company, kept: Kept, actor: Actor
) -> None:
    payment, credit = kept
    assert credit.payment_id == payment.pk
    refund = refund_payment_and_credit(a_refund(payment, amount=300), actor=actor)
    assert balance(credit) == 700
    entry = Entry.objects.uses().get()
    assert (entry.amount, entry.reference) == (-300, f"pay_{refund.pk.hex}")
    assert entry.reason == "Paid out by a refund"
    assert refund_payment_and_credit(a_refund(payment), actor=actor).amount == 700
    assert (balance(credit), check_ledger(studio.id)[0]) == (0, [])
    with pytest.raises(AlreadyRefunded):
        refund_payment_and_credit(a_refund(payment), actor=actor)


@pytest.mark.usefixtures("at_work")
def test_what_was_used_of_the_credit_is_not_refunded(kept: Kept, actor: Actor) -> None:
    payment, credit = kept
    use = redeem_credit(credit, amount=600, reference="till", actor=actor)
    with pytest.raises(KeptCreditUsed, match=r"£4\.00 is not used\. .* got £5\.00"):
        refund_payment_and_credit(a_refund(payment, amount=500), actor=actor)
    with pytest.raises(MoreThanTaken):
        refund_payment_and_credit(a_refund(payment, amount=1_001), actor=actor)
    assert refund_payment_and_credit(a_refund(payment), actor=actor).amount == 400
    with pytest.raises(KeptCreditUsed, match="all of the credit is used"):
        refund_payment_and_credit(a_refund(payment), actor=actor)
    reverse_redemption(use, actor=actor)
    assert refund_payment_and_credit(a_refund(payment), actor=actor).amount == 600
    assert balance(credit) == 0


@pytest.mark.usefixtures("at_work")
def test_what_was_paid_out_is_not_given_back_to_the_credit(kept: Kept, actor: Actor) -> None:
    payment, credit = kept
    refund_payment_and_credit(a_refund(payment), actor=actor)
    with pytest.raises(PaidOut):
        reverse_redemption(Entry.objects.uses().get(), actor=actor)
    assert balance(credit) == 0


@pytest.mark.usefixtures("at_work")
def test_a_revoked_credit_leaves_its_money_to_be_refunded(kept: Kept, actor: Actor) -> None:
    payment, credit = kept
    redeem_credit(credit, amount=100, reference="till", actor=actor)
    refund_payment_and_credit(a_refund(payment, amount=200), actor=actor)
    revoke_credit(credit, actor=actor)
    assert refund_payment_and_credit(a_refund(payment, amount=300), actor=actor)
    with pytest.raises(KeptCreditUsed):
        refund_payment_and_credit(a_refund(payment, amount=401), actor=actor)
    assert refund_payment_and_credit(a_refund(payment), actor=actor).amount == 400


@pytest.mark.usefixtures("at_work")
def test_other_payments_are_refunded_as_ever_and_an_archived_customer_gets_the_money(
    studio: Company, customer: Customer, kept: Kept, actor: Actor
) -> None:
    other = APayment(company=studio, customer=customer, amount=200)
    archive_customer(customer, actor=actor)
    assert refund_payment_and_credit(a_refund(other), actor=actor).amount == 200
    assert balance(kept[1]) == 1_000
    assert refund_payment_and_credit(a_refund(kept[0]), actor=actor).amount == 1_000
    assert balance(kept[1]) == 0


# --- The entry points ---


def test_a_refund_over_the_api_lowers_the_credit(integrator: Caller, kept: Kept) -> None:
    payment, credit = kept
    path = f"/v1/payments/pay_{payment.pk.hex}/refunds"
    made = integrator.post(path, {"amount": 400, "reason": "Fell ill"})
    assert made.status == 201
    (shown,) = integrator.get(f"/v1/customers/{payment.customer_id}/credits").body["data"]
    assert shown["balance"] == 600
    uses = f"/v1/customers/{payment.customer_id}/credits/{credit.pk}/redemptions"
    (use,) = integrator.get(uses).body["data"]
    assert (use["amount"], use["reference"]) == (400, made.body["id"])
    integrator.post(uses, {"amount": 500, "reference": "till"})
    refused = integrator.post(path, {"amount": 101, "reason": "Fell ill"})
    assert (refused.status, refused.body["error"]["code"]) == (409, "kept_credit_used")
    refused = integrator.post(f"{uses}/{use['id']}/reverse")
    assert (refused.status, refused.body["error"]["code"]) == (409, "paid_out")


def test_the_back_office_refunds_what_is_unused_of_the_credit(
    browser: Browser, studio: Company, kept: Kept, actor: Actor
) -> None:
    payment, credit = kept
    with acting_for(studio.id):
        redeem_credit(credit, amount=600, reference="till", actor=actor)
    page = page_of(payment).replace("change", "refund")
    form = browser.get(page).text
    assert "£4.00 of £10.00" in form
    assert "It was kept as a credit: the credit is lowered by as much." in form
    browser.send(page, amount="4.00", method="", reason="Asked for it")
    with acting_for(studio.id):
        assert balance(credit) == 0
    assert page not in browser.get(page_of(payment)).text


# --- Races ---


def _without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch off both guards: the lock of the customer, and the conditional update."""

    def look(customer: Customer, **how: Any) -> Customer:
        return Customer.objects.get(pk=customer.pk)

    def take(credit: Credit, cost: int, **how: Any) -> Entry:
        Credit.objects.filter(pk=credit.pk).update(balance=Greatest(F("balance") - cost, 0))
        return ledger._append(
            credit, Entry.REDEEM, -cost, reference=how["reference"], reason="", actor=how["actor"]
        )

    for module in (payments, refunding):
        monkeypatch.setattr(module, "lock_customer", look)
    monkeypatch.setattr(refunding, "take", take)


def _use_and_refund(studio: Company, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> int:
    """Use a credit and refund its payment, 8 times each at once; return the total of both."""
    payment, credit = kept
    actor = Actor.command(studio)
    look: Callable[..., int] = refunding._used

    def look_and_wait(*args: Any) -> int:
        found = look(*args)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(refunding, "_used", look_and_wait)

    def act(turn: int) -> None:
        if turn % 2:
            redeem_credit(credit, amount=100, reference=f"till-{turn}", actor=actor)
        else:
            refund_payment_and_credit(a_refund(payment, amount=150), actor=actor)

    told = at_once(studio, 16, act)
    assert told[DONE] > 1
    with acting_for(studio.id):
        return -sum(Entry.objects.uses().values_list("amount", flat=True))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_credit_that_is_used_and_refunded_at_once_gives_no_more_than_it_holds(
    studio: Company, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(studio, customer)
    assert _use_and_refund(studio, kept, monkeypatch) <= 1_000
    with acting_for(studio.id):
        assert check_ledger(studio.id)[0] == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_without_the_lock_it_would_give_more(
    studio: Company, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(studio, customer)
    _without_lock(monkeypatch)
    told = _use_and_refund(studio, kept, monkeypatch)
    assert told > 1_000, "the negative control: nothing else held it"
