from argparse import ArgumentParser
from typing import Any

from config.access.signing_in.actions import reset_second_factor
from config.access.verbs import find_staff
from config.commands import Verb


class Command(Verb):
    help = "Take away a second factor that was lost, so that the password alone lets in."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = find_staff(options["email"])
        reset_second_factor(staff)
        self.say(
            {"email": staff.email, "has_second_factor": False},
            f"{staff.email} has no second factor now, and is signed out everywhere.",
        )
