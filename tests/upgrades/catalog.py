"""The catalog and the contents of a database, as dictionaries that can be compared."""

import re
from typing import Any

# A dump that is restored has the casts of a list of words at other places of an expression.
_CASTS = re.compile(r"::(?:text|character varying)(?:\(\d+\))?(?:\[\])?|[()]")

# Each row: what kind of object, its name, and all that matters about it as text.
_ACL = """
    (SELECT string_agg(pg_get_userbyid(grantor) || ' lets ' ||
                       CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END ||
                       ' ' || privilege_type || CASE WHEN is_grantable THEN ' on' ELSE '' END,
                       ', ' ORDER BY grantor, grantee, privilege_type)
       FROM aclexplode({acl}))
"""
_OURS = "relnamespace = 'public'::regnamespace"
_QUERIES = {
    "table": f"""
        SELECT relname, concat_ws(' ', relkind, relpersistence, pg_get_userbyid(relowner),
                                  relrowsecurity, relforcerowsecurity, reloptions)
          FROM pg_class WHERE {_OURS} AND relkind IN ('r', 'p', 'v', 'm', 'S')""",
    "rights on": f"""
        SELECT relname, {
        _ACL.format(
            acl='''COALESCE(relacl, acldefault(
            CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))'''
        )
    }
          FROM pg_class WHERE {_OURS} AND relkind IN ('r', 'p', 'v', 'm', 'S')""",
    "column": f"""
        SELECT relname || '.' || attname,
               concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity,
                         attgenerated, attcollation::regcollation, attcompression, attstorage,
                         pg_get_expr(adbin, adrelid), {_ACL.format(acl="attacl")})
          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE {_OURS} AND relkind IN ('r', 'p', 'v', 'm') AND attnum > 0 AND NOT attisdropped""",
    "index": f"""
        SELECT relname, concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid, indisready)
          FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE {_OURS}""",
    "constraint": """
        SELECT conrelid::regclass || ' ' || conname,
               concat_ws(' ', pg_get_constraintdef(oid), convalidated)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "policy": """
        SELECT polrelid::regclass || ' ' || polname,
               concat_ws(' ', polpermissive, polcmd, pg_get_expr(polqual, polrelid),
                         pg_get_expr(polwithcheck, polrelid),
                         (SELECT string_agg(role::regrole::text, ', ' ORDER BY role::regrole::text)
                            FROM unnest(polroles) AS role))
          FROM pg_policy""",
    "trigger": """
        SELECT tgrelid::regclass || ' ' || tgname, concat_ws(' ', pg_get_triggerdef(oid), tgenabled)
          FROM pg_trigger WHERE NOT tgisinternal""",
    "function": f"""
        SELECT oid::regprocedure::text,
               concat_ws(' ', pg_get_functiondef(oid), pg_get_userbyid(proowner),
                         {_ACL.format(acl="COALESCE(proacl, acldefault('f', proowner))")})
          FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')""",
    "type": """
        SELECT typname, concat_ws(' ', typtype, pg_get_userbyid(typowner), typcategory)
          FROM pg_type WHERE typnamespace = 'public'::regnamespace""",
    "schema": f"""
        SELECT nspname, concat_ws(' ', pg_get_userbyid(nspowner), {_ACL.format(acl="nspacl")})
          FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'""",
    "default rights": """SELECT defaclrole::regrole::text, defaclacl::text FROM pg_default_acl""",
    "statistics": """SELECT stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext""",
    "extension": """SELECT extname, extversion FROM pg_extension""",
}

# A generated column follows from the others, by an expression that a release may change.
_COLUMNS = f"""
SELECT relname, array_agg(attname ORDER BY attname)
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
 WHERE {_OURS} AND relkind = 'r' AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
 GROUP BY relname
"""


def objects(cursor: Any) -> dict[str, str]:
    """Return what the database consists of: the definition of each object by its name."""
    found = {}
    for kind, query in _QUERIES.items():
        cursor.execute(query)
        for name, definition in cursor.fetchall():
            found[f"{kind} {name}"] = (
                _CASTS.sub("", definition) if kind in ("constraint", "index") else str(definition)
            )
    return found


def contents(cursor: Any) -> dict[str, dict[str, Any]]:
    """Return for each table the number of its rows and, for each column, a hash of its values."""
    cursor.execute(_COLUMNS)
    found = {}
    for table, columns in cursor.fetchall():
        hashes = (
            f"sum(hashtextextended(concat(to_jsonb(t) ->> 'id', ' ', \"{name}\"::text), 0))"
            for name in columns
        )
        cursor.execute(f'SELECT count(*), {", ".join(hashes)} FROM "{table}" t')
        found[table] = dict(zip(["rows", *columns], cursor.fetchone(), strict=True))
    return found


def differences(one: dict[str, str], other: dict[str, str]) -> dict[str, tuple[Any, Any]]:
    """Return what differs, by name, as the first and the second have it."""
    return {
        name: (one.get(name), other.get(name))
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    }
