"""The base class of every `manage.py` command; with `--json`, output is for programs."""

import datetime
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    handle_default_options,
)
from django.db import ProgrammingError, connections
from psycopg import errors

from config.card_numbers import CardNumber, holds_card_number
from config.errors import Refusal
from config.outages import AWAY
from config.times import check_day

from .tenancy.authors import Author, written_by
from .tenancy.companies import Company
from .tenancy.errors import UnknownCompany
from .tenancy.scoping import taking_time

# Errors of a statement that needs a table or column which is not migrated yet.
BEFORE_MIGRATION = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.InsufficientPrivilege,
)


class Verb(BaseCommand):
    """A management command that calls actions and has no rule of its own.

    Subclasses implement `arguments` and `handle`, and call `say` once. A refusal, an argparse error
    or a CommandError prints one sentence to stderr and exits with code 1.
    """

    requires_system_checks: list[str] = []
    suppressed_base_arguments = {
        *("--version", "-v", "--settings", "--pythonpath"),
        *("--traceback", "--no-color", "--force-color"),
    }
    as_json = False

    def add_arguments(self, parser: CommandParser) -> None:
        self.arguments(parser)
        parser.add_argument("--json", action="store_true", help="Answer with one JSON document.")

    def arguments(self, parser: ArgumentParser) -> None:
        """Add the command's arguments, except `--json`."""

    def say(self, document: Mapping[str, Any], text: str) -> None:
        """Print the document with `--json`, else the text."""
        self.stdout.write(json.dumps(document) if self.as_json else text)

    def company(self, slug: str) -> Company:
        """Return the company with this slug; raises UnknownCompany."""
        company = Company.objects.filter(slug=slug).first()
        if company is None:
            raise UnknownCompany(f"There is no company “{slug}”: make it with create_company.")
        return company

    def execute(self, *args: Any, **options: Any) -> Any:
        self.as_json = options.get("json", False)
        _check_text(options.values())
        try:
            name = f"manage.py {self.__module__.rpartition('.')[2]}"
            with written_by(Author("command", name)), taking_time():
                return super().execute(*args, **options)
        except Refusal as refusal:
            raise CommandError(str(refusal))
        except AWAY as error:
            raise CommandError(f"The database does not answer: {in_one_line(error)}")
        except ProgrammingError as error:
            if not isinstance(error.__cause__, BEFORE_MIGRATION):
                raise
            raise CommandError(
                f"The database is not what this version needs ({in_one_line(error)}): "
                "run manage.py migrate first."
            )

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from the command line; an error prints one sentence and nothing else.

        Django would print the name of a class before it. For a wrong option, argparse would print
        its usage and exit with code 2.
        """
        try:
            options = self.create_parser(argv[0], argv[1]).parse_args(argv[2:])
            handle_default_options(options)
            self.execute(**vars(options))
        except CommandError as refusal:
            if "--traceback" in argv:
                raise
            self.stderr.write(_sentence(str(refusal), argv[1]))
            sys.exit(refusal.returncode)
        finally:
            connections.close_all()


@contextmanager
def stoppable() -> Iterator[None]:
    """Report Ctrl-C as a CommandError, in a command that finishes its work when run again."""
    try:
        yield
    except KeyboardInterrupt:
        raise CommandError(
            "Stopped. What was written stays; run it again to finish.", returncode=130
        )


def whole_number(text: str) -> int:
    """Parse an option as a whole number, for argparse: `type=whole_number`."""
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a whole number, such as 12")


def day(text: str) -> datetime.date:
    """Parse an option as a date, such as 2026-01-31; raises ArgumentTypeError."""
    try:
        found = datetime.date.fromisoformat(text)
        check_day(found)
    except ValidationError as error:
        raise ArgumentTypeError(error.message)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a date, such as 2026-01-31")
    return found


def amount(text: str) -> Decimal:
    """Parse an option as an amount, such as 50.00; raises ArgumentTypeError."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise ArgumentTypeError(f"“{text}” is not an amount, such as 50.00")
    return number


def aligned(facts: Mapping[str, Any]) -> str:
    """Format facts as indented lines, with their values in one column."""
    width = max(map(len, facts), default=0)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in facts.items())


def in_one_line(error: Exception) -> str:
    """Return a database error in one line, without the statement that it quotes."""
    return str(error).partition("\nLINE ")[0].replace("\n", " ").strip()


def _sentence(text: str, verb: str) -> str:
    """Return a refusal unchanged, and an argparse error as a sentence that points to `--help`."""
    mark = "Error: "
    if not text.startswith(mark):
        return text
    words = text.removeprefix(mark).rstrip(".")
    return f"{words[:1].upper()}{words[1:]} (see manage.py {verb} --help)."


def _check_text(values: Iterable[Any]) -> None:
    """Refuse text that cannot be stored (not UTF-8, or with a NUL), and card numbers."""
    for value in values:
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (
                "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
            ):
                raise CommandError("What you typed is not valid UTF-8 text.")
            if isinstance(text, str) and holds_card_number(text):
                raise CommandError(str(CardNumber.message))
