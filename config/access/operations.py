"""Migration operations that put a table behind the second fence."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import migrations

RUNTIME_RIGHTS = ("SELECT", "INSERT", "UPDATE")

_POLICY = "company_id = (SELECT NULLIF(current_setting('regulars.company', true), '')::uuid)"


def runtime_role() -> str:
    """Return the name of the role that the running software connects as."""
    return settings.DATABASES["default"]["USER"]


class Grant(migrations.RunSQL):
    """Lets the runtime role use tables: `Grant(["SELECT"], "access_company", …)`."""

    def __init__(self, rights: Iterable[str], *tables: str) -> None:
        self.rights, self.tables = tuple(rights), tables
        super().__init__("", migrations.RunSQL.noop)

    def deconstruct(self) -> tuple[str, Any, Any]:
        return (type(self).__name__, [self.rights, *self.tables], {})

    def database_forwards(self, app_label: Any, schema_editor: Any, *states: Any) -> None:
        quote = schema_editor.connection.ops.quote_name
        tables = ", ".join(quote(table) for table in self.tables)
        schema_editor.execute(
            f"GRANT {', '.join(self.rights)} ON {tables} TO {quote(runtime_role())}", params=None
        )

    def describe(self) -> str:
        return f"Let the runtime role {', '.join(self.rights)} on {', '.join(self.tables)}"


class ProtectTable(migrations.RunSQL):
    """Puts a tenant table behind row-level security and ties it to parents of the same company.

    `parents` maps the column of each TenantForeignKey to the table that it points at. The policy is
    for the runtime role alone: the owner, who migrates and dumps, sees every row.
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
