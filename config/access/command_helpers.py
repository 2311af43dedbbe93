"""The base of the commands that manage credentials."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from config.commands import Verb
from config.tenancy.actors import Actor
from config.tenancy.ids import read_id
from config.tenancy.scoping import acting_for

from .errors import UnknownCredential, UnknownStaff
from .models import ApiClient, ApiKey, Staff
from .scopes import SCOPES

EVERY_SCOPE = "*"

# The answer of a command: a JSON document, and a text for people.
type Report = tuple[dict[str, Any], str]


class IssuesCredential(Verb):
    """Makes a credential of a company, with a name and scopes."""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", required=True, metavar="SLUG", help="Whose it is.")
        parser.add_argument("--name", required=True, help="The integration that it serves.")
        parser.add_argument(
            "--scopes",
            required=True,
            help="What it may do, such as “customers:read notes:read”; “*” is everything. "
            f"Scopes: {', '.join(SCOPES)}.",
        )


class ClientVerb(ABC, Verb):
    """Acts on one API client in the name of its company."""

    @abstractmethod
    def act(self, client: ApiClient, actor: Actor) -> Report:
        """Act on the client and return the answer of the command."""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", metavar="CLIENT_ID")

    def handle(self, *args: Any, **options: Any) -> None:
        client = ApiClient.objects.filter(client_id=options["client_id"]).first()
        if client is None:
            raise UnknownCredential(f"There is no API client “{options['client_id']}”.")
        with acting_for(client.company_id):
            report = self.act(client, Actor.command(client.company))
        self.say(*report)


class StaffVerb(ABC, Verb):
    """Acts on one staff member in the name of the operator."""

    @abstractmethod
    def act(self, staff: Staff, actor: Actor) -> Report:
        """Act on the staff member and return the answer of the command."""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = Staff.objects.filter(email__iexact=options["email"]).first()
        if staff is None:
            raise UnknownStaff(f"Nobody signs in as {options['email']}.")
        self.say(*self.act(staff, Actor.operator()))


class KeyVerb(ABC, Verb):
    """Acts on one API key in the name of its company."""

    @abstractmethod
    def act(self, key: ApiKey, actor: Actor) -> Report:
        """Act on the key and return the answer of the command."""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="The id of the key, not the key.")

    def handle(self, *args: Any, **options: Any) -> None:
        id = read_id("", options["id"])
        key = id and ApiKey.objects.select_related("company").filter(pk=id).first()
        if not key:
            raise UnknownCredential(
                f"There is no API key “{options['id']}”: "
                "give the id that create_api_key showed, not the key."
            )
        with acting_for(key.company_id):
            report = self.act(key, Actor.command(key.company))
        self.say(*report)


def read_scopes(text: str) -> list[str]:
    """Return the scopes named in a line; `*` means all scopes."""
    return list(SCOPES) if text.strip() == EVERY_SCOPE else text.split()


def show_scopes(scopes: Iterable[str]) -> str:
    """Return scopes as people read them: all of them are not worth forty words."""
    scopes = list(scopes)
    return "everything" if len(scopes) == len(SCOPES) else " ".join(scopes)
