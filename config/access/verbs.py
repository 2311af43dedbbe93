"""What the verbs around credentials share."""

from argparse import ArgumentParser
from collections.abc import Iterable

from config.commands import Verb

from .errors import UnknownCredential, UnknownStaff
from .ids import read_id
from .models import ApiClient, ApiKey, Staff
from .scopes import SCOPES

EVERY_SCOPE = "*"


class IssuesCredential(Verb):
    """Makes a credential of a company, with a name and scopes."""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", required=True, metavar="SLUG", help="Whose it is.")
        parser.add_argument("--name", required=True, help="The integration that it serves.")
        parser.add_argument(
            "--scopes",
            required=True,
            help="What it may do, such as “customers:read notes:read”; “*” is everything.",
        )


def read_scopes(text: str) -> Iterable[str]:
    """Return the scopes named in a line, `*` standing for all that there are."""
    return SCOPES if text.strip() == EVERY_SCOPE else text.split()


def show_scopes(scopes: Iterable[str]) -> str:
    """Return scopes as people read them: all of them are not worth forty words."""
    scopes = list(scopes)
    return "everything" if len(scopes) == len(SCOPES) else " ".join(scopes)


def find_client(client_id: str) -> ApiClient:
    """Return the API client of this client id; raises UnknownCredential."""
    client = ApiClient.objects.filter(client_id=client_id).first()
    if client is None:
        raise UnknownCredential(f"There is no API client “{client_id}”.")
    return client


def find_staff(email: str) -> Staff:
    """Return who signs in with this e-mail address; raises UnknownStaff."""
    staff = Staff.objects.filter(email__iexact=email).first()
    if staff is None:
        raise UnknownStaff(f"Nobody signs in as {email}.")
    return staff


def find_key(id: str) -> ApiKey:
    """Return the API key of this id; raises UnknownCredential."""
    known = read_id("", id)
    key = known and ApiKey.objects.select_related("company").filter(pk=known).first()
    if not key:
        raise UnknownCredential(
            f"There is no API key “{id}”: give the id that create_api_key showed, not the key."
        )
    return key
