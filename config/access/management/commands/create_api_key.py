from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from config.access.actions import create_api_key
from config.access.command_helpers import IssuesCredential, read_scopes, show_scopes
from config.access.models import ApiKey
from config.commands import aligned, whole_number
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for
from config.times import database_now

LONGEST_DAYS = 36_500


class Command(IssuesCredential):
    help = "Let an integrator in by API key."

    def arguments(self, parser: ArgumentParser) -> None:
        super().arguments(parser)
        parser.add_argument(
            "--expires-in-days", type=whole_number, metavar="N", help="Never by default."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        company = self.company(options["company"])
        with acting_for(company.id):
            key, text = create_api_key(
                ApiKey(
                    name=options["name"],
                    scopes=read_scopes(options["scopes"]),
                    expires_at=_in_days(options["expires_in_days"]),
                ),
                actor=Actor.command(company),
            )
        facts = {"id": str(key.id), "key": text}
        self.say(
            {**facts, "scopes": key.scopes},
            f"API key “{key.name}” is ready. It is shown this once:\n\n"
            + aligned({**facts, "scopes": show_scopes(key.scopes)}),
        )


def _in_days(days: int | None) -> Any:
    if days is None:
        return None
    if abs(days) > LONGEST_DAYS:
        raise CommandError(f"A key expires within {LONGEST_DAYS} days, or never.")
    return database_now() + timedelta(days=days)
