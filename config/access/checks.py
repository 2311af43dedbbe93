"""Checks that row-level security separates companies, by PostgreSQL's catalogue, not our code."""

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

# These tables are read before the company is known, so they have no policy. The runtime role
# looks credentials up by their hash, and memberships by the staff member.
OUTSIDE = ("access_apiclient", "access_apikey", "access_membership")

ADVICE = (
    "Let DATABASE_URL sign in as a role that is neither superuser nor BYPASSRLS and owns no table,"
    " as /docs/operating/production sets it up."
)

_ROLE = """
WITH role AS (SELECT oid FROM pg_roles WHERE rolname = %(role)s)
SELECT EXISTS (SELECT FROM role),
       (SELECT min(strong.rolname) FROM pg_roles strong, role
         WHERE (strong.rolsuper OR strong.rolbypassrls)
           AND pg_has_role(role.oid, strong.oid, 'MEMBER')),
       (SELECT min(owned.oid::regclass::text) FROM pg_class owned, role
         WHERE owned.relkind IN ('r', 'p', 'v', 'm')
           AND owned.relnamespace = 'public'::regnamespace
           AND pg_has_role(role.oid, owned.relowner, 'MEMBER')),
       (SELECT migrates.rolname FROM pg_roles migrates, role
         WHERE migrates.rolname = %(owner)s
           AND pg_has_role(role.oid, migrates.oid, 'MEMBER'))
"""

# For every table with rows of companies: whether row-level security is on, and whether the one
# policy that applies to the role limits reads and writes to one company.
_TABLES = """
SELECT t.relname,
       t.relrowsecurity,
       (SELECT count(*) = 1 AND bool_and(
                  p.polcmd = '*'
              AND pg_get_expr(p.polqual, p.polrelid) LIKE '%%company_id%%regulars.company%%'
              AND pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid))
          FROM pg_policy p
         WHERE p.polrelid = t.oid AND p.polpermissive
           AND EXISTS (SELECT FROM unnest(p.polroles) AS r(oid)
                        WHERE r.oid = 0 OR pg_has_role(%(role)s::name, r.oid, 'MEMBER')))
  FROM pg_class t
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'company_id' AND NOT a.attisdropped
 WHERE t.relkind IN ('r', 'p') AND t.relnamespace = 'public'::regnamespace
   AND t.relname <> ALL (%(outside)s)
 ORDER BY t.relname
"""


def broken_fence() -> str:
    """Return a sentence on how row-level security is broken, "" if it is not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user::text")
        (role,) = cursor.fetchone()
    return strong_role(role, DEFAULT_DB_ALIAS) or open_table(role, DEFAULT_DB_ALIAS)


def strong_role(role: str, using: str) -> str:
    """Return a sentence on why row-level security would not apply to a role, "" if it would.

    A role that can become a superuser or a table owner by `SET ROLE` counts as one.
    """
    owner = settings.DATABASES["owner"]["USER"]
    with connections[using].cursor() as cursor:
        cursor.execute(_ROLE, {"role": role, "owner": owner})
        exists, strong, owned, migrates = cursor.fetchone()
    if not exists:
        return f"The database has no role {role}. {ADVICE}"
    if strong:
        way = "is" if strong == role else f"can become {strong}, which is"
        why = f"{way} superuser or BYPASSRLS"
    elif owned:
        why = f"owns the table {owned}"
    elif migrates:
        why = f"migrates as {migrates}" if role != migrates else "is the one that migrates"
    else:
        return ""
    return f"The role {role} {why}, so row-level security does not hold it. {ADVICE}"


def open_table(role: str, using: str) -> str:
    """Return a sentence on a table where a role can reach other companies, "" if there is none."""
    with connections[using].cursor() as cursor:
        cursor.execute(_TABLES, {"role": role, "outside": list(OUTSIDE)})
        for table, enabled, kept in cursor.fetchall():
            if not enabled:
                return f"Row-level security is off for the table {table}: enable it again."
            if not kept:
                return (
                    f"The table {table} has no policy, or one too many, that keeps the runtime "
                    "role to one company: restore the policy that its migration makes."
                )
    return ""
