import json
import re
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from config.commands import Verb
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import show_id
from config.tenancy.scoping import acting_for, taking_time
from customers.actions import erase_person, replay_erasure, restore_marks
from customers.errors import CustomerArchived, MergeNotUndoable, WorkUnderWay
from customers.models import Customer, Erasure, ErasureMark

ERASED, WAITING, MERGED, NOBODY = "erased", "waiting", "merged", "nobody"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Command(Verb):
    help = (
        "Erase again whom a restored backup brought back. The list of erasures is a file that is "
        "kept beside the backups, and not in them: write it with --write, and hand it over after a "
        "restore. It holds ids, times and the salted marks by which an import knows people again."
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
        """Write the list to a temporary file, and replace the old list once it is complete."""
        partial = file.with_name(f".{file.name}.partial")
        count = 0
        with partial.open("w", encoding="utf-8") as handle:
            for line in _erasures():
                handle.write(f"{json.dumps(line)}\n")
                count += 1
        partial.replace(file)
        self.say({"written": count}, f"{file} holds {count:,} erasures.")

    def _replay(self, file: Path) -> None:
        people: dict[UUID, dict[UUID, None]] = defaultdict(dict)
        marks: dict[UUID, set[str]] = defaultdict(set)
        with file.open(encoding="utf-8") as handle:
            for number, line in enumerate(handle, 1):
                company_id, customers, digests = _read(line, f"{file}:{number}")
                people[company_id] |= dict.fromkeys(customers)
                marks[company_id] |= digests
        counts, merged = Counter[str](), list[str]()
        for company in Company.objects.filter(pk__in=people).order_by("pk"):
            with acting_for(company.pk):
                restore_marks(marks[company.pk], actor=Actor.command(company))
            for customer in people[company.pk]:
                became = _again(company, customer, people[company.pk])
                counts[became] += 1
                if became == MERGED:
                    merged.append(show_id(Customer.id_prefix, customer))
        listed = sum(map(len, people.values()))
        facts = {name: counts[name] for name in (ERASED, WAITING, MERGED)} | {"listed": listed}
        self.say(
            facts,
            f"{counts[ERASED]:,} of {listed:,} customers were erased again. {counts[WAITING]:,} "
            "are erased once the background work of their company is over. The others were erased "
            "already or are not in this database.",
        )
        if merged:
            raise CommandError(
                f"Not erased, since they are merged with people who are not listed, and the merge "
                f"cannot be undone: {', '.join(merged)}."
            )


def _erasures() -> Iterator[dict[str, Any]]:
    """Yield the completed erasures and the restored marks, company by company."""
    for company in Company.objects.order_by("pk"):
        with acting_for(company.pk):
            done = Erasure.objects.filter(erased_at__isnull=False).order_by("pk")
            found = list(done.prefetch_related("marks"))
            restored = ErasureMark.objects.filter(erasure__isnull=True).order_by("digest")
            digests = list(restored.values_list("digest", flat=True))
        for one in found:
            people = [str(person) for person in one.people]
            at = one.erased_at.isoformat() if one.erased_at else ""
            marks = sorted(mark.digest for mark in one.marks.all())
            yield {"company": str(company.pk), "people": people, "erased_at": at, "marks": marks}
        if digests:
            yield {"company": str(company.pk), "people": [], "erased_at": "", "marks": digests}


def _read(line: str, where: str) -> tuple[UUID, list[UUID], set[str]]:
    """Return the company, the people and the marks of a line; old lines have no marks."""
    try:
        found = json.loads(line)
        marks = {str(one) for one in found.get("marks", ())}
        if not all(map(_DIGEST.fullmatch, marks)):
            raise ValueError
        return UUID(found["company"]), [UUID(one) for one in found["people"]], marks
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CommandError(f"{where} is no line that replay_erasures --write has written.")


def _again(company: Company, customer: UUID, listed: Collection[UUID]) -> str:
    """Erase a person again, and return the outcome."""
    actor = Actor.command(company)
    try:
        with acting_for(company.pk):
            erasure = replay_erasure(customer, listed=listed, actor=actor)
        if erasure is None:
            return NOBODY
        with taking_time(), acting_for(company.pk):
            erase_person(erasure, actor=actor)
    except (CustomerArchived, MergeNotUndoable):
        return MERGED
    except WorkUnderWay:
        return WAITING
    return ERASED
