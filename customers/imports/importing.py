"""The import itself: rows in batches, each in one transaction, every write through an action."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from contextvars import copy_context
from itertools import batched

from django.db import connection, transaction

from config.access.statistics import analyze_young
from config.card_numbers import mask_card_numbers
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for

from ..models import Address, Customer
from .batch import Batch, Outcome, ReadRow
from .errors import InvalidRow
from .fates import Fate
from .mapping import check_mapping
from .matching import Known
from .records import RecordReader
from .rehearsal import Rehearsal
from .tables import Row, Table

BATCH = 1000
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"

type Reports = Callable[[Row, str], None]
type Progress = Callable[[int], None]


def import_rows(
    table: Table,
    mapping: Mapping[str, str],
    *,
    actor: Actor,
    dry_run: bool = False,
    overwrite: bool = False,
    refused: Reports | None = None,
    left: Reports | None = None,
    fates: Callable[[Fate], None] | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Create and update the company's customers from a table; see the package for the rules.

    `refused` is told each refused row and its reason, `left` what of a row that was taken was not,
    `fates` what became of each row, `progress` how many rows are done, all once their batch is
    committed. `overwrite` lets a row with a known id make another person of that customer, and opt
    in a customer who has opted out. A dry run does the same work and undoes each batch, keeping
    aside what it wrote (rehearsal.py), so it answers as a real run would and holds up nobody.

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
                batch = Batch(known, actor, overwrite=overwrite, tells_fates=fates is not None)
                batch.take(understood)
                if dry_run:
                    known.rehearsed(batch.written)
                    transaction.set_rollback(True)
            if not (done or dry_run):
                analyze_young(Customer._meta.db_table, Address._meta.db_table)
            done += len(understood)
            _report(batch, outcome, refused, left)
            if fates is not None:
                for line in sorted(batch.fates):
                    fates(batch.fates[line])
            if progress is not None:
                progress(done)
    return outcome


def _read_ahead(table: Table, reader: RecordReader) -> Iterator[list[ReadRow]]:
    """Yield the rows batch by batch; each is read while PostgreSQL writes the one before.

    Reading is a third of the work, and asks the database nothing.
    """
    batches = batched(table.rows(), BATCH)

    def read() -> list[ReadRow]:
        return [_shown(reader, row) for row in next(batches, ())]

    with ThreadPoolExecutor(1) as thread:
        # What is refused is worded in the language of whoever imports.
        ahead = thread.submit(copy_context().run, read)
        while understood := ahead.result():
            ahead = thread.submit(copy_context().run, read)
            yield understood


def _shown(reader: RecordReader, row: Row) -> ReadRow:
    try:
        return ReadRow(row, reader.read(row))
    except InvalidRow as refusal:
        return ReadRow(row, reason=str(refusal))


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
