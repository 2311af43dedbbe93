"""Compare the rights of the runtime role with those that this version needs.

`rights.txt` lists the rights of a freshly migrated database, one object a line: tables, columns
with rights of their own, sequences, and functions that statements call.
"""

from functools import cache
from pathlib import Path

from django.db import connection

FILE = Path(__file__).with_name("rights.txt")

# Rights of the role itself, of the roles that it is a member of, and of PUBLIC.
_RIGHTS = """
WITH objects (name, rights) AS (
    SELECT c.relname::text, c.relacl
      FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
     UNION ALL
    SELECT c.relname || '.' || a.attname, a.attacl
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = 'public'::regnamespace AND a.attacl IS NOT NULL
     UNION ALL
    SELECT p.proname || '()', coalesce(p.proacl, acldefault('f', p.proowner))
      FROM pg_proc p
     WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype <> 'trigger'::regtype
)
SELECT name, coalesce(string_agg(DISTINCT granted.privilege_type, ' '), '')
  FROM objects LEFT JOIN LATERAL (
       SELECT privilege_type FROM aclexplode(rights)
        WHERE grantee = 0 OR pg_has_role(session_user, grantee, 'USAGE')) AS granted ON true
 GROUP BY name
"""


def actual_rights() -> dict[str, str]:
    """Return the rights of the runtime role on every object of the schema, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS)
        return dict(sorted((name, " ".join(sorted(given.split()))) for name, given in cursor))


def wrong_rights() -> str:
    """Return a sentence about a right that the runtime role lacks, or has but does not need.

    Objects that this version does not know are ignored.
    """
    actual, needed = actual_rights(), _needed()
    columns = {name for name in actual if name.partition(".")[0] in needed}
    for name in sorted(needed.keys() | columns):
        needs = set(needed.get(name, "").split())
        # A column without rights is not listed; a missing table is reported as a missing migration.
        absent = "" if "." in name else needed[name]
        has = set(actual.get(name, absent).split())
        if lacking := sorted(needs - has):
            verb, rights = "GRANT", lacking
            says, link = "may not", "TO"
        elif surplus := sorted(has - needs):
            verb, rights = "REVOKE", surplus
            says, link = "may, and should not,", "FROM"
        else:
            continue
        return (
            f"The runtime role {says} {', '.join(rights)} on {name}: as the owner, "
            f"{verb} {_statement(name, rights)} {link} it."
        )
    return ""


def _statement(name: str, rights: list[str]) -> str:
    """Return the rights and the object in the syntax of GRANT and REVOKE."""
    if name.endswith("()"):
        return f"EXECUTE ON FUNCTION {name.removesuffix('()')}"
    table, _, column = name.partition(".")
    where = f" ({column})" if column else ""
    kind = "SEQUENCE " if table.endswith("_seq") else ""
    return f"{', '.join(right + where for right in rights)} ON {kind}{table}"


@cache
def _needed() -> dict[str, str]:
    lines = FILE.read_text().splitlines()
    return {name: rights.strip() for name, _, rights in (line.partition(":") for line in lines)}
