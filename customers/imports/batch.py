"""The rows of a file that are written in one transaction."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import Enum, auto
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id

from .. import actions
from ..models import Address, Customer
from ..models.duplicates import likely_in_words
from ..privacy.marks import Marks
from . import writing
from .errors import ErasedPerson, InvalidRow, OtherPerson
from .fates import UNCHANGED, Fate
from .mapping import short
from .matching import Known
from .records import Record
from .stored import Stored
from .tables import Row


class Overwrite(Enum):
    """The existing values that an import may overwrite."""

    NOBODY = auto()
    PEOPLE = auto()
    # Also opt in customers who have opted out.
    AND_OPT_IN = auto()


@dataclass(slots=True)
class Outcome:
    """How many rows an import created, updated, left unchanged and refused."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    def add(self, other: "Outcome") -> None:
        """Add the counts of a batch."""
        for name, count in other.as_dict().items():
            setattr(self, name, getattr(self, name) + count)


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row after reading: its record, or the reason for its refusal."""

    row: Row
    record: Record | None = None
    reason: str = ""


class Batch:
    """The rows of one transaction; their changes and new customers are written at its end."""

    def __init__(
        self, known: Known, actor: Actor, *, overwrite: Overwrite, tells_fates: bool = False
    ) -> None:
        self.known, self.actor = known, actor
        self.overwrite = overwrite != Overwrite.NOBODY
        self.opts_in = overwrite == Overwrite.AND_OPT_IN
        self._tells_fates = tells_fates
        self.fates: dict[int, Fate] = {}
        self._new: dict[UUID, int] = {}
        self.outcome = Outcome()
        self.refused: list[tuple[Row, str]] = []
        self.left: list[tuple[Row, str]] = []
        self.written: set[UUID] = set()
        self._further = writing.Further()
        self._marks = Marks(actor)
        self._changing: list[tuple[Row, actions.Correction]] = []
        self._waiting: list[tuple[Row, actions.Newcomer]] = []

    def take(self, understood: Iterable[ReadRow]) -> None:
        """Write the rows; a refused row changes nothing and is reported with its reason."""
        understood = list(understood)
        records = [one.record for one in understood if one.record is not None]
        self.known.fetch(records)
        self._further.fetch(self.known.ids, records)
        for one in understood:
            try:
                self._take(one)
            except Refusal as refusal:
                self.refuse(one.row, refusal)
        self._write()
        if self._tells_fates:
            for id, told in likely_in_words([*self._new]).items():
                self.fates[self._new[id]].likely = told

    def recall(self, understood: Iterable[ReadRow], refused: Mapping[int, str]) -> None:
        """Find the customers of rows that are written already, without writing anything."""
        understood = list(understood)
        self.refused += [
            (one.row, refused[one.row.line]) for one in understood if one.row.line in refused
        ]
        taken = [one for one in understood if one.row.line not in refused and one.record]
        self.known.fetch(one.record for one in taken if one.record)
        for one in taken:
            with suppress(Refusal):
                if one.record and (found := self.known.find(one.record)):
                    opts_in = self.opts_in or _is_other(found, one.record)
                    one.record.left += found.not_taken(one.record, opts_in=opts_in)
                    self._claim(one.row, one.record, found.customer)

    def refuse(self, row: Row, refusal: Refusal) -> None:
        self.outcome.refused += 1
        row = replace(row, is_held=isinstance(refusal, OtherPerson))
        self.refused.append((row, str(refusal)))
        if self._tells_fates:
            self.fates[row.line] = Fate.of_refused(row.line, str(refusal))

    def _take(self, one: ReadRow) -> None:
        record = one.record
        if record is None:
            raise InvalidRow(one.reason)
        found = self.known.find(record)
        is_other = found is not None and _is_other(found, record)
        if (found is None or is_other) and self._is_of_erased(record):
            raise ErasedPerson
        if found is None:
            customer = self._create(one.row, record)
        else:
            customer = found.customer
            if is_other and not self.overwrite:
                raise OtherPerson(_other_person(found, record))
            opts_in = self.opts_in or is_other
            record.left += found.not_taken(record, opts_in=opts_in)
            self._change(one.row, found, record, opts_in=opts_in)
        self._claim(one.row, record, customer)

    def _is_of_erased(self, record: Record) -> bool:
        return self._marks.has(record.customer, record.address, record.contact_points)

    def _claim(self, row: Row, record: Record, customer: Customer) -> None:
        """Record that a row matches a customer, and which values of the row are skipped."""
        self.known.claimed[customer.id] = record.line
        if record.left:
            row = replace(row, customer=show_id(Customer.id_prefix, customer.id))
            self.left.append((row, " ".join(record.left)))

    def _create(self, row: Row, record: Record) -> Customer:
        new = writing.newcomer_of(record)
        self.written.add(new.customer.id)
        if self._tells_fates:
            self.fates[row.line] = Fate.of_new(record)
            self._new[new.customer.id] = row.line
        if record.is_archived:
            self._write()
            self._create_archived(new)
            self.outcome.created += 1
        else:
            # This also normalises the phone, by which later rows may match the customer.
            actions.prepare_customer(new.customer, address=record.address, actor=self.actor)
            self._waiting.append((row, new))
            self.known.add(Stored(new.customer, Address(**record.address)))
        return new.customer

    @transaction.atomic
    def _create_archived(self, new: actions.Newcomer) -> None:
        (refusal,) = actions.create_customers([new], actor=self.actor)
        if refusal is not None:
            raise refusal
        actions.archive_customer(new.customer, actor=self.actor)

    def _change(self, row: Row, stored: Stored, record: Record, *, opts_in: bool) -> None:
        """Change a customer: at the end of the batch if only columns change, else at once."""
        customer = stored.customer
        changes = stored.differences(record, opts_in=opts_in)
        correction = actions.Correction(
            customer, address=changes.pop("address", {}), changes=changes
        )
        turns = record.is_active not in (None, customer.is_active)
        # An archived customer gets no addresses, contact points or notes.
        news = [] if customer.is_archived else [*self._further.news(customer, record)]
        if self._tells_fates:
            self.fates[row.line] = Fate.of_known(stored, record, correction, news)
        if turns or news:
            if not self._change_now(correction, record, turns=turns) and self._tells_fates:
                self.fates[row.line] = Fate(row.line, UNCHANGED, str(customer))
        elif correction.changes or correction.address:
            self.written.add(customer.id)
            self._changing.append((row, correction))
        else:
            self.outcome.unchanged += 1

    @transaction.atomic
    def _change_now(self, correction: actions.Correction, record: Record, *, turns: bool) -> bool:
        """Change a customer at once, and return whether anything changed."""
        customer = correction.customer
        is_changed = turns or bool(correction.changes or correction.address)
        (refusal,) = actions.update_customers([correction], actor=self.actor)
        if refusal is not None:
            raise refusal
        if turns:
            act = actions.resume_customer if record.is_active else actions.pause_customer
            act(customer, actor=self.actor)
        if not customer.is_archived:
            is_changed |= actions.add_to_customer(
                customer,
                addresses=record.addresses,
                contact_points=record.contact_points,
                note=record.note,
                actor=self.actor,
            )
        if is_changed:
            self.outcome.updated += 1
            self.written.add(customer.id)
        else:
            self.outcome.unchanged += 1
        return is_changed

    def _write(self) -> None:
        """Write the collected changes and new customers; a refusal affects no other row."""
        changing, self._changing = self._changing, []
        refusals = actions.update_customers([one for _, one in changing], actor=self.actor)
        for (row, _one), refusal in zip(changing, refusals, strict=True):
            if refusal is None:
                self.outcome.updated += 1
            else:
                self.refuse(row, refusal)
        waiting, self._waiting = self._waiting, []
        refusals = actions.create_customers([new for _, new in waiting], actor=self.actor)
        for (row, _new), refusal in zip(waiting, refusals, strict=True):
            if refusal is None:
                self.outcome.created += 1
            else:
                self.refuse(row, refusal)


def _is_other(found: Stored, record: Record) -> bool:
    """Whether a row has the external id of a customer but describes another person."""
    is_own = record.known_as == found.customer.id
    return (
        bool(record.customer.get("external_id")) and not is_own and found.is_somebody_else(record)
    )


def _other_person(found: Stored, record: Record) -> str:
    given = record.customer
    person = f"{given.get('first_name', '')} {given.get('last_name', '')}".strip()
    sentence = _(
        "The id “%(id)s” is that of %(known)s, and this row tells of %(given)s: neither name, "
        "e-mail nor phone agrees. Correct the id, or leave it out."
    )
    return sentence % {
        "id": given.get("external_id"),
        "known": short(str(found.customer)),
        "given": short(person or given.get("name") or given.get("email", "")),
    }
