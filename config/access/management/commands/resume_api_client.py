from argparse import ArgumentParser
from typing import Any

from config.access.actions import resume_api_client
from config.access.tenancy import acting_for
from config.access.verbs import find_client
from config.commands import Verb


class Command(Verb):
    help = "Let a suspended API client back in."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", metavar="CLIENT_ID")

    def handle(self, *args: Any, **options: Any) -> None:
        client = find_client(options["client_id"])
        with acting_for(client.company_id):
            resume_api_client(client)
        self.say(
            {"client_id": client.client_id, "suspended": False},
            f"API client “{client.name}” may come in again, with a new token.",
        )
