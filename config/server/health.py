"""Whether this process lives, and whether it can do its work."""

from functools import cache
from typing import Any

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    ProgrammingError,
    connections,
)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout

from config.access.checks import broken_fence


def alive(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as this process answers at all."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database is there, complete and fenced, 503 with the reason."""
    try:
        reason = unready()
    except ProgrammingError:
        reason = "The tables are not there, or not for the runtime role: run manage.py migrate."
    except (DatabaseError, InterfaceError, PoolTimeout):
        reason = "The database cannot be reached."
    if reason:
        return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
    return JsonResponse({"status": "ok"})


def unready() -> str:
    """Return in one sentence why the database cannot be worked with, "" when it can."""
    if missing := unapplied():
        one = len(missing) == 1
        count = "1 migration is" if one else f"{len(missing)} migrations are"
        return f"{count} not applied: run manage.py migrate."
    return broken_fence()


def unapplied(using: str = DEFAULT_DB_ALIAS) -> list[Any]:
    """Return the migrations that the database lacks."""
    applied = MigrationRecorder(connections[using]).applied_migrations()
    return sorted(_known() - applied.keys())


@cache
def _known() -> frozenset[Any]:
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations) - frozenset(
        replaced for one in loader.replacements.values() for replaced in one.replaces
    )
