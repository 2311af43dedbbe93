from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from billing.imports import import_invoices, in_words, read_source
from config.commands import Verb, stoppable

SHOWN = 10


class Command(Verb):
    help = "Import invoices that were paid elsewhere from two CSV files: invoices and their lines."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("invoices", metavar="INVOICES.csv", type=Path)
        parser.add_argument("lines", metavar="LINES.csv", type=Path)
        parser.add_argument("--company", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        company = self.company(options["company"])
        source = read_source(options["invoices"], options["lines"])
        refusals: list[dict[str, Any]] = []

        def refused(file: str, line: int, reason: str) -> None:
            refusals.append({"file": file, "line": line, "reason": reason})

        with stoppable():
            outcome = import_invoices(source, company=company, refused=refused)
        counts = asdict(outcome)
        words = ", ".join(
            f"{counts[name]:,} {name}" for name in ("created", "unchanged", "refused")
        )
        self._tell(refusals)
        self.say(
            {**counts, "currency": company.currency, "refusals": refusals},
            f"Done: {words}. They come to {in_words(outcome.total, company.currency)}.",
        )

    def _tell(self, refusals: list[dict[str, Any]]) -> None:
        if self.as_json:
            return
        for one in refusals[:SHOWN]:
            self.stderr.write(f"{one['file']}, line {one['line']}: {one['reason']}")
        if len(refusals) > SHOWN:
            self.stderr.write(f"… and {len(refusals) - SHOWN} more; --json tells them all.")
