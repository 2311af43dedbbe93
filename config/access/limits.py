"""Reads and removes the counters of the rate limits."""

from uuid import UUID

from django.db import connection


def came_lately(who: UUID) -> int:
    """Return how many requests a client, a key or a company sent in the last minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_came(%s)", [who])
        (count,) = cursor.fetchone()
    return int(count)


def forget_counters() -> None:
    """Remove the counters that had no request for more than a minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_forget()")
