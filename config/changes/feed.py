"""How far the changes of a company can be read without missing one."""

from uuid import UUID

from django.db import connection


def settled(company_id: UUID) -> int:
    """Return the id up to which every change of a company is there or never will be.

    Read them in a later statement of the same transaction or of a later one. A transaction that is
    still open holds the feed of its own company up, and no other's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes_settled(%s)", [company_id])
        (newest,) = cursor.fetchone()
    return int(newest)
