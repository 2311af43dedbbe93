"""Read settings from the environment."""

import ipaddress
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
import dj_email_url
from environs import Env

env = Env()


def kept_secret(folder: Path) -> str:
    """Return this installation's secret key, created once and readable only by its owner."""
    file = folder / "secret_key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = folder / f"secret_key.{os.getpid()}"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(50))
        # If two processes start at once, the first link wins and both read the same complete file.
        with suppress(FileExistsError):
            os.link(made, file)
        made.unlink()
    return file.read_text().strip()


def database(name: str, fallback: str | None) -> dict[str, Any]:
    """Return the connection settings of a role, from its variable or else from `fallback`."""
    given = env.str(name, "")
    if bool(given) is bool(fallback):
        raise SystemExit(
            "Of DATABASE_URL and DATABASE_OWNER_URL only one is set: the software runs as one role "
            "and migrates as another. Set both, or neither to use the embedded PostgreSQL."
        )
    url = given or fallback or ""
    try:
        parsed = dj_database_url.parse(url, engine="django.db.backends.postgresql", conn_max_age=0)
    except ValueError:
        raise SystemExit(
            f"{name} is not a database URL. Write it as postgresql://role:password@host/name."
        )
    default = {"application_name": "regulars", "connect_timeout": 10}
    options = {**default, **parsed.get("OPTIONS", {})}
    return {**parsed, "OPTIONS": options}


def pool(most: int) -> dict[str, Any]:
    """Return the options of a process's pool of up to `most` connections; times are in seconds."""
    return {
        "min_size": 1,
        "max_size": most,
        # Shorter than the timeout of /readyz.
        "timeout": 4,
        # A pool that cannot connect retries with growing pauses; after this time it starts over.
        "reconnect_timeout": 5,
    }


def networks(name: str, fallback: list[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks in a variable, which are separated by commas."""
    given = env.list(name, fallback)
    try:
        return [ipaddress.ip_network(one.strip()) for one in given if one.strip()]
    except ValueError:
        raise SystemExit(f"{name} is to name networks, with commas: 127.0.0.0/8,10.20.0.0/16.")


def mailer(url: str) -> dict[str, Any]:
    """Return mail settings from a URL.

    The URL is `smtp://user:password@host:587/?tls=True`, `file:` or `console:`.
    """
    mail = dj_email_url.parse(url)
    named = {
        "host": mail["EMAIL_HOST"],
        "port": mail["EMAIL_PORT"],
        "username": mail["EMAIL_HOST_USER"],
        "password": mail["EMAIL_HOST_PASSWORD"],
        "use_tls": mail["EMAIL_USE_TLS"],
        "use_ssl": mail["EMAIL_USE_SSL"],
        "timeout": 20,
    }
    backend = mail["EMAIL_BACKEND"]
    if backend.endswith("filebased.EmailBackend"):
        named = {"file_path": "/" + mail["EMAIL_FILE_PATH"].lstrip("/")}
    elif not backend.endswith("smtp.EmailBackend"):
        named = {}
    return {"BACKEND": backend, "OPTIONS": named}
