import io
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlencode

from django.core.management.base import CommandError

from config.changes.actions import record_data_export
from config.changes.models import DataExport
from config.commands import Verb
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.exports import FORMATS, export_customers
from customers.models import Customer


class Command(Verb):
    help = "Write a company's customers as CSV or NDJSON, which import_customers reads back."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", required=True, metavar="SLUG")
        parser.add_argument("--format", choices=sorted(FORMATS), default="csv")
        parser.add_argument("--archived", action="store_true", help="Archived customers as well.")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="Instead of standard output."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        company, output = self.company(options["company"]), options["output"]
        documents = Counted(export_customers(company.id, archived=options["archived"]))
        lines = FORMATS[options["format"]](documents)
        try:
            if output is None:
                self._print(lines)
                return
            with _whole_file(output) as handle:
                handle.writelines(lines)
        finally:
            _record(company, options, documents.count)
        customers = "1 customer" if documents.count == 1 else f"{documents.count:,} customers"
        self.say(
            {"exported": documents.count, "output": str(output)}, f"{output} holds {customers}."
        )

    def _print(self, lines: Iterator[str]) -> None:
        """Write to standard output, and stop silently if the reader has closed the pipe."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        try:
            for line in lines:
                self.stdout.write(line, ending="")
            self.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _record(company: Company, options: dict[str, Any], count: int) -> None:
    """Record the export, even if the reader stopped before the end."""
    query = {"format": options["format"], "archived": options["archived"]}
    with acting_for(company.id):
        record_data_export(
            DataExport.Kind.CUSTOMERS,
            what=str(Customer._meta.verbose_name_plural),
            query=urlencode(query),
            count=count,
            actor=Actor.command(company),
        )


class Counted:
    """Counts documents while they are read."""

    def __init__(self, documents: Iterator[str]) -> None:
        self.documents, self.count = documents, 0

    def __iter__(self) -> "Counted":
        return self

    def __next__(self) -> str:
        document = next(self.documents)
        self.count += 1
        return document


@contextmanager
def _whole_file(path: Path) -> Iterator[TextIO]:
    """Open a file that appears only when it is complete, or a device; raises CommandError."""
    path = path.resolve()
    ordinary = path.is_file() or not path.exists()
    partial = path.with_name(f".{path.name}.partial") if ordinary else path
    try:
        with partial.open("w", encoding="utf-8", newline="") as handle:
            yield handle
        if ordinary:
            partial.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.")
    finally:
        if ordinary:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
