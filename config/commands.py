"""What every developers' verb shares: `manage.py VERB`, for people and, with `--json`, machines."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    handle_default_options,
)
from django.db import InterfaceError, OperationalError, ProgrammingError, connections
from psycopg import errors
from psycopg_pool import PoolTimeout

from config.access.errors import UnknownCompany
from config.access.models import Company
from config.changes.context import Author, written_by
from config.errors import Refusal

# What tables that are older than the code, or not there yet, make of a statement.
BEFORE_MIGRATION = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.InsufficientPrivilege,
)


class Verb(BaseCommand):
    """A verb of a developer, which acts through actions and holds no rule of its own.

    Subclasses write `arguments` and `handle`, and answer once with `say`. Whatever is refused, by
    an action, by argparse or by a CommandError, is one sentence on stderr and exit code 1.
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
        """Declare what the verb takes, besides `--json`."""

    def say(self, document: Mapping[str, Any], text: str) -> None:
        """Answer: the document to a machine, the text to a person."""
        self.stdout.write(json.dumps(document) if self.as_json else text)

    def company(self, slug: str) -> Company:
        """Return the company of this slug; raises UnknownCompany."""
        company = Company.objects.filter(slug=slug).first()
        if company is None:
            raise UnknownCompany(f"There is no company “{slug}”: make it with create_company.")
        return company

    def execute(self, *args: Any, **options: Any) -> Any:
        self.as_json = options.get("json", False)
        _check_text(options.values())
        try:
            with written_by(Author("command", f"manage.py {self.__module__.rpartition('.')[2]}")):
                return super().execute(*args, **options)
        except Refusal as refusal:
            raise CommandError(str(refusal))
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise CommandError(f"The database does not answer: {in_one_line(error)}")
        except ProgrammingError as error:
            if not isinstance(error.__cause__, BEFORE_MIGRATION):
                raise
            raise CommandError(
                f"The database is not what this version needs ({in_one_line(error)}): "
                "run manage.py migrate first."
            )

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from the command line, where a refusal is a sentence and nothing else.

        Django's own would put the name of a class before it, and leave a misused option to
        argparse, which prints its usage and exits with 2.
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


def whole_number(text: str) -> int:
    """Return the number that an option was given, as `type=whole_number` of argparse."""
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no whole number")


def amount(text: str) -> Decimal:
    """Return a number as 50.00 as it is typed; raises ArgumentTypeError for anything else."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise ArgumentTypeError(f"“{text}” is no amount, such as 50.00")
    return number


def aligned(facts: Mapping[str, Any]) -> str:
    """Return facts one below the other, indented, their values in one column."""
    width = max(map(len, facts), default=0)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in facts.items())


def in_one_line(error: Exception) -> str:
    """Return what a database said, without the statement that it points into."""
    return str(error).partition("\nLINE ")[0].replace("\n", " ").strip()


def _sentence(text: str, verb: str) -> str:
    """Return a refusal as it is, and argparse's words as a sentence that says where to look."""
    mark = "Error: "
    if not text.startswith(mark):
        return text
    words = text.removeprefix(mark).rstrip(".")
    return f"{words[:1].upper()}{words[1:]} (see manage.py {verb} --help)."


def _check_text(values: Iterable[Any]) -> None:
    """Refuse what no database can keep: bytes of the terminal that are not UTF-8, and NUL."""
    for value in values:
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (
                "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
            ):
                raise CommandError("What you typed is not valid UTF-8 text.")
