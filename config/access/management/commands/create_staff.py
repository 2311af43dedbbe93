from argparse import ArgumentParser
from typing import Any

from config.access.actions import create_staff
from config.access.models import Staff
from config.commands import Verb, aligned
from config.tenancy.actors import Actor
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for


class Command(Verb):
    help = "Let a person sign in to the back-office and work for a company."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--company", required=True, metavar="SLUG", help="Whom they work for.")
        parser.add_argument(
            "--role",
            default=Role.OWNER.value,
            choices=Role.values,
            help="What they are in the company; an owner unless it is given.",
        )
        parser.add_argument(
            "--superuser",
            action="store_true",
            help="May do everything in every company, and open and close companies.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        company = self.company(options["company"])
        with acting_for(company.id):
            staff, password = create_staff(
                Staff(email=options["email"], is_superuser=options["superuser"]),
                company=company,
                role=options["role"],
                actor=Actor.command(company),
            )
        facts = {"email": staff.email, "password": password}
        if password:
            text = f"{staff.email} works for {company.name} now. The password is shown this once:"
            text += f"\n\n{aligned(facts)}"
        else:
            text = f"{staff.email} works for {company.name} now, and keeps their password."
        self.say(facts, text)
