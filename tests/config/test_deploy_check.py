"""Django's deployment check passes with a production configuration."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT, environment

PRODUCTION = {
    "REGULARS_URL": "https://regulars.example",
    "REGULARS_HOSTS": "regulars.example",
    "REGULARS_EMAIL_URL": "smtp://regulars:x@mail.example:587/?tls=True",
    "REGULARS_SECRET_KEY": secrets.token_urlsafe(50),
}


def test_the_check_for_production_warns_of_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env={**environment(Path(os.environ["REGULARS_TESTS_DATA"])), **PRODUCTION},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("System check identified no issues")
