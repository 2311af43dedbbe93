import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from config.commands import Verb
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import replay_erasure
from customers.models import Erasure


class Command(Verb):
    help = (
        "Erase again whom a restored backup brought back. The list of erasures is a file that is "
        "kept beside the backups, and not in them: write it with --write, and hand it over after a "
        "restore. It holds ids and times, and nothing personal."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--write", action="store_true", help="Write the erasures of all companies to FILE."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            if options["write"]:
                self._write(file)
            else:
                self._replay(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be read or written: {error.strerror}.")

    def _write(self, file: Path) -> None:
        """Write the list beside its old self, and put it in its place when it is whole."""
        partial = file.with_name(f".{file.name}.partial")
        count = 0
        with partial.open("w", encoding="utf-8") as handle:
            for line in _erasures():
                handle.write(f"{json.dumps(line)}\n")
                count += 1
        partial.replace(file)
        self.say({"written": count}, f"{file} holds {count:,} erasures.")

    def _replay(self, file: Path) -> None:
        erased = listed = 0
        with file.open(encoding="utf-8") as handle:
            for number, line in enumerate(handle, 1):
                company, people = _read(line, f"{file}:{number}")
                for customer in people:
                    listed += 1
                    erased += _again(company, customer)
        self.say(
            {"erased": erased, "listed": listed},
            f"{erased:,} of {listed:,} customers were erased again; the others were erased already "
            "or are not in this database.",
        )


def _erasures() -> Iterator[dict[str, Any]]:
    """Yield the erasures that were done, company by company."""
    for company in Company.objects.order_by("pk"):
        with acting_for(company.pk):
            done = list(Erasure.objects.filter(erased_at__isnull=False).order_by("pk"))
        for one in done:
            people = [str(person) for person in one.people]
            at = one.erased_at.isoformat() if one.erased_at else ""
            yield {"company": str(company.pk), "people": people, "erased_at": at}


def _read(line: str, where: str) -> tuple[UUID, list[UUID]]:
    try:
        found = json.loads(line)
        return UUID(found["company"]), [UUID(one) for one in found["people"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CommandError(f"{where} is no line that replay_erasures --write has written.")


def _again(company_id: UUID, customer: UUID) -> bool:
    company = Company.objects.filter(pk=company_id).first()
    if company is None:
        return False
    with acting_for(company.pk):
        return replay_erasure(customer, actor=Actor.command(company)) is not None
