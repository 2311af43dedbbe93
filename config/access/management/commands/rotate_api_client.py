from argparse import ArgumentParser
from typing import Any

from config.access.actions import rotate_api_client
from config.access.tenancy import acting_for
from config.access.verbs import find_client
from config.commands import Verb, aligned


class Command(Verb):
    help = "Give an API client a new secret; the old one stops at once."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", metavar="CLIENT_ID")

    def handle(self, *args: Any, **options: Any) -> None:
        client = find_client(options["client_id"])
        with acting_for(client.company_id):
            secret = rotate_api_client(client)
        facts = {"client_id": client.client_id, "client_secret": secret}
        self.say(
            facts,
            f"API client “{client.name}” has a new secret, which is shown this once:\n\n"
            f"{aligned(facts)}\n\nTokens that are out run to their end, an hour at most.",
        )
