"""Money driven at random against a small model: what was sold is paid, owed, voided or credited.

500 steps for each currency; `MONEY_STEPS=5000 uv run pytest tests/bookings/test_money_machine.py`
takes more.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, rule

from billing.actions import reduce_invoice, refund_payment, void_invoice, write_off_invoice
from billing.models import CreditNote, Invoice, Payment, Subscription
from bookings.actions import Sale, cancel_booking, cancel_media_purchase, pay_booking, take_sale
from bookings.models import Booking, MediaPurchase
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import pay_invoice, reverse_redemption
from credits.models import Credit, Entry, PassPurchase
from credits.proof import check_ledger
from customers.models import Customer
from tests.factories import (
    ACredit,
    ACustomer,
    AMedium,
    AnAppointment,
    APass,
    APlan,
    AService,
    make_company,
)
from tests.machines import Machine, run

STEPS = int(os.environ.get("MONEY_STEPS", "500"))
# Price, tax in percent, and whether the price includes it, with what is paid for it.
PRICES = (
    (1_000, "20", "exclusive", 1_200),
    (999, "7.7", "inclusive", 999),
    (1, "50", "exclusive", 2),
)


@dataclass
class Model:
    """An invoice as it ought to be, in the plainest terms."""

    total: int
    taken: int = 0
    covered: int = 0
    reduced: int = 0
    given_back: int = 0
    is_void: bool = False
    # What is left of each payment, and what each use of a credit covered.
    left: dict[Any, int] = field(default_factory=dict)

    @property
    def owed(self) -> int:
        return 0 if self.is_void else self.total - self.taken - self.covered - self.reduced

    @property
    def paid(self) -> int:
        return self.taken + self.covered - self.given_back

    @property
    def credited(self) -> int:
        return self.reduced + self.given_back

    @property
    def voided(self) -> int:
        return self.total - self.paid - self.credited if self.is_void else 0

    def take_back(self, key: Any, amount: int) -> None:
        self.left[key] -= amount
        self.given_back += amount


class Money(Machine):
    """The actions of the till, beside the model."""

    things = Bundle("things")
    paid = Bundle("paid")

    catalogue: ClassVar[dict[str, list[Any]]]

    def __init__(self) -> None:
        super().__init__()
        self.customer: Customer = ACustomer(company=self.company)
        self.models: dict[Any, Model] = {}
        self.sold: dict[Any, Any] = {}
        self.came_in = self.excess = 0

    def teardown(self) -> None:
        findings, _ = check_ledger(self.company.id)
        super().teardown()
        assert findings == []

    # --- Selling and paying ---

    @rule(target=things, kind=st.sampled_from(["pass", "plan", "media", "booking", "rest"]),
          price=st.integers(0, 2))  # fmt: skip
    def sell(self, kind: str, price: int) -> Any:
        """Sell something to be paid later; a plan is sold to somebody new each time."""
        sale, total = Sale(self.customer), PRICES[price][3]
        row = self.catalogue["booking" if kind == "rest" else kind][price]
        match kind:
            case "pass":
                sale.passes = [PassPurchase(product=row)]
            case "plan":
                sale.customer = ACustomer(company=self.company)
                sale.subscriptions = [Subscription(plan=row)]
            case "media":
                sale.media = [MediaPurchase(media=row)]
            case _:
                own = {"company": self.company, "customer": self.customer}
                sale.unpaid = [AnAppointment(**own, service=row)]
                if kind == "rest":
                    # A credit has paid a part: the rest is on the invoice.
                    credit = ACredit(**own, amount=1)
                    self.agree(True, pay_booking, sale.unpaid[0], means=credit)
                    total -= 1
        ((invoice,),) = self.agree(True, take_sale, sale, means=[])
        self.models[invoice.pk] = Model(total)
        self.sold[invoice.pk] = next(iter([*sale.media, *sale.unpaid]), None)
        return invoice

    @rule(target=paid, invoice=things, amount=st.integers(1, 1_300), keeps=st.booleans())
    def pay(self, invoice: Invoice, amount: int, keeps: bool) -> Any:
        model, payment = self.models[invoice.pk], Payment(method="cash", amount=amount)
        fits = bool(model.owed) and (keeps or amount <= model.owed)
        how = {"means": [payment], "keep_excess_as_credit": keeps}
        if not self.agree(fits, pay_invoice, invoice, **how):
            return multiple()
        part = min(amount, model.owed)
        model.taken += part
        self.excess += amount - part
        self.came_in += amount
        model.left[payment.pk] = part
        return payment, invoice

    @rule(target=paid, invoice=things, amount=st.integers(1, 1_300), percentage=st.booleans())
    def use_credit(self, invoice: Invoice, amount: int, percentage: bool) -> Any:
        model, own = self.models[invoice.pk], {"company": self.company}
        holder = Invoice.objects.get(pk=invoice.pk).customer
        terms = {"percentage": amount % 100 + 1} if percentage else {"amount": amount}
        credit = ACredit(**own, customer=holder, **terms)
        part = credit.percentage_off(model.owed) if percentage else min(amount, model.owed)
        if not self.agree(part > 0, pay_invoice, invoice, means=[credit]):
            return multiple()
        model.covered += part
        use = Entry.objects.uses().get(credit=credit)
        model.left[use.pk] = part
        return use, invoice

    # --- Taking back ---

    @rule(one=paid, amount=st.integers(1, 1_300))
    def give_back(self, one: Any, amount: int) -> None:
        row, invoice = one
        model = self.models[invoice.pk]
        left = model.left[row.pk]
        if isinstance(row, Payment):
            refund = Payment(refunds=row, amount=amount)
            if self.agree(amount <= left, refund_payment, refund):
                model.take_back(row.pk, amount)
                self.came_in -= amount
        elif self.agree(left > 0, reverse_redemption, row):
            model.take_back(row.pk, left)

    @rule(invoice=things, amount=st.integers(1, 1_300), is_loss=st.booleans())
    def reduce(self, invoice: Invoice, amount: int, is_loss: bool) -> None:
        model = self.models[invoice.pk]
        act = write_off_invoice if is_loss else reduce_invoice
        if self.agree(amount <= model.owed, act, invoice, amount=amount, reason="Late"):
            model.reduced += amount

    @rule(invoice=things)
    def void(self, invoice: Invoice) -> None:
        model = self.models[invoice.pk]
        if self.agree(not (model.is_void or model.paid), void_invoice, invoice):
            model.is_void = True

    @rule(invoice=things)
    def cancel(self, invoice: Invoice) -> None:
        """Cancel a booking or a medium, which gives back all that was paid, and voids."""
        row, model = self.sold[invoice.pk], self.models[invoice.pk]
        if row is None:
            return
        act = cancel_booking if isinstance(row, Booking) else cancel_media_purchase
        now = type(row).objects.get(pk=row.pk)
        if not self.agree(now.cancelled_at is None, act, row) or model.is_void:
            return
        payments = set(Payment.objects.filter(invoice=invoice).values_list("pk", flat=True))
        for key, left in list(model.left.items()):
            self.came_in -= left if key in payments else 0
            model.take_back(key, left)
        model.is_void = True

    # --- The books ---

    @invariant()
    def what_was_sold_is_paid_owed_voided_or_credited(self) -> None:
        notes: Counter[Any] = Counter()
        for key, total in CreditNote.objects.values_list("invoice_id", "total"):
            notes[key] += total
        money: Counter[Any] = Counter()
        for key, amount in Payment.objects.succeeded().values_list("invoice_id", "signed_amount"):
            money[key] += amount
        for invoice in Invoice.objects.with_amounts():
            model, shown = self.models[invoice.pk], vars(invoice)
            parts = (model.paid, model.owed, model.voided, model.credited)
            assert sum(parts) == model.total == invoice.total
            assert shown["balance"] == model.owed
            assert notes[invoice.pk] == model.credited
            assert (invoice.covered, invoice.reduced) == (model.covered, model.reduced)
            assert shown["amount_paid"] == model.taken
        assert sum(money.values()) == self.came_in
        assert money[None] == self.excess
        kept = Credit.objects.filter(coupon__name__startswith="Paid too much")
        assert sum(kept.values_list("revenue", flat=True)) == self.excess


@pytest.fixture(params=["JPY", "GBP", "KWD"])
def company(request: pytest.FixtureRequest) -> Company:
    """A company whose currency has no decimals, two or three."""
    return make_company("Tills", slug="tills", currency=request.param)


@pytest.mark.long
def test_what_was_sold_is_paid_owed_voided_or_credited(company: Company) -> None:
    Money.company = company
    taxes = [
        {"company": company, "price": price, "tax_rate": rate, "tax_behavior": behavior}
        for price, rate, behavior, _paid in PRICES
    ]
    Money.catalogue = {
        "pass": [APass(**one).product for one in taxes],
        "plan": [APlan(**one) for one in taxes],
        "media": [AMedium(**one) for one in taxes],
        "booking": [AService(**one) for one in taxes],
    }
    run(Money, STEPS)
    with acting_for(company.id):
        assert not Invoice.objects.exists(), "every run was rolled back"
