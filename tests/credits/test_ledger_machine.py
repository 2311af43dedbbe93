"""Random operations on the ledger, compared with a small model (threat 14).

The suite takes 1,000 steps; `LEDGER_STEPS=10000 uv run pytest tests/credits/test_ledger_machine.py`
takes more.
"""

import datetime
import itertools
import os
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.models import F, Sum
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, rule

from config.durations import end_of_day
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
from credits.actions import (
    expire_holdings,
    issue_credit,
    redeem_credit,
    reverse_redemption,
    revoke_credit,
)
from credits.models import Credit, Entry
from credits.proof import check_ledger
from customers.actions import archive_customer, restore_customer
from customers.models import Customer
from tests.factories import ACoupon, ACustomer
from tests.machines import Machine, run

STEPS = int(os.environ.get("LEDGER_STEPS", "1000"))


@dataclass
class Model:
    """The expected state of a credit, in the simplest terms."""

    kind: str
    balance: int
    days_left: int | None
    ended: str = ""
    uses: dict[int, int] = field(default_factory=dict)

    def take(self, number: int, amount: int) -> bool:
        cost = {"amount": amount, "single": 1, "multi": 0}[self.kind]
        if self.ended or self.is_past or cost > self.balance:
            return False
        self.balance -= cost
        self.uses[number] = cost
        if self.balance == 0 and self.kind != "multi":
            self.ended = "redeemed"
        return True

    def give_back(self, number: int) -> bool:
        if number not in self.uses or self.ended in ("revoked", "expired"):
            return False
        self.balance += self.uses.pop(number)
        self.ended = ""
        return True

    def revoke(self) -> bool:
        if self.ended == "revoked":
            return True
        if self.ended or self.is_past:
            return False
        self.balance, self.ended = 0, "revoked"
        return True

    def sweep(self) -> None:
        if self.is_past and not self.ended:
            self.balance, self.ended = 0, "expired"

    @property
    def is_past(self) -> bool:
        return self.days_left is not None and self.days_left < 0


class Ledger(Machine):
    """The actions of credits, run next to the model."""

    coupons: ClassVar[dict[str, Any]]
    credits = Bundle("credits")
    uses = Bundle("uses")

    def __init__(self) -> None:
        super().__init__()
        self.customer: Customer = ACustomer(company=self.company)
        self.numbers = itertools.count()
        self.models: dict[Any, Model] = {}
        self.is_archived = False

    def teardown(self) -> None:
        findings, _ = check_ledger(self.company.id)
        super().teardown()
        assert findings == []

    @rule(target=credits, kind=st.sampled_from(["amount", "single", "multi"]),
          days=st.none() | st.integers(0, 5))  # fmt: skip
    def issue(self, kind: str, days: int | None) -> Any:
        end = None
        if days is not None:
            last = local_day(self.company.id) + datetime.timedelta(days)
            end = end_of_day(last, self.company.timezone)
        credit = Credit(coupon=self.coupons[kind], customer=self.customer, expires_at=end)
        if not self.agree(not self.is_archived, issue_credit, credit):
            return None
        self.models[credit.pk] = Model(kind, 100 if kind == "amount" else 1, days)
        return credit

    @rule(target=uses, credit=credits, amount=st.integers(1, 120))
    def redeem(self, credit: Credit | None, amount: int) -> Any:
        if credit is None:
            return None
        number, model = next(self.numbers), self.models[credit.pk]
        expected = not self.is_archived and model.take(number, amount)
        sent = amount if model.kind == "amount" else None
        used = self.agree(expected, redeem_credit, credit, amount=sent, reference=str(number))
        return (number, *used) if used else None

    @rule(use=uses)
    def reverse(self, use: Any) -> None:
        if use is not None:
            number, entry = use
            expected = self.models[entry.credit_id].give_back(number)
            self.agree(expected, reverse_redemption, entry)

    @rule(credit=credits)
    def revoke(self, credit: Credit | None) -> None:
        if credit is not None:
            expected = not self.is_archived and self.models[credit.pk].revoke()
            self.agree(expected, revoke_credit, credit)

    @rule(days=st.integers(1, 3))
    def let_days_pass(self, days: int) -> None:
        Credit.objects.update(expires_at=F("expires_at") - datetime.timedelta(days))
        for model in self.models.values():
            model.days_left = None if model.days_left is None else model.days_left - days

    @rule()
    def sweep(self) -> None:
        expire_holdings(self.company.id, actor=self.actor)
        for model in self.models.values():
            model.sweep()

    @rule()
    def archive_or_restore(self) -> None:
        act = restore_customer if self.is_archived else archive_customer
        act(self.customer, actor=self.actor)
        self.is_archived = not self.is_archived

    @invariant()
    def the_record_is_as_the_model(self) -> None:
        for credit in Credit.objects.annotate(entered=Sum("entries__amount")):
            model = self.models[credit.pk]
            ended = {
                "redeemed": credit.redeemed_at,
                "revoked": credit.revoked_at,
                "expired": credit.expired_at,
            }
            assert [name for name, at in ended.items() if at] == [model.ended] * bool(model.ended)
            assert credit.balance == credit.entered == model.balance
            assert credit.times_redeemed == len(model.uses)


def test_the_ledger_does_what_a_small_model_does(studio: Company) -> None:
    Ledger.company = studio
    Ledger.coupons = {
        "amount": ACoupon(company=studio, amount=100),
        "single": ACoupon(company=studio),
        "multi": ACoupon(company=studio, multi_use=True),
    }
    run(Ledger, STEPS)
    with acting_for(studio.id):
        assert not Entry.objects.exists(), "every run was rolled back"
