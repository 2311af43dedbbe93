from argparse import ArgumentParser
from typing import Any

from config.access.actions import suspend_api_client
from config.access.tenancy import acting_for
from config.access.verbs import find_client
from config.commands import Verb


class Command(Verb):
    help = "Refuse an API client from its next request on, with tokens that it has already."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", metavar="CLIENT_ID")

    def handle(self, *args: Any, **options: Any) -> None:
        client = find_client(options["client_id"])
        with acting_for(client.company_id):
            suspend_api_client(client)
        self.say(
            {"client_id": client.client_id, "suspended": True},
            f"API client “{client.name}” is suspended: its tokens are refused from now on.",
        )
