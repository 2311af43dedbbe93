from argparse import ArgumentParser
from typing import Any

from config.access.command_helpers import find_staff
from config.access.signing_in.actions import unlock_staff
from config.commands import Verb
from config.tenancy.actors import Actor


class Command(Verb):
    help = "Let a staff member try again at once who missed the password too often."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = find_staff(options["email"])
        unlock_staff(staff, actor=Actor.operator())
        self.say({"email": staff.email, "locked_out": False}, f"{staff.email} may try again now.")
