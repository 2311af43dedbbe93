"""Timeouts of the runtime role: for statements, locks and idle transactions.

The timeouts of requests are the role's defaults in this database, which PostgreSQL stores. So every
session has them, also behind a transaction pooler, and no request has to set them. Background jobs
and commands set longer ones for each of their transactions (`taking_time` and `acting_for` in
`config.tenancy.scoping`).
"""

from django.db import connection, transaction

# The timeouts of requests. Operators can set others with ALTER ROLE … IN DATABASE.
OF_REQUESTS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
# The key of an advisory lock that nothing else in this database uses.
LOCK = 7_264_186

_SET_ALREADY = """
SELECT split_part(setting, '=', 1)
  FROM pg_db_role_setting AS kept, unnest(kept.setconfig) AS setting
 WHERE kept.setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
   AND kept.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


def set_timeouts() -> None:
    """Set the runtime role's timeouts in this database, except those that are already set."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Without the lock, one of two simultaneous starts would fail.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(_SET_ALREADY)
        chosen = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT current_database()")
        database = connection.ops.quote_name(cursor.fetchone()[0])
        for name, value in OF_REQUESTS.items():
            if name not in chosen:
                cursor.execute(
                    f"ALTER ROLE CURRENT_USER IN DATABASE {database} SET {name} = '{value}'"
                )
