"""Rows of a file that are written in one transaction."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Refusal
from config.tenancy.actors import Actor

from .. import actions
from ..models import Address, Customer
from ..models.duplicates import likely_in_words
from . import writing
from .errors import InvalidRow, OtherPerson
from .fates import UNCHANGED, Fate
from .mapping import short
from .matching import Known
from .records import Record
from .stored import Stored
from .tables import Row


@dataclass(slots=True)
class Outcome:
    """How many rows an import created, updated, left as they were, and refused."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as it was read: the record that it makes, or why it is refused."""

    row: Row
    record: Record | None = None
    reason: str = ""


class Batch:
    """Rows of one transaction. What they change and create waits, to be written at its end."""

    def __init__(
        self, known: Known, actor: Actor, *, overwrite: bool = False, tells_fates: bool = False
    ) -> None:
        self.known, self.actor, self.overwrite = known, actor, overwrite
        self._tells_fates = tells_fates
        self.fates: dict[int, Fate] = {}
        self._new: dict[UUID, int] = {}
        self.outcome = Outcome()
        self.refused: list[tuple[Row, str]] = []
        self.left: list[tuple[Row, str]] = []
        self.written: set[UUID] = set()
        self._further = writing.Further()
        self._changing: list[tuple[Row, actions.Correction]] = []
        self._waiting: list[tuple[Row, actions.Newcomer]] = []

    def take(self, understood: Iterable[ReadRow]) -> None:
        """Write what the rows say; those that are refused leave no trace but their reason."""
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

    def refuse(self, row: Row, refusal: Refusal) -> None:
        self.outcome.refused += 1
        self.refused.append((row, str(refusal)))
        if self._tells_fates:
            self.fates[row.line] = Fate.of_refused(row.line, str(refusal))

    def _take(self, one: ReadRow) -> None:
        record = one.record
        if record is None:
            raise InvalidRow(one.reason)
        found = self.known.find(record)
        if found is None:
            customer = self._create(one.row, record)
        else:
            customer = found.customer
            if not self.overwrite:
                _check_person(found, record)
            record.left += found.not_taken(record, overwrite=self.overwrite)
            self._change(one.row, found, record)
        self.known.claimed[customer.id] = record.line
        if record.left:
            self.left.append((one.row, " ".join(record.left)))

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
            # Also fills in the number as it is read, by which later rows may be the same customer.
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

    def _change(self, row: Row, stored: Stored, record: Record) -> None:
        """Change a customer as a row says: later, together with others, if columns are all."""
        customer = stored.customer
        changes = stored.differences(record, overwrite=self.overwrite)
        correction = actions.Correction(
            customer, address=changes.pop("address", {}), changes=changes
        )
        turns = record.is_active not in (None, customer.is_active)
        # An archived customer is given nothing new.
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
        """Change a customer at once, and return whether anything was changed."""
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
        """Write what waits; a refusal affects no other row."""
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


def _check_person(found: Stored, record: Record) -> None:
    """Raise OtherPerson for a row with a known external id that tells of somebody else."""
    external_id = record.customer.get("external_id")
    is_own = record.known_as == found.customer.id
    if external_id and not is_own and found.is_somebody_else(record):
        given = record.customer
        person = f"{given.get('first_name', '')} {given.get('last_name', '')}".strip()
        sentence = _(
            "The id “%(id)s” is that of %(known)s, and this row tells of %(given)s: neither name, "
            "e-mail nor phone agrees. Correct the id, or leave it out."
        )
        names = {
            "id": external_id,
            "known": short(str(found.customer)),
            "given": short(person or given.get("name") or given.get("email", "")),
        }
        raise OtherPerson(sentence % names)
