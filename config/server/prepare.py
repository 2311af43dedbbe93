"""Checks and preparation before the server starts."""

import errno
import os
import socket

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from .readiness import unapplied

# The embedded database accepts no more connections.
MOST_CONNECTIONS = 180
MOST_WORKERS_BY_DEFAULT = 4


def check_address(host: str, port: int) -> None:
    """Raise CommandError if no server could listen on this address now."""
    if not 0 < port < 65536:
        raise CommandError(f"{port} is not a port: choose one from 1 to 65535, such as 8000.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except (OSError, UnicodeError) as error:
        raise CommandError(_why_not(error, host, port))


def check_workers(workers: int) -> None:
    """Raise CommandError if the number of web workers is not possible."""
    most = max(MOST_CONNECTIONS // (settings.THREADS + 2), 1)
    if not 1 <= workers <= most:
        raise CommandError(
            f"--workers {workers} is not possible: with {settings.THREADS} threads in each "
            f"(REGULARS_THREADS), choose 1 to {most}."
        )


def default_workers() -> int:
    """Return the default number of web workers: one per core, up to a maximum."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(cores, MOST_WORKERS_BY_DEFAULT))


def mail_warning() -> str:
    """Return a warning if a public server only writes mail to its log, else ""."""
    is_public = settings.PUBLIC_URL.startswith("https://")
    if is_public and settings.MAILERS["default"]["BACKEND"].endswith("console.EmailBackend"):
        return (
            "Warning: mail is only written to the log. Set REGULARS_EMAIL_URL, such as "
            "smtp://user:password@host:587/?tls=True, so that it is sent."
        )
    return ""


def migrate() -> int:
    """Apply the missing migrations; return their number."""
    missing = len(unapplied("owner"))
    if missing:
        call_command("migrate", verbosity=0, interactive=False)
    return missing


def database_name() -> str:
    """Return a description of the database for people."""
    connection.ensure_connection()
    version = connection.connection.info.server_version // 10_000
    if settings.EMBEDDED is not None:
        return f"PostgreSQL {version} of its own, in {settings.DATA_DIR}"
    given = connection.settings_dict
    return f"PostgreSQL {version}, {given['NAME']} on {given['HOST'] or 'this machine'}"


def _why_not(error: OSError | UnicodeError, host: str, port: int) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"Port {port} is in use: stop what uses it, or choose another with --port."
    if number == errno.EACCES:
        return f"Port {port} is not for this account: choose one above 1023 with --port."
    if isinstance(error, socket.gaierror | UnicodeError) or number == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine: try --host 127.0.0.1 or --host 0.0.0.0."
    return f"Nothing can listen on {host} port {port}: {error}."
