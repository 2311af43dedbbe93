"""Random money operations, compared with a small model: sales are paid, owed, voided or credited.

The suite takes 500 steps for each currency; `MONEY_STEPS=5000 uv run pytest
tests/bookings/test_money_machine.py` takes more.
"""

import datetime
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, multiple, rule

from billing.actions import reduce_invoice, refund_payment, void_invoice, write_off_invoice
from billing.models import CreditNote, Invoice, Payment, Subscription
from bookings.actions import (
    Sale,
    cancel_booking,
    cancel_media_purchase,
    pay_booking,
    pay_invoice,
    take_sale,
)
from bookings.models import Booking, LateCancellation, MediaPurchase
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import reverse_redemption
from credits.models import Credit, Entry, PassPurchase
from credits.proof import check_ledger
from customers.actions import archive_customer, restore_customer
from customers.models import Customer
from tests.factories import (
    MORNING,
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
# Price, tax in percent, whether the price includes tax, and the total to pay.
PRICES = (
    (1_000, "20", "exclusive", 1_200),
    (999, "7.7", "inclusive", 999),
    (1, "50", "exclusive", 2),
)
# The company's fee for a late cancellation.
FEE = 700


@dataclass
class Model:
    """The expected state of an invoice, in the simplest terms."""

    total: int
    taken: int = 0
    covered: int = 0
    reduced: int = 0
    given_back: int = 0
    is_void: bool = False
    # The amount not yet returned of each payment and of each use of a credit.
    left: dict[Any, int] = field(default_factory=dict)
    uses: set[Any] = field(default_factory=set)
    percentages: set[Any] = field(default_factory=set)

    @property
    def has_percentage(self) -> bool:
        """Whether an active percentage credit covers a part of the invoice."""
        return any(self.left[use] for use in self.percentages)

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

    @property
    def money_left(self) -> int:
        return sum(left for key, left in self.left.items() if key not in self.uses)

    def take_back(self, key: Any, amount: int) -> None:
        self.left[key] -= amount
        self.given_back += amount


class Money(Machine):
    """The actions of the till, run next to the model."""

    things = Bundle("things")
    paid = Bundle("paid")
    by_pass = Bundle("by_pass")

    catalogue: ClassVar[dict[str, list[Any]]]

    def __init__(self) -> None:
        super().__init__()
        self.customer: Customer = ACustomer(company=self.company)
        own = {"company": self.company, "customer": self.customer}
        self.credit: Credit = ACredit(**own, amount=1_000_000)
        self.ten: PassPurchase = APass(**own, visits=3)
        self.visits, self.is_archived = 3, False
        self.models: dict[Any, Model] = {}
        self.sold: dict[Any, Any] = {}
        self.came_in = self.excess = 0

    def teardown(self) -> None:
        findings, _ = check_ledger(self.company.id)
        super().teardown()
        assert findings == []

    # --- Selling and paying ---

    @rule(target=things, price=st.integers(0, 2),
          kind=st.sampled_from(["pass", "plan", "media", "booking", "soon", "rest"]))  # fmt: skip
    def sell(self, kind: str, price: int) -> Any:
        """Sell something that is paid later; each plan is sold to a new customer."""
        if self.is_archived and kind in ("booking", "soon", "rest"):
            return multiple()
        sale, total = Sale(self.customer), PRICES[price][3]
        row = self.catalogue["booking" if kind in ("soon", "rest") else kind][price]
        match kind:
            case "pass":
                sale.passes = [PassPurchase(product=row)]
            case "plan":
                sale.customer = ACustomer(company=self.company)
                sale.subscriptions = [Subscription(plan=row)]
            case "media":
                sale.media = [MediaPurchase(media=row)]
            case _:
                sale.unpaid = [self._book(row, is_soon=kind == "soon")]
                if kind == "rest":
                    # A credit has paid a part; the invoice is for the rest.
                    credit = ACredit(company=self.company, customer=self.customer, amount=1)
                    self.agree(True, pay_booking, sale.unpaid[0], means=credit)
                    total -= 1
        fits = kind == "plan" or not self.is_archived
        if not (done := self.agree(fits, take_sale, sale, means=[])):
            return multiple()
        ((invoice,),) = done
        self.models[invoice.pk] = Model(total)
        self.sold[invoice.pk] = next(iter([*sale.media, *sale.unpaid]), None)
        return invoice

    @rule(target=paid, invoice=things, amount=st.integers(1, 1_300), keeps=st.booleans())
    def pay(self, invoice: Invoice, amount: int, keeps: bool) -> Any:
        model, payment = self.models[invoice.pk], Payment(method="cash", amount=amount)
        may_keep = keeps and not self._is_of_archived(invoice)
        fits = bool(model.owed) and (may_keep or amount <= model.owed)
        how = {"means": [payment], "keep_excess_as_credit": keeps}
        if not self.agree(fits, pay_invoice, invoice, **how):
            return multiple()
        part = min(amount, model.owed)
        model.taken += part
        self.excess += amount - part
        self.came_in += amount
        model.left[payment.pk] = part
        return payment, invoice

    @rule(target=paid, invoice=things, cash=st.integers(1, 700), card=st.integers(1, 700))
    def pay_by_two_means(self, invoice: Invoice, cash: int, card: int) -> Any:
        model = self.models[invoice.pk]
        means = [Payment(method="cash", amount=cash), Payment(method="card", amount=card)]
        if not self.agree(cash + card <= model.owed, pay_invoice, invoice, means=means):
            return multiple()
        for payment in means:
            model.left[payment.pk] = payment.amount
        model.taken += cash + card
        self.came_in += cash + card
        return multiple(*((payment, invoice) for payment in means))

    @rule(target=paid, invoice=things, amount=st.integers(1, 1_300), percentage=st.booleans())
    def use_credit(self, invoice: Invoice, amount: int, percentage: bool) -> Any:
        model, own = self.models[invoice.pk], {"company": self.company}
        if self._is_of_archived(invoice):
            self.agree(False, pay_invoice, invoice, means=[self.credit])
            return multiple()
        holder = Invoice.objects.get(pk=invoice.pk).customer
        terms = {"percentage": amount % 100 + 1} if percentage else {"amount": amount}
        credit = ACredit(**own, customer=holder, **terms)
        part = credit.percentage_off(model.owed) if percentage else min(amount, model.owed)
        # Only one percentage may reduce a price.
        fits = part > 0 and not (percentage and model.has_percentage)
        if not self.agree(fits, pay_invoice, invoice, means=[credit]):
            return multiple()
        model.covered += part
        use = Entry.objects.uses().get(credit=credit)
        model.left[use.pk] = part
        model.uses.add(use.pk)
        if percentage:
            model.percentages.add(use.pk)
        return use, invoice

    @rule(target=by_pass, price=st.integers(0, 2))
    def use_pass(self, price: int) -> Any:
        """Pay for a booking with a visit, so that it is on no invoice."""
        if self.is_archived:
            return multiple()
        booking = self._book(self.catalogue["booking"][price])
        sale = Sale(self.customer, unpaid=[booking])
        if not self.agree(self.visits > 0, take_sale, sale, means=[self.ten]):
            return multiple()
        self.visits -= 1
        return booking

    @rule(chance=st.integers(0, 9))
    def archive_or_restore(self, chance: int) -> None:
        """Archive or restore the customer; an archived customer can only settle what is open."""
        # Archive seldom and restore soon, so that enough is sold.
        if chance not in ((7, 8, 9) if self.is_archived else (0,)):
            return
        self.agree(True, restore_customer if self.is_archived else archive_customer, self.customer)
        self.is_archived = not self.is_archived

    def _book(self, service: Any, *, is_soon: bool = False) -> Booking:
        soon = timezone.now() + datetime.timedelta(hours=3)
        booked: Booking = AnAppointment(
            company=self.company,
            customer=self.customer,
            service=service,
            starts_at=soon if is_soon else MORNING,
        )
        return booked

    def _is_of_archived(self, invoice: Invoice) -> bool:
        return self.is_archived and invoice.customer_id == self.customer.pk

    # --- Reversals ---

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

    @rule(target=things, invoice=things)
    def cancel(self, invoice: Invoice) -> Any:
        """Cancel a booking or a medium, which refunds all payments and voids the invoice.

        A late cancellation keeps a fee from the payments, or charges it by an invoice.
        """
        row, model = self.sold[invoice.pk], self.models[invoice.pk]
        if row is None:
            return multiple()
        act = cancel_booking if isinstance(row, Booking) else cancel_media_purchase
        now = type(row).objects.get(pk=row.pk)
        if not self.agree(now.cancelled_at is None, act, row):
            return multiple()
        is_late = isinstance(row, Booking) and row.starts_at < MORNING
        is_paid = not (model.is_void or model.owed)
        kept = min(model.money_left, FEE) if is_late and is_paid else 0
        if not model.is_void:
            self._unwind(model, kept)
        return self._ask_for_fee(row, kept) if is_late else multiple()

    def _unwind(self, model: Model, kept: int) -> None:
        for key in model.uses:
            model.take_back(key, model.left[key])
        self.came_in -= model.money_left - kept
        model.given_back += model.money_left - kept
        keys = [key for key in model.left if key not in model.uses]
        for payment in Payment.objects.filter(pk__in=keys).with_left():
            model.left[payment.pk] = vars(payment)["left"]
        assert model.money_left == kept
        model.is_void = not kept

    def _ask_for_fee(self, booking: Booking, kept: int) -> Any:
        late = LateCancellation.objects.get(booking=booking)
        fee = 0 if self.is_archived else FEE - kept
        assert (late.kept, late.fee) == (kept, fee)
        if late.invoice is None:
            assert not fee
            return multiple()
        self.models[late.invoice.pk], self.sold[late.invoice.pk] = Model(fee), None
        return late.invoice

    @rule(booking=consumes(by_pass))
    def cancel_what_a_pass_paid(self, booking: Booking) -> None:
        self.agree(True, cancel_booking, booking)
        self.visits += 1

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
        assert PassPurchase.objects.get(pk=self.ten.pk).balance == self.visits
        kept = Credit.objects.filter(coupon__name__startswith="Paid too much")
        assert sum(kept.values_list("revenue", flat=True)) == self.excess


@pytest.fixture(params=["JPY", "GBP", "KWD"])
def company(request: pytest.FixtureRequest) -> Company:
    """A company with a fee for late cancellations, in a currency with no decimals, two or three."""
    made = make_company("Tills", slug="tills", currency=request.param)
    terms = {"late_cancellation_hours": 24, "late_cancellation_keeps": "fee"}
    Company.objects.filter(pk=made.pk).update(**terms, late_cancellation_fee=FEE)
    return made


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
