import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from config.commands import Verb, stoppable
from config.tenancy.actors import Actor
from customers import imports
from customers.imports.fields import HEADINGS
from customers.imports.tables import Row, Table

_OVERWRITE = {False: imports.Overwrite.NOBODY, True: imports.Overwrite.AND_OPT_IN}
# How many refused rows the text output shows, and how many --json lists: memory is bounded.
SHOWN, KEPT = 10, 1_000


class Command(Verb):
    help = "Create and update customers from a CSV, XLSX, vCard or NDJSON file."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            *("file",),
            metavar="FILE",
            type=Path,
            help="CSV or XLSX with a line of headings, vCard, or NDJSON.",
        )
        parser.add_argument("--company", required=True, metavar="SLUG")
        parser.add_argument(
            "--dry-run", action="store_true", help="Tell what would happen, and write nothing."
        )
        parser.add_argument(
            *("--map", "-m"),
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="Say which field a column holds; COLUMN= leaves it out. Can be repeated. "
            f"Fields: {', '.join(HEADINGS)}.",
        )
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help="Let a row with a known external id make another person of that customer. Without "
            "it a row of which neither name, e-mail nor phone agrees is refused. It also lets the "
            "file opt in customers who have opted out.",
        )
        parser.add_argument("--encoding", metavar="NAME", help="UTF-8 by default.")
        parser.add_argument(
            "--refused",
            type=Path,
            metavar="PATH",
            help="Where to write refused rows, to be corrected and imported again. By default this "
            "is NAME.refused.csv beside NAME.csv, or NAME.refused-2.csv where that exists. "
            "No file is written when no row is refused, and none by --dry-run alone.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.command(self.company(options["company"]))
        table = imports.open_table(options["file"], encoding=options["encoding"])
        mapping = imports.choose_fields(
            table.headings, imports.recognise_columns(table), _choices(options["map"])
        )
        dry_run, wanted = options["dry_run"], options["refused"]
        refused = imports.RefusedFile(wanted or imports.place_beside(table), table, mapping)
        with refused as report, _bar(table) as bar, stoppable():
            rows, left = FirstRows(report if wanted or not dry_run else None), FirstRows(None)
            outcome = imports.import_rows(
                table,
                mapping,
                actor=actor,
                dry_run=dry_run,
                overwrite=_OVERWRITE[options["overwrite"]],
                refused=rows,
                left=left,
                progress=lambda done: bar.update(done - bar.n),
            )
        unread = imports.left_out(table.headings, mapping)
        asked = [
            f"{imports.short(heading)}: {question}"
            for heading, question in table.questions.items()
            if mapping.get(heading) == "birthday"
        ]
        self._report_left_out([*table.notices, *asked], unread, left)
        self._report_refused(rows, report)
        document = {
            **outcome.as_dict(),
            "refusals": [{"line": line, "reason": reason} for line, reason in rows.first],
            "refused_file": str(report.written) if report.written else None,
            "columns_left_out": unread,
            "notices": table.notices,
            "left_out": [{"line": line, "what": what} for line, what in left.first],
            "rows_with_something_left_out": left.count,
        }
        self.say(document, _sentence(outcome, dry_run))

    def _report_left_out(self, notices: list[str], columns: list[str], left: "FirstRows") -> None:
        for notice in notices:
            self.stderr.write(notice)
        for line, what in left.first[:SHOWN]:
            self.stderr.write(f"Line {line}, imported but for this: {what}")
        if left.count > SHOWN:
            self.stderr.write(f"… and {left.count - SHOWN} more rows with something left out.")
        if columns:
            self.stderr.write(
                f"Columns left out: {', '.join(columns)}."
                " Say what one holds with --map COLUMN=FIELD."
            )

    def _report_refused(self, rows: "FirstRows", report: imports.RefusedFile) -> None:
        for line, reason in rows.first[:SHOWN]:
            self.stderr.write(f"Line {line}: {reason}")
        if rows.count > SHOWN:
            self.stderr.write(f"… and {rows.count - SHOWN} more refused rows.")
        if report.written:
            self.stderr.write(f"Correct the refused rows in {report.written} and import that file.")


class FirstRows:
    """Passes rows on to the report file, and keeps the first few with their reasons."""

    def __init__(self, report: imports.RefusedFile | None) -> None:
        self.report, self.count = report, 0
        self.first: list[tuple[int, str]] = []

    def __call__(self, row: Row, reason: str) -> None:
        self.count += 1
        if self.count <= KEPT:
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
    """Return a progress bar on stderr, shown only in a terminal."""
    return tqdm(total=table.count, unit=" rows", disable=None, file=sys.stderr, leave=False)


def _sentence(outcome: imports.Outcome, dry_run: bool) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in outcome.as_dict().items())
    return f"Nothing was written; it would be: {counts}." if dry_run else f"Done: {counts}."
