"""Random merges, writes and undoing, compared with a small model (threat 60).

The suite takes 200 steps and the long run 2,000; `MERGE_STEPS` sets another number.
"""

import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, rule

from config.tenancy.companies import Company
from credits.actions import issue_credit, redeem_credit
from credits.models import Credit
from credits.proof import check_ledger
from customers.actions import (
    add_address,
    change_address,
    merge_customers,
    undo_merge,
    update_customer,
    write_note,
)
from customers.models import Address, Customer, CustomerMerge, Note
from tests.factories import ACoupon, ACustomer
from tests.machines import Machine, run

STEPS = int(os.environ.get("MERGE_STEPS", "2000"))
FEW_STEPS = 200
PEOPLE = 5


@dataclass
class Merged:
    """The expected state of a merge: the rows that it moved, and whether they changed since."""

    merge: Any
    kept: int
    merged: int
    rows: set[Any]
    followers: set[int]
    names: tuple[str, str]
    result: str
    undefaulted: list[Any]
    is_undone: bool = False
    is_spoiled: bool = False


@dataclass
class Model:
    """The expected owner of each row, target of each merged customer, and name of each customer."""

    owner: dict[Any, int] = field(default_factory=dict)
    default: dict[Any, bool] = field(default_factory=dict)
    into: dict[int, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    merges: list[Merged] = field(default_factory=list)

    def has_default(self, person: int) -> bool:
        return any(self.default[row] for row in self.default if self.owner[row] == person)

    def write(self, row: Any) -> None:
        """Note that a row was written to, so the merge that moved it cannot be undone any more."""
        for one in self.merges:
            one.is_spoiled |= not one.is_undone and row in one.rows

    def can_undo(self, merged: Merged) -> bool:
        at = self.merges.index(merged)
        later = [one for one in self.merges[at + 1 :] if not one.is_undone]
        return not (
            merged.is_undone
            or merged.is_spoiled
            or any(merged.kept in (one.kept, one.merged) for one in later)
            or self.names[merged.kept] != merged.result != merged.names[0]
        )

    def undo(self, merged: Merged) -> None:
        merged.is_undone = True
        for row in merged.rows:
            self.owner[row] = merged.merged
        for person in merged.followers:
            self.into[person] = merged.merged
        del self.into[merged.merged]
        self.names[merged.merged] = merged.names[1]
        if merged.result != merged.names[0]:
            self.names[merged.kept] = merged.names[0]
        for row in merged.undefaulted:
            self.default[row] = True
        left = sorted(row for row in self.default if self.owner[row] == merged.kept)
        if left and not self.has_default(merged.kept):
            self.default[left[0]] = True


class Merging(Machine):
    """The actions, run next to the model."""

    merges = Bundle("merges")
    addresses = Bundle("addresses")
    credits = Bundle("credits")

    def __init__(self) -> None:
        super().__init__()
        names = [f"Ana {number}" for number in range(PEOPLE)]
        self.people: list[Any] = [
            ACustomer(company=self.company, first_name=name, email=f"ana{at}@example.com")
            for at, name in enumerate(names)
        ]
        self.coupon = ACoupon(company=self.company, amount=1_000)
        self.model = Model(names=dict(enumerate(names)))

    def teardown(self) -> None:
        findings, _ = check_ledger(self.company.id)
        super().teardown()
        assert findings == []

    person = st.integers(0, PEOPLE - 1)

    def is_there(self, person: int) -> bool:
        return person not in self.model.into

    @rule(person=person)
    def note(self, person: int) -> None:
        note = Note(customer=self.people[person], content="Called")
        for done in self.agree(self.is_there(person), write_note, note):
            self.model.owner[done.pk] = person

    @rule(target=addresses, person=person)
    def address(self, person: int) -> Any:
        address = Address(customer=self.people[person], street="Hill Road")
        if not (done := self.agree(self.is_there(person), add_address, address)):
            return None
        key = done[0].pk
        self.model.owner[key] = person
        self.model.default[key] = not self.model.has_default(person)
        return key

    @rule(key=addresses)
    def relabel(self, key: Any) -> None:
        if key is None:
            return
        address = Address.objects.get(pk=key)
        change_address(address, changes={"label": f"{address.label}x"}, actor=self.actor)
        self.model.write(key)

    @rule(target=credits, person=person)
    def issue(self, person: int) -> Any:
        credit = Credit(coupon=self.coupon, customer=self.people[person])
        if not (done := self.agree(self.is_there(person), issue_credit, credit)):
            return None
        self.model.owner[done[0].pk] = person
        return done[0].pk

    @rule(key=credits)
    def redeem(self, key: Any) -> None:
        if key is None:
            return
        credit = Credit.objects.get(pk=key)
        if credit.balance:
            redeem_credit(credit, amount=1, reference=str(credit.balance), actor=self.actor)
            self.model.write(key)

    @rule(person=person, number=st.integers(0, 3))
    def rename(self, person: int, number: int) -> None:
        name = f"Anna {number}"
        changes = {"first_name": name}
        if self.agree(self.is_there(person), update_customer, self.people[person], changes=changes):
            self.model.names[person] = name

    @rule(target=merges, kept=person, merged=person, choice=st.sampled_from(["kept", "merged"]))
    def merge(self, kept: int, merged: int, choice: str) -> Any:
        model = self.model
        is_possible = kept != merged and self.is_there(kept) and self.is_there(merged)
        names = model.names[kept], model.names[merged]
        choices = {"first_name": choice} if names[0] != names[1] else {}
        done = self.agree(
            is_possible,
            merge_customers,
            self.people[kept],
            merged=self.people[merged],
            choices=choices,
        )
        if not done:
            return None
        rows = {row for row, owner in model.owner.items() if owner == merged}
        followers = {person for person, into in model.into.items() if into == merged}
        clash = [row for row in rows if model.default.get(row)] if model.has_default(kept) else []
        result = names[1] if choice == "merged" else names[0]
        entry = Merged(done[0], kept, merged, rows, followers, names, result, clash)
        for row in rows:
            model.owner[row] = kept
        for row in clash:
            model.default[row] = False
        model.into |= dict.fromkeys({*followers, merged}, kept)
        model.names[kept] = result
        model.merges.append(entry)
        return entry

    @rule(entry=merges)
    def undo(self, entry: Any) -> None:
        if entry is None:
            return
        merge = CustomerMerge.objects.get(pk=entry.merge.pk)
        if self.agree(self.model.can_undo(entry), undo_merge, merge):
            self.model.undo(entry)

    @invariant()
    def all_is_as_the_model_has_it(self) -> None:
        number = {one.pk: at for at, one in enumerate(self.people)}
        owners = {
            pk: number[owner]
            for rows in (Note, Address, Credit)
            for pk, owner in rows.objects.values_list("pk", "customer_id")
        }
        assert owners == self.model.owner
        assert dict(Address.objects.values_list("pk", "is_default")) == self.model.default
        found = Customer.objects.all()
        assert {
            number[one.pk]: number[one.merged_into_id] for one in found if one.merged_into_id
        } == self.model.into
        assert {number[one.pk]: one.first_name for one in found if not one.merged_into_id} == {
            person: name for person, name in self.model.names.items() if self.is_there(person)
        }


def drive(company: Company, steps: int) -> None:
    Merging.company = company
    run(Merging, steps)


def test_merges_and_their_undoing_agree_with_a_small_model(studio: Company) -> None:
    drive(studio, FEW_STEPS)


@pytest.mark.long
def test_merges_and_their_undoing_agree_with_a_small_model_for_long(studio: Company) -> None:
    drive(studio, STEPS)
