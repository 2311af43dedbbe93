"""The migration operation that records the changes of a table."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import migrations

_TEMPLATE = Path(__file__).with_name("sql") / "audit_trigger.sql"

# Columns that are never recorded: each change stores the id, the company and the time itself.
BESIDE = ("id", "company_id", "updated_at")

_GENERATED = """
SELECT attname FROM pg_attribute
 WHERE attrelid = %s::regclass AND attgenerated <> '' AND NOT attisdropped
 ORDER BY attname
"""

_AT_WORK = """COALESCE(
    NULLIF(current_setting('regulars.company', true), '')::uuid,
    (SELECT company_id FROM public.access_membership
      WHERE staff_id = {row}.id ORDER BY id LIMIT 1))"""


class KeepChanges(migrations.RunSQL):
    """Records every change of a table's rows, by the triggers of `sql/audit_trigger.sql`.

    `hidden` and generated columns are not recorded; a migration that adds a generated column runs
    this operation for the table again. For a `secret` column the fact that it changed is recorded,
    but no value. `customer` finds the customer of a row: it names a column with the customer's id,
    or a column and the table that it refers to, which has a `customer_id`. `company` names the
    column with the company's id. It is "" for staff, who work for several companies: their changes
    are recorded for the active company.
    """

    def __init__(
        self,
        table: str,
        hidden: Iterable[str] = (),
        customer: str | tuple[str, str] | tuple[tuple[str, str], ...] = "",
        company: str = "company_id",
        secret: Iterable[str] = (),
    ) -> None:
        self.table, self.hidden, self.secret = table, tuple(hidden), tuple(secret)
        self.customer, self.company = customer, company
        super().__init__("", migrations.RunSQL.noop)

    def deconstruct(self) -> tuple[str, Any, Any]:
        arguments = [self.table, self.hidden, self.customer, self.company, self.secret]
        return (type(self).__name__, arguments, {})

    def database_forwards(self, app_label: Any, schema_editor: Any, *states: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_GENERATED, [self.table])
            generated = [column for (column,) in cursor.fetchall()]
        words = {
            "table": self.table,
            "secret": ",".join(self.secret),
            "hidden": ",".join(sorted({*BESIDE, *self.hidden, *generated})),
        }
        statements = _TEMPLATE.read_text()
        for row in ("n", "o"):
            statements = statements.replace(f"<customer of {row}>", self._customer(row))
            company = f"{row}.{self.company}" if self.company else _AT_WORK.format(row=row)
            statements = statements.replace(f"<company of {row}>", company)
        for word, text in words.items():
            statements = statements.replace(f"<{word}>", text)
        schema_editor.execute(statements, params=None)

    def _customer(self, row: str) -> str:
        """Return the SQL expression for the customer that a row belongs to."""
        if not self.customer:
            return "NULL::uuid"
        if isinstance(self.customer, str):
            return f"{row}.{self.customer}"
        ways: Any = self.customer if isinstance(self.customer[0], tuple) else (self.customer,)
        looked_up = (
            f"(SELECT customer_id FROM public.{parent}"  # noqa: S608
            f" WHERE company_id = {row}.{self.company} AND id = {row}.{column})"
            for column, parent in ways
        )
        return f"COALESCE({', '.join(looked_up)})"

    def describe(self) -> str:
        return f"Record the changes of {self.table}"
