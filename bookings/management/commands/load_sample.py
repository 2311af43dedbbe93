import datetime
import os
import random
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from bookings.sample.loading import Loaded, Wanted, check, load_sample
from config.access.days import local_day
from config.commands import Verb, aligned, whole_number


def day(text: str) -> datetime.date:
    """Read a calendar day."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day; write it as 2026-01-31")


class Command(Verb):
    help = (
        "Fill a company with plausible customers and their histories, as the role that owns the "
        "tables: for trying things out, and for measuring. Running it again adds as many more."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", metavar="SLUG", required=True)
        parser.add_argument("--customers", metavar="N", type=whole_number, required=True)
        parser.add_argument(
            "--seed",
            metavar="S",
            type=whole_number,
            help="The same seed makes the same people; another one each time unless given.",
        )
        parser.add_argument(
            "--until",
            metavar="DATE",
            type=day,
            help="What lies before this day has happened, what lies after it is booked; today.",
        )
        parser.add_argument(
            "--workers",
            metavar="W",
            type=whole_number,
            default=os.cpu_count() or 1,
            help="How many processes share the work; one for each core by default.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        company = self.company(options["company"])
        today = local_day(company.id)
        seed = options["seed"]
        wanted = Wanted(
            company,
            options["customers"],
            random.SystemRandom().randrange(1, 1_000_000) if seed is None else seed,
            options["until"] or today,
            options["workers"],
        )
        check(wanted, today)
        loaded = Loaded()
        with tqdm(
            total=wanted.customers, unit=" customers", disable=None, file=sys.stderr, leave=False
        ) as bar:
            try:
                load_sample(wanted, loaded=loaded, tell=self.stderr.write, progress=bar.update)
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped. {loaded.customers:,} customers are there, each of them whole,"
                    " and stay.",
                    returncode=130,
                )
        self.say(_document(wanted, loaded), _sentence(wanted, loaded))


def _document(wanted: Wanted, loaded: Loaded) -> dict[str, Any]:
    return {
        "customers": loaded.customers,
        "seed": wanted.seed,
        "until": wanted.until.isoformat(),
        "rows": dict(loaded.rows),
        "seconds": round(loaded.seconds, 1),
    }


def _sentence(wanted: Wanted, loaded: Loaded) -> str:
    minutes, seconds = divmod(round(loaded.seconds), 60)
    counts = {name: f"{count:>12,}" for name, count in loaded.rows.items()}
    return (
        f"{wanted.company.name} has {loaded.customers:,} customers more, with "
        f"{loaded.related:,} rows about them, until {wanted.until}, of seed {wanted.seed}.\n"
        f"\n{aligned(counts)}\n\nIt took {minutes} min {seconds} s."
    )
