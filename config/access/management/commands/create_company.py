from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management import CommandError

from config.access.actions import create_company
from config.commands import Verb, aligned, amount
from config.money import in_units
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.tenancy.tax_fields import TaxBehavior

FIELDS = ("id", "slug", "name", "currency", "timezone", "country")
TEXT = """
{name} is open.

{facts}

Other commands name the company by its slug. Next, let a person in, and a system:

  uv run manage.py create_staff EMAIL --company {slug}
  uv run manage.py create_api_client --company {slug} --name NAME --scopes SCOPES
""".strip()


class Command(Verb):
    help = "Open a company: the tenant that customers, staff and credentials belong to."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--slug", default="", help="Short name; made from NAME by default.")
        parser.add_argument("--currency", default="GBP", help="ISO 4217 code, GBP by default.")
        parser.add_argument("--timezone", default="Europe/London", help="Europe/London by default.")
        parser.add_argument("--country", default="GB", help="Two-letter code, GB by default.")
        parser.add_argument(
            "--tax-behavior",
            choices=TaxBehavior.values,
            default="",
            help="Whether new prices include tax: as usual in the country by default.",
        )
        parser.add_argument(
            "--tax-rate", type=Decimal, default=0, help="Its percentage; 0 by default."
        )
        parser.add_argument(
            "--portal-url",
            default="",
            help="Where its customers sign in; without it, no customer is sent an invitation.",
        )
        parser.add_argument(
            "--credit-limit",
            type=amount,
            metavar="AMOUNT",
            help="The most that one credit by front desk may be worth, as 50.00.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = ("name", "slug", "currency", "timezone", "country", "portal_url")
        taxed = ("tax_behavior", "tax_rate")
        company = Company(**{field: options[field] for field in (*given, *taxed)})
        if (limit := options["credit_limit"]) is not None:
            company.credit_limit = self._units(limit, company.currency.upper())
        with acting_for(company.id):
            create_company(company, actor=Actor.command(company))
        facts = {field: str(getattr(company, field)) for field in FIELDS}
        shown = {name: value for name, value in facts.items() if name != "id"}
        self.say(facts, TEXT.format_map({**facts, "facts": aligned(shown)}))

    def _units(self, typed: Decimal, currency: str) -> int:
        units = in_units(typed, currency)
        if units is None:
            raise CommandError(f"{currency} has no coin as small as that of {typed}.")
        return units
