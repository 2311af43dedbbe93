from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from config.commands import Verb
from config.server.keys import other_secret_key, rotate_key


class Command(Verb):
    help = (
        "Encrypt webhook secrets and second factors again with REGULARS_SECRET_KEY and retire the "
        "keys before it. Every machine needs the new key first (/docs/operating/secret-key)."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--lost",
            action="store_true",
            help="Retire the keys before it even where nothing can read what they encrypted.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["lost"] and (reason := other_secret_key()):
            raise CommandError(reason)
        done = rotate_key(is_lost=options["lost"])
        unreadable = (
            f"{done.unreadable_webhooks} webhook secrets and {done.unreadable_factors} second "
            "factors cannot be read with any key that this machine has"
        )
        if not (done.is_whole or options["lost"]):
            raise CommandError(
                f"{unreadable}, so no key is retired. Add the missing key to "
                "REGULARS_SECRET_KEY_FALLBACKS, or give it up with --lost."
            )
        text = (
            f"{done.webhooks} webhook secrets and {done.factors} second factors are encrypted with "
            "the current key, and all other keys are retired: REGULARS_SECRET_KEY_FALLBACKS can go."
        )
        if not done.is_whole:
            text += (
                f" {unreadable}: rotate the secrets of those webhooks, and run "
                "manage.py reset_second_factor for those staff."
            )
        self.say(asdict(done), text)
