"""The database that every worker copies: migrated once, and kept as a file between runs.

Migrating takes longer than most test files. A run loads the kept dump of the schema if no migration
and no library has changed since; otherwise it migrates an empty database.
"""

import hashlib
import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from config.database import EmbeddedServer
from config.database.account import Account
from config.database.binaries import programs

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".pytest_cache" / "schema"
# The database that a first start creates in the server; no test writes to it.
DATABASE = "regulars"


def prepare_template(server: EmbeddedServer) -> None:
    """Migrate the server's own, empty database to the current version."""
    kept = KEPT / f"{_version()}.sql"
    if kept.exists():
        run_client("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={kept}", server.owner_url)
        return
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT, env=os.environ, check=True,
    )  # fmt: skip
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.iterdir():
        old.unlink(missing_ok=True)
    # Write to another name and rename, so that an interrupted run leaves no incomplete file.
    fresh = kept.with_suffix(f".{os.getpid()}")
    run_client("pg_dump", "--no-comments", f"--file={fresh}", server.owner_url)
    fresh.rename(kept)


def _version() -> str:
    """Return a hash of everything that determines the schema."""
    digest = hashlib.sha256()
    files = [
        file
        for folder in ("migrations", "sql")
        for file in (*ROOT.glob(f"*/{folder}/*.*"), *ROOT.glob(f"config/*/{folder}/*.*"))
    ]
    files += [*ROOT.glob("config/*/operations.py"), ROOT / "config/server/squashing.py"]
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    for name in sorted(f"{one.name} {one.version}" for one in distributions()):
        digest.update(name.encode())
    return digest.hexdigest()[:20]


def run_client(program: str, *arguments: str, sql: str = "") -> None:
    """Run a client program of PostgreSQL as the current user, with SQL on its standard input."""
    ours = programs(Account(os.geteuid(), os.getegid()))
    subprocess.run(
        [ours / program, *arguments],
        input=sql, text=True, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
