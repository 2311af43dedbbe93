"""How long the runtime role's statements, waits for locks and idle transactions may take.

The limits of requests are the role's own defaults in this database, kept by PostgreSQL: every
session begins with them, behind a transaction pooler too, and no request sets anything. Background
work and commands set longer ones for each of their transactions (`taking_time` and `acting_for` in
`config.tenancy.scoping`).
"""

from django.db import connection, transaction

# A request ends by these. An operator who needs others sets them with ALTER ROLE … IN DATABASE.
OF_REQUESTS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
# Any number that nothing else locks in this database.
LOCK = 7_264_186

_SET_ALREADY = """
SELECT split_part(setting, '=', 1)
  FROM pg_db_role_setting AS kept, unnest(kept.setconfig) AS setting
 WHERE kept.setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
   AND kept.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


def set_timeouts() -> None:
    """Set the runtime role's limits in this database, except those that are set already."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Of two starts at once one would fail otherwise.
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
