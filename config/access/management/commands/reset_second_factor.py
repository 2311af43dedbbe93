from argparse import ArgumentParser
from typing import Any

from config.access.command_helpers import find_staff
from config.access.signing_in.actions import reset_second_factor
from config.commands import Verb
from config.tenancy.actors import Actor


class Command(Verb):
    help = "Take away a second factor that was lost, so that the password alone lets in."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = find_staff(options["email"])
        reset_second_factor(staff, actor=Actor.operator())
        self.say(
            {"email": staff.email, "has_second_factor": False},
            f"{staff.email} has no second factor now, and is signed out everywhere.",
        )
