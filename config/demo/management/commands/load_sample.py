import os
import random
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from config.commands import Verb, aligned, day, whole_number
from config.demo.loading import Wanted, load_sample
from config.tenancy.days import local_day


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
            help="The same seed makes the same people; a random one by default.",
        )
        parser.add_argument(
            "--until",
            metavar="DATE",
            type=day,
            help="Visits before this day have taken place, later ones are booked. Default: today.",
        )
        parser.add_argument(
            "--workers",
            metavar="W",
            type=whole_number,
            default=os.cpu_count() or 1,
            help="How many processes share the work; one for each core by default.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        company, seed = self.company(options["company"]), options["seed"]
        seed = random.SystemRandom().randrange(1, 1_000_000) if seed is None else seed
        today, started, rows = local_day(company.id), time.monotonic(), Counter[str]()
        until, workers = options["until"] or today, options["workers"]
        wanted = Wanted(company, options["customers"], seed, until, workers)
        wanted.check(today)
        with tqdm(
            total=wanted.customers, unit=" customers", disable=None, file=sys.stderr, leave=False
        ) as bar:
            try:
                for customers, more in load_sample(wanted, self.stderr.write):
                    rows.update(more)
                    bar.update(customers)
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped. {rows['customers_customer']:,} customers are there, each of them"
                    " whole, and stay.",
                    returncode=130,
                )
        seconds = round(time.monotonic() - started, 1)
        document = {"customers": rows["customers_customer"], "seed": seed, "rows": dict(rows)}
        document |= {"until": until.isoformat(), "seconds": seconds}
        self.say(document, _sentence(wanted, rows, seconds))


def _sentence(wanted: Wanted, rows: Counter[str], seconds: float) -> str:
    counts = {name: f"{count:>12,}" for name, count in rows.items()}
    customers = rows["customers_customer"]
    return (
        f"{wanted.company.name} has {customers:,} customers more, with"
        f" {rows.total() - customers:,} rows about them, until {wanted.until},"
        f" of seed {wanted.seed}.\n\n{aligned(counts)}\n\n"
        f"It took {seconds // 60:.0f} min {seconds % 60:.0f} s."
    )
