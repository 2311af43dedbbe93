"""The import itself: rows in batches, each in one transaction, every write through an action."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from contextvars import copy_context
from dataclasses import asdict, dataclass
from itertools import batched, islice
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from config.access.statistics import analyze_young
from config.card_numbers import mask_card_numbers
from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for

from .. import actions
from ..models import Address, Customer
from . import writing
from .errors import InvalidRow, OtherPerson
from .mapping import check_mapping, short
from .matching import Known
from .records import Record, RecordReader
from .rehearsal import Rehearsal
from .stored import Stored
from .tables import Row, Table

BATCH = 1000
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"

type Reports = Callable[[Row, str], None]
type Progress = Callable[[int], None]


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
class Shown:
    """A row as a preview shows it: the record that it makes, or why it is refused."""

    row: Row
    record: Record | None = None
    reason: str = ""


def preview(table: Table, mapping: Mapping[str, str], *, rows: int = 10) -> list[Shown]:
    """Return the first rows as they are understood; looks at no customer and writes nothing.

    Raises UnusableColumns or UnreadableFile.
    """
    check_mapping(table.headings, mapping)
    reader = RecordReader(mapping)
    return [_shown(reader, row) for row in islice(table.rows(), rows)]


def import_rows(
    table: Table,
    mapping: Mapping[str, str],
    *,
    actor: Actor,
    dry_run: bool = False,
    overwrite: bool = False,
    refused: Reports | None = None,
    left: Reports | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Create and update the company's customers from a table; see the package for the rules.

    `refused` is told each refused row and its reason, `left` what of a row that was taken was not,
    `progress` how many rows are done, all once their batch is committed. `overwrite` lets a row
    with a known id make another person of that customer. A dry run does the same work and undoes
    each batch, keeping aside what it wrote (rehearsal.py), so it answers as a real run would and
    holds up nobody.
    Raises UnusableColumns before anything is written, and UnreadableFile.
    """
    check_mapping(table.headings, mapping)
    reader, outcome, done = RecordReader(mapping), Outcome(), 0
    with Rehearsal() if dry_run else nullcontext() as rehearsal:
        known: Known | None = None
        for understood in _read_ahead(table, reader):
            with acting_for(actor.company_id):
                _wait_for_others(actor)
                known = known or Known(actor, rehearsal)
                batch = Batch(known, actor, overwrite=overwrite)
                batch.take(understood)
                if dry_run:
                    known.rehearsed(batch.written)
                    transaction.set_rollback(True)
            if not (done or dry_run):
                analyze_young(Customer._meta.db_table, Address._meta.db_table)
            done += len(understood)
            _report(batch, outcome, refused, left)
            if progress is not None:
                progress(done)
    return outcome


class Batch:
    """Rows of one transaction. What they change and create waits, to be written at its end."""

    def __init__(self, known: Known, actor: Actor, *, overwrite: bool = False) -> None:
        self.known, self.actor, self.overwrite = known, actor, overwrite
        self.outcome = Outcome()
        self.refused: list[tuple[Row, str]] = []
        self.left: list[tuple[Row, str]] = []
        self.written: set[UUID] = set()
        self._further = writing.Further()
        self._changing: list[tuple[Row, actions.Correction]] = []
        self._waiting: list[tuple[Row, actions.Newcomer]] = []

    def take(self, understood: Iterable[Shown]) -> None:
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

    def refuse(self, row: Row, refusal: Refusal) -> None:
        self.outcome.refused += 1
        self.refused.append((row, str(refusal)))

    def _take(self, one: Shown) -> None:
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
            record.left += found.damaged(record)
            self._change(one.row, found, record)
        self.known.claimed[customer.id] = record.line
        if record.left:
            self.left.append((one.row, " ".join(record.left)))

    def _create(self, row: Row, record: Record) -> Customer:
        new = writing.newcomer_of(record)
        self.written.add(new.customer.id)
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
        customer, changes = stored.customer, stored.differences(record)
        correction = actions.Correction(
            customer, address=changes.pop("address", {}), changes=changes
        )
        turns = record.is_active not in (None, customer.is_active)
        # An archived customer is given nothing new.
        adds = not customer.is_archived and self._further.is_news(customer, record)
        if turns or adds:
            self._change_now(correction, record, turns=turns)
        elif correction.changes or correction.address:
            self.written.add(customer.id)
            self._changing.append((row, correction))
        else:
            self.outcome.unchanged += 1

    @transaction.atomic
    def _change_now(self, correction: actions.Correction, record: Record, *, turns: bool) -> None:
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


def _read_ahead(table: Table, reader: RecordReader) -> Iterator[list[Shown]]:
    """Yield the rows batch by batch; each is read while PostgreSQL writes the one before.

    Reading is a third of the work, and asks the database nothing.
    """
    batches = batched(table.rows(), BATCH)

    def read() -> list[Shown]:
        return [_shown(reader, row) for row in next(batches, ())]

    with ThreadPoolExecutor(1) as thread:
        # What is refused is worded in the language of whoever imports.
        ahead = thread.submit(copy_context().run, read)
        while understood := ahead.result():
            ahead = thread.submit(copy_context().run, read)
            yield understood


def _shown(reader: RecordReader, row: Row) -> Shown:
    try:
        return Shown(row, reader.read(row))
    except InvalidRow as refusal:
        return Shown(row, reason=str(refusal))


def _check_person(found: Stored, record: Record) -> None:
    """Raise OtherPerson for a row with a known external id that tells of somebody else."""
    external_id = record.customer.get("external_id")
    if external_id and record.known_as is None and found.is_somebody_else(record):
        given = record.customer
        person = f"{given.get('first_name', '')} {given.get('last_name', '')}".strip()
        sentence = _(
            "The id “%(id)s” is that of %(known)s, and this row tells of %(given)s: first name, "
            "e-mail and phone all differ. Correct the id, or leave it out."
        )
        names = {
            "id": external_id,
            "known": short(str(found.customer)),
            "given": short(person or given.get("name") or given.get("email", "")),
        }
        raise OtherPerson(sentence % names)


def _report(batch: Batch, outcome: Outcome, refused: Reports | None, left: Reports | None) -> None:
    """Add up what a batch did, and hand on its refused rows and what else it left out."""
    for name, count in batch.outcome.as_dict().items():
        setattr(outcome, name, getattr(outcome, name) + count)
    if refused is not None:
        for row, reason in sorted(batch.refused, key=lambda pair: pair[0].line):
            refused(row, mask_card_numbers(reason))
    lost = {row.line for row, _reason in batch.refused}
    if left is not None:
        for row, sentences in batch.left:
            if row.line not in lost:
                left(row, mask_card_numbers(sentences))


def _wait_for_others(actor: Actor) -> None:
    """Let one import of a company write at a time, so that neither misses the other's customers."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [f"regulars.import.{actor.company_id}"])
