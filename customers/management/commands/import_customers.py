import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from config.access.actors import Actor
from config.commands import Verb
from customers.imports import (
    Outcome,
    RefusedFile,
    choose_fields,
    guess_mapping,
    import_rows,
    left_out,
    open_table,
    place_beside,
)
from customers.imports.tables import Row, Table

SHOWN = 10


class Command(Verb):
    help = "Create and update customers from a CSV or NDJSON file."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--company", required=True, metavar="SLUG")
        parser.add_argument(
            "--dry-run", action="store_true", help="Tell what would happen, and write nothing."
        )
        parser.add_argument(
            *("--map", "-m"),
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="Say which field a column holds; COLUMN= leaves it out. Can be repeated.",
        )
        parser.add_argument("--encoding", metavar="NAME", help="UTF-8 by default.")
        parser.add_argument(
            "--refused",
            type=Path,
            metavar="PATH",
            help="Where refused rows go, to be corrected and fed again; beside FILE by default.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.command(self.company(options["company"]))
        table = open_table(options["file"], encoding=options["encoding"])
        mapping = choose_fields(
            table.headings, guess_mapping(table.headings), _choices(options["map"])
        )
        dry_run, wanted = options["dry_run"], options["refused"]
        with RefusedFile(wanted or place_beside(table), table) as report, _bar(table) as bar:
            told = Told(report if wanted or not dry_run else None)
            outcome = self._import(
                table,
                mapping,
                actor=actor,
                dry_run=dry_run,
                refused=told,
                progress=lambda done: bar.update(done - bar.n),
            )
        self._tell_left_out(table, mapping)
        self._tell_refused(told, report)
        self.say(outcome.as_dict(), _sentence(outcome, dry_run))

    def _import(self, *args: Any, **options: Any) -> Outcome:
        try:
            return import_rows(*args, **options)
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What was written stays; run it again to finish.", returncode=130
            )

    def _tell_left_out(self, table: Table, mapping: dict[str, str]) -> None:
        if unknown := left_out(table.headings, mapping):
            self.stderr.write(
                f"Columns left out: {', '.join(unknown)}."
                " Say what one holds with --map COLUMN=FIELD."
            )

    def _tell_refused(self, told: "Told", report: RefusedFile) -> None:
        for line, reason in told.first:
            self.stderr.write(f"Line {line}: {reason}")
        if told.count > SHOWN:
            self.stderr.write(f"… and {told.count - SHOWN} more refused rows.")
        if report.written:
            self.stderr.write(f"Correct the refused rows in {report.written} and import that file.")


class Told:
    """Passes refused rows on to their file, and remembers the first few."""

    def __init__(self, report: RefusedFile | None) -> None:
        self.report, self.count = report, 0
        self.first: list[tuple[int, str]] = []

    def __call__(self, row: Row, reason: str) -> None:
        self.count += 1
        if self.count <= SHOWN:
            self.first.append((row.line, reason))
        if self.report is not None:
            self.report(row, reason)


def _choices(given: list[str]) -> dict[str, str]:
    choices = {}
    for text in given:
        column, mark, field = text.rpartition("=")
        if not mark or not column:
            raise CommandError(f"“{text}” is not COLUMN=FIELD.")
        if column in choices:
            raise CommandError(f"--map names the column “{column}” twice.")
        choices[column] = field
    return choices


def _bar(table: Table) -> Any:
    """Return a progress bar on stderr, where that is a terminal."""
    return tqdm(total=table.count, unit=" rows", disable=None, file=sys.stderr, leave=False)


def _sentence(outcome: Outcome, dry_run: bool) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in outcome.as_dict().items())
    return f"Nothing was written; it would be: {counts}." if dry_run else f"Done: {counts}."
