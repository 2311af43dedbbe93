"""The import: rows in batches, each in one transaction; actions make every write."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from itertools import batched, chain, islice

from django.db import connection, transaction

from config.access.statistics import analyze_young
from config.card_numbers import mask_card_numbers
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for

from ..models import Address, Customer
from .batch import Batch, Outcome, Overwrite, ReadRow
from .errors import InvalidRow
from .fates import Fate
from .mapping import check_mapping
from .matching import Known
from .memory import Claims, Rehearsal
from .records import RecordReader
from .tables import Row, Table

BATCH = 1000
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"

type Reports = Callable[[Row, str], None]
type Progress = Callable[[int], None]


class Steps:
    """The transactions of an import, one for each batch.

    After a killed attempt, `done` rows are written already, and `outcome` has their counts. The
    import `is_recalling` while it reads these rows again.
    """

    is_recalling = False

    def __init__(self, actor: Actor, done: int = 0, outcome: Outcome | None = None) -> None:
        self.actor, self.done, self.outcome = actor, done, outcome or Outcome()

    def step(self) -> AbstractContextManager[None]:
        """Return the transaction of a batch."""
        return acting_for(self.actor.company_id)

    def keep(self, done: int) -> None:
        """Save the number of finished rows and `outcome` at the end of a step."""

    def refusals(self, rows: Iterable[Row]) -> Mapping[int, str]:
        """Return the reasons for which an earlier attempt refused the next rows, by line."""
        return {}


def import_rows(
    table: Table,
    mapping: Mapping[str, str],
    *,
    actor: Actor,
    dry_run: bool = False,
    overwrite: Overwrite = Overwrite.NOBODY,
    refused: Reports | None = None,
    left: Reports | None = None,
    fates: Callable[[Fate], None] | None = None,
    progress: Progress | None = None,
    steps: Steps | None = None,
) -> Outcome:
    """Create and update the company's customers from a table; the package has the rules.

    Calls `refused` with each refused row and its reason, `left` with the skipped values of an
    accepted row, `fates` with the outcome of each row, and `progress` with the number of finished
    rows. `overwrite` lets a row with a known id turn that customer into another person, or also opt
    in customers who have opted out. A dry run does the same work and rolls back each batch, keeping
    a copy of the results (memory.py), so that its answers equal those of a real run and it blocks
    nobody.

    `steps` are the transactions of the batches. Rows written by an earlier attempt are not written
    again, but reported to `refused` and `left` again.

    Raises UnusableColumns before anything is written, and UnreadableFile.
    """
    check_mapping(table.headings, mapping)
    steps = steps or Steps(actor)
    reader, outcome, done, before = RecordReader(mapping), steps.outcome, 0, steps.done
    with Claims() as claims, Rehearsal() if dry_run else nullcontext() as rehearsal:
        known = Known(actor, claims, rehearsal)
        for understood in _read_ahead(table, reader, before):
            batch = Batch(known, actor, overwrite=overwrite, tells_fates=fates is not None)
            done += len(understood)
            steps.is_recalling = done <= before
            if steps.is_recalling:
                with acting_for(actor.company_id):
                    batch.recall(understood, steps.refusals(one.row for one in understood))
                _report(batch, refused, left)
                continue
            with steps.step():
                _wait_for_others(actor)
                batch.take(understood)
                outcome.add(batch.outcome)
                _report(batch, refused, left)
                steps.keep(done)
                if dry_run:
                    known.rehearsed(batch.written)
                    transaction.set_rollback(True)
            if done == len(understood) and not dry_run:
                analyze_young(Customer._meta.db_table, Address._meta.db_table)
            if fates is not None:
                for line in sorted(batch.fates):
                    fates(batch.fates[line])
            if progress is not None:
                progress(done)
    return outcome


def _read_ahead(table: Table, reader: RecordReader, done: int) -> Iterator[list[ReadRow]]:
    """Yield the rows in batches; reads the next batch while PostgreSQL writes the last one.

    Reading is a third of the work and needs no database. One batch ends exactly after the rows that
    are `done`.
    """
    rows = table.rows()
    batches = chain(batched(islice(rows, done), BATCH), batched(rows, BATCH))

    def read() -> list[ReadRow]:
        return [_shown(reader, row) for row in next(batches, ())]

    with ThreadPoolExecutor(1) as thread:
        # The thread needs the context: refusals are in the language of the person who imports.
        ahead = thread.submit(copy_context().run, read)
        while understood := ahead.result():
            ahead = thread.submit(copy_context().run, read)
            yield understood


def _shown(reader: RecordReader, row: Row) -> ReadRow:
    try:
        return ReadRow(row, reader.read(row))
    except InvalidRow as refusal:
        return ReadRow(row, reason=str(refusal))


def _report(batch: Batch, refused: Reports | None, left: Reports | None) -> None:
    """Report the refused rows of a batch, and the skipped values of the others."""
    if refused is not None:
        for row, reason in sorted(batch.refused, key=lambda pair: pair[0].line):
            refused(row, mask_card_numbers(reason))
    lost = {row.line for row, _reason in batch.refused}
    if left is not None:
        for row, sentences in batch.left:
            if row.line not in lost:
                left(row, mask_card_numbers(sentences))


def _wait_for_others(actor: Actor) -> None:
    """Let one import of a company write at a time, so that each one sees the other's customers."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [f"regulars.import.{actor.company_id}"])
