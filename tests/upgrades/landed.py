"""The last release: a dump of its database with the demo company in it, beside this file.

The migrations that the dump names have landed: they are never edited, and only later ones have to
be safe on large tables. Record it again in the checkout of a release, before work on the next:

    uv run python -m tests.upgrades.landed
"""

import gzip
import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DUMP = Path(__file__).with_name("landed.sql.gz")

MAKE_DEMO = """
import django; django.setup()
from config.demo.company import make_demo_once
assert make_demo_once()
"""


@cache
def dump() -> str:
    """Return the SQL that makes the database of the last release."""
    return gzip.decompress(DUMP.read_bytes()).decode()


def migrations() -> set[tuple[str, str]]:
    """Return the app and name of each migration that had landed."""
    (rows,) = re.findall(r"COPY public\.django_migrations .*\n((?:.+\n)*?)\\\.\n", dump())
    return {tuple(row.split("\t")[1:3]) for row in rows.splitlines()}


def tables() -> set[str]:
    """Return the tables that there were, any of which may be large."""
    return set(re.findall(r"^CREATE (?:UNLOGGED )?TABLE public\.(\w+)", dump(), re.MULTILINE))


def record() -> None:
    """Make a database of this version with the demo company, and write it down."""
    from config.database import embedded
    from config.database.account import Account
    from config.database.binaries import programs

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        environment = {
            **os.environ,
            "REGULARS_DATA": str(data),
            "REGULARS_THROWAWAY": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            environment.pop(name, None)
        server = embedded(data, durable=False)
        server.join()
        for arguments in (["manage.py", "migrate", "--verbosity=0"], ["-c", MAKE_DEMO]):
            subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True)
        clients = programs(Account(os.geteuid(), os.getegid()))
        made = subprocess.run(
            [clients / "pg_dump", "--no-comments", server.owner_url],
            capture_output=True,
            check=True,
        )
        server.leave()
    # Without a time in its header the file is the same for the same dump.
    DUMP.write_bytes(gzip.compress(made.stdout, mtime=0))


if __name__ == "__main__":
    record()
