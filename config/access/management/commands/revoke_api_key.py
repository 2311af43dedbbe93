from argparse import ArgumentParser
from typing import Any

from config.access.actions import revoke_api_key
from config.access.tenancy import acting_for
from config.access.verbs import find_key
from config.commands import Verb


class Command(Verb):
    help = "Refuse an API key from its next request on, for good."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="The id of the key, not the key.")

    def handle(self, *args: Any, **options: Any) -> None:
        key = find_key(options["id"])
        with acting_for(key.company_id):
            revoke_api_key(key)
        self.say({"id": str(key.id), "revoked": True}, f"API key “{key}” is revoked.")
