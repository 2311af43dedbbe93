from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, connections

from config.commands import Verb, aligned, in_one_line, whole_number
from config.demo.company import Welcome, make_demo_once
from config.server import prepare
from config.server.addresses import Addresses
from config.server.children import Child
from config.server.entry import join_database
from config.server.readiness import refuse_start
from config.server.supervisor import Supervisor
from config.server.timeouts import set_timeouts


class Command(Verb):
    help = (
        "Start everything: the database, migrations, a demo company on the very first start, then "
        "the back-office, the API and its guide, and the background worker. Ctrl-C stops it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.arguments(parser)

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=whole_number, default=8000, help="8000 by default.")
        parser.add_argument(
            "--host", default="127.0.0.1", help="127.0.0.1 by default: this machine alone."
        )
        parser.add_argument(
            "--data-dir",
            metavar="DIR",
            help="Where the database lives; REGULARS_DATA, or else var, by default.",
        )
        parser.add_argument(
            "--no-demo", action="store_true", help="Make no demo company on the first start."
        )
        parser.add_argument(
            "--no-migrate",
            action="store_true",
            help="Refuse to start on a schema that is older than this version; run migrate before.",
        )
        parser.add_argument(
            "--workers",
            type=whole_number,
            metavar="N",
            help="Web processes; one for each core by default.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["data_dir"] == "":
            raise CommandError("--data-dir needs a folder, such as --data-dir ./var.")
        workers = options["workers"]
        workers = prepare.default_workers() if workers is None else workers
        prepare.check_workers(workers)
        prepare.check_address(options["host"], options["port"])
        addresses = Addresses(options["host"], options["port"])
        self.report(f"Regulars {settings.VERSION} is starting …")
        if warning := prepare.mail_warning():
            self.report(warning)
        join_database()
        try:
            self.prepare(addresses, demo=not options["no_demo"], migrate=not options["no_migrate"])
            self.supervise(addresses, workers)
        finally:
            if settings.EMBEDDED is not None:
                settings.EMBEDDED.leave()
        self.report("Stopped.")

    def prepare(self, addresses: Addresses, *, demo: bool, migrate: bool = True) -> None:
        """Prepare the database, and create the demo company in an empty one."""
        try:
            if migrate:
                prepare.migrate()
            if reason := refuse_start():
                raise CommandError(reason)
            set_timeouts()
            welcome = make_demo_once() if demo else None
            self.database = prepare.database_name()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be prepared: {in_one_line(error)}")
        finally:
            connections.close_all()
        if welcome:
            self.report(_introduce(welcome, addresses.base))

    def supervise(self, addresses: Addresses, workers: int) -> None:
        """Run the web server and the background worker until a signal ends them."""
        environment = {"REGULARS_DATA": str(settings.DATA_DIR), **addresses.environment}
        where = (addresses.host, str(addresses.port), str(workers))
        Supervisor(
            [
                Child(
                    "web server",
                    "config.server.web",
                    *where,
                    environment=environment,
                    is_essential=True,
                ),
                Child("background worker", "config.server.work", environment=environment),
            ],
            database=settings.EMBEDDED,
            report=self.report,
            is_ready=addresses.is_ready,
            greet=lambda: self.report(_greeting(addresses, self.database)),
        ).run()

    def report(self, text: str) -> None:
        # If the disk with the log is full, nothing is printed, but the server goes on.
        with suppress(OSError):
            self.stdout.write(text)
            self.stdout.flush()


def _introduce(welcome: Welcome, base: str) -> str:
    credential = f"{welcome.client_id}:{welcome.client_secret}"
    return f"""
A demo company is there, {welcome.company}, with {welcome.customers} customers.
Keep what follows: it is shown this once.

To sign in to the back-office:

{aligned({"e-mail": welcome.email, "password": welcome.password})}

An API client that may do everything:

{aligned({"client id": welcome.client_id, "client secret": welcome.client_secret})}

To try it in another terminal, with a token that lives for an hour:

  TOKEN=$(curl -s {base}/oauth/token -d grant_type=client_credentials \\
    -u {credential} | cut -d '"' -f 4)
  curl -s "{base}/v1/customers?search=zoe" -H "Authorization: Bearer $TOKEN"
""".rstrip()


def _greeting(addresses: Addresses, database: str) -> str:
    base = addresses.base
    facts = {"Back-office": f"{base}/admin/", "API guide": f"{base}/docs/", "Database": database}
    text = f"\nRegulars runs. Ctrl-C stops it.\n\n{aligned(facts)}\n"
    if addresses.is_everywhere and settings.ALLOWED_HOSTS[0] == "localhost":
        text += "\nOther machines reach it by the names that you list in REGULARS_HOSTS.\n"
    return text
