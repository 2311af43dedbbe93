from argparse import ArgumentParser
from typing import Any

from config.commands import Verb, day
from config.tenancy.days import local_day
from credits.proof import credit_liability


class Command(Verb):
    help = "Total what is outstanding of each coupon at the end of a day."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", metavar="SLUG", required=True)
        parser.add_argument("--as-of", metavar="DATE", type=day, help="Today unless given.")

    def handle(self, *args: Any, **options: Any) -> None:
        company = self.company(options["company"])
        as_of = options["as_of"] or local_day(company.id)
        rows = credit_liability(company.id, as_of)
        total = sum(row["amount"] for row in rows)
        lines = [f"Outstanding at {company.name} at the end of {as_of}:"]
        lines += [
            f"  {row['credits']:>7,} × {row['coupon']}: {row['amount']:,} {row['currency']}"
            for row in rows
        ]
        self.say(
            {"as_of": as_of.isoformat(), "coupons": rows, "amount": total},
            "\n".join([*lines, f"  In all {total:,} of the smallest unit of {company.currency}."]),
        )
