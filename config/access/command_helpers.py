"""Base classes of the commands that manage credentials and staff."""

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

# The output of a command: a JSON document, and the same as text.
type Report = tuple[dict[str, Any], str]


class IssuesCredential(Verb):
    """A command that creates a credential with a name and scopes."""

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
    """A command that acts on one API client, on behalf of its company."""

    @abstractmethod
    def act(self, client: ApiClient, actor: Actor) -> Report:
        """Act on the client; return the output of the command."""

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
    """A command that acts on one staff member, on behalf of the operator."""

    @abstractmethod
    def act(self, staff: Staff, actor: Actor) -> Report:
        """Act on the staff member; return the output of the command."""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = Staff.objects.filter(email__iexact=options["email"]).first()
        if staff is None:
            raise UnknownStaff(f"Nobody signs in as {options['email']}.")
        self.say(*self.act(staff, Actor.operator()))


class KeyVerb(ABC, Verb):
    """A command that acts on one API key, on behalf of its company."""

    @abstractmethod
    def act(self, key: ApiKey, actor: Actor) -> Report:
        """Act on the key; return the output of the command."""

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
    """Return the scopes as text, or "everything" for all of them."""
    scopes = list(scopes)
    return "everything" if len(scopes) == len(SCOPES) else " ".join(scopes)
