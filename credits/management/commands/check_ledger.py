from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from config.commands import Verb
from config.tenancy.companies import Company
from credits.proof import Finding, check_ledger


class Command(Verb):
    help = (
        "Prove the ledger and the money of every company, or of one; exit code 1 and the ids where "
        "they break."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", metavar="SLUG", help="This company only.")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["company"]
        companies = [self.company(slug)] if slug else list(Company.objects.order_by("slug"))
        broken, lines = [], []
        for company in companies:
            try:
                findings, looked_at = check_ledger(company.id)
            except Exception as error:
                rule = f"could not be checked: {type(error).__name__}"
                broken.append((company.slug, Finding("company", company.id, rule)))
                continue
            broken += [(company.slug, finding) for finding in findings]
            lines.append(
                f"{company.slug}: {looked_at['credits']:,} credits, {looked_at['passes']:,} passes,"
                f" {looked_at['entries']:,} entries, {looked_at['invoices']:,} invoices,"
                f" {looked_at['payments']:,} payments, {looked_at['credit_notes']:,} credit notes:"
                f" {'BROKEN' if findings else 'sound'}"
            )
        self.say(
            {
                "sound": not broken,
                "findings": [
                    {"company": slug, "kind": one.kind, "id": str(one.id), "rule": one.rule}
                    for slug, one in broken
                ],
            },
            "\n".join(lines or ["There is no company yet."]),
        )
        if broken:
            listed = [f"{slug}: {one.kind} {one.id}: {one.rule}" for slug, one in broken]
            raise CommandError("\n".join(listed))
