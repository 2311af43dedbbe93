from argparse import ArgumentParser
from typing import Any

from config.access.actions import rotate_api_key
from config.access.tenancy import acting_for
from config.access.verbs import find_key, show_scopes
from config.commands import Verb, aligned


class Command(Verb):
    help = "Make the key that replaces an API key, which lives on until it is revoked."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="The id of the key, not the key.")

    def handle(self, *args: Any, **options: Any) -> None:
        old = find_key(options["id"])
        with acting_for(old.company_id):
            key, text = rotate_api_key(old)
        facts = {"id": str(key.id), "key": text}
        self.say(
            {**facts, "scopes": key.scopes},
            f"API key “{key.name}” has a successor, which is shown this once:\n\n"
            + aligned({**facts, "scopes": show_scopes(key.scopes)})
            + f"\n\nOnce it is in use: manage.py revoke_api_key {old.id}",
        )
