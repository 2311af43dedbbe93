"""Liveness and readiness, for load balancers and monitoring."""

from django.db import DatabaseError, InterfaceError, ProgrammingError
from django.http import HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout

from .condition import trouble
from .readiness import unready


def alive(request: HttpRequest) -> JsonResponse:
    """Answer 200 while this process can answer."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every readiness check passes, else 503 with the first reason.

    If other processes keep dying, this process can still serve: the answer is a 200 with the status
    "degraded", and names them.
    """
    try:
        reason = unready()
    except ProgrammingError:
        reason = "The tables are not there, or not for the runtime role: run manage.py migrate."
    except (DatabaseError, InterfaceError, PoolTimeout):
        reason = "The database cannot be reached."
    if reason:
        return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
    if reason := trouble():
        return JsonResponse({"status": "degraded", "reason": reason})
    return JsonResponse({"status": "ok"})
