"""Migration operations for row-level security and the rights of the runtime role."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import migrations

RUNTIME_RIGHTS = ("SELECT", "INSERT", "UPDATE")

_POLICY = "company_id = (SELECT NULLIF(current_setting('regulars.company', true), '')::uuid)"


def runtime_role() -> str:
    """Return the database role of the running application."""
    return settings.DATABASES["default"]["USER"]


class Grant(migrations.RunSQL):
    """Grant the runtime role rights on tables: `Grant(["SELECT"], "access_company", …)`."""

    statement = "GRANT {rights} ON {objects} TO {role}"

    def __init__(self, rights: Iterable[str], *tables: str) -> None:
        self.rights, self.tables = tuple(rights), tables
        super().__init__("", migrations.RunSQL.noop)

    def deconstruct(self) -> tuple[str, Any, Any]:
        return (type(self).__name__, [self.rights, *self.tables], {})

    def database_forwards(self, app_label: Any, schema_editor: Any, *states: Any) -> None:
        quote = schema_editor.connection.ops.quote_name
        statement = self.statement.format(
            rights=", ".join(self.rights),
            objects=", ".join(map(quote, self.tables)),
            role=quote(runtime_role()),
        )
        schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"{type(self).__name__} {', '.join(self.rights)} on {', '.join(self.tables)}"


class Revoke(Grant):
    """Revoke rights of the runtime role: `Revoke(["DELETE"], "changes_webhookattempt")`.

    Does nothing if the role does not have them.
    """

    statement = "REVOKE {rights} ON {objects} FROM {role}"


class GrantExecute(migrations.RunSQL):
    """Let only the runtime role call functions: `GrantExecute("access_count(uuid)")`."""

    def __init__(self, *functions: str) -> None:
        self.functions = functions
        super().__init__("", migrations.RunSQL.noop)

    def deconstruct(self) -> tuple[str, Any, Any]:
        return (type(self).__name__, [*self.functions], {})

    def database_forwards(self, app_label: Any, schema_editor: Any, *states: Any) -> None:
        functions = ", ".join(self.functions)
        role = schema_editor.connection.ops.quote_name(runtime_role())
        for statement in (
            f"REVOKE ALL ON FUNCTION {functions} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {functions} TO {role}",
        ):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Let the runtime role call {', '.join(self.functions)}"


class ProtectTable(migrations.RunSQL):
    """Enable row-level security for a tenant table, and add its foreign keys within the company.

    `parents` maps the column of each TenantForeignKey to the referenced table. The policy applies
    to the runtime role only: the owner, who migrates and makes backups, sees all rows.
    """

    def __init__(
        self, table: str, parents: Mapping[str, str] = {}, rights: Iterable[str] = RUNTIME_RIGHTS
    ) -> None:
        self.table, self.parents, self.rights = table, dict(parents), tuple(rights)
        super().__init__("", migrations.RunSQL.noop)

    def deconstruct(self) -> tuple[str, Any, Any]:
        return (type(self).__name__, [self.table, self.parents, self.rights], {})

    def database_forwards(self, app_label: Any, schema_editor: Any, *states: Any) -> None:
        for statement in self._statements(schema_editor.connection.ops.quote_name):
            schema_editor.execute(statement, params=None)

    def _statements(self, quote: Any) -> Iterable[str]:
        table, role = quote(self.table), quote(runtime_role())
        for column, parent in self.parents.items():
            yield (
                f"ALTER TABLE {table} ADD CONSTRAINT {quote(f'{self.table}_{column}_same_company')}"
                f" FOREIGN KEY (company_id, {quote(column)})"
                f" REFERENCES {quote(parent)} (company_id, id) DEFERRABLE INITIALLY DEFERRED"
            )
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield (
            f"CREATE POLICY company ON {table} FOR ALL TO {role}"
            f" USING ({_POLICY}) WITH CHECK ({_POLICY})"
        )
        yield f"GRANT {', '.join(self.rights)} ON {table} TO {role}"

    def describe(self) -> str:
        return f"Keep the rows of {self.table} within their company"
