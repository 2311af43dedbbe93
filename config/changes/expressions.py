"""SQL expressions that render a recorded change for API clients."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func

from .event_types import MODELS, RECORDED, prefix_of, type_sql

type Sql = tuple[str, Sequence[object]]


class ChangeExpression(Func):
    """SQL over the columns of a change, which it names as `{name}`.

    `sql` is the SQL, or a function that returns the SQL and its parameters at compile time.
    """

    def __init__(self, sql: str | Callable[[], Sql], *names: str, output_field: Any) -> None:
        self.sql, self.names = sql, names
        super().__init__(*(F(name) for name in names), output_field=output_field)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        sql, params = (self.sql, ()) if isinstance(self.sql, str) else self.sql()
        for name, column in zip(self.names, self.get_source_expressions(), strict=True):
            sql = sql.replace(f"{{{name}}}", compiler.compile(column)[0])
        return sql, params


class AnyOf(Func):
    """Whether a value is in a list."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


TYPES = ArrayField(models.TextField())


def type_of() -> ChangeExpression:
    """The type of a change, `customer.updated`."""
    return ChangeExpression(
        type_sql(), "table_name", "operation", "after", output_field=models.TextField()
    )


def noun_of() -> ChangeExpression:
    """What kind of object was changed, `customer`."""
    whens = " ".join(f"WHEN '{table}' THEN '{kind.noun}'" for table, kind in RECORDED.items())
    return ChangeExpression(
        f"CASE {{table_name}} {whens} END", "table_name", output_field=models.TextField()
    )


def object_of() -> ChangeExpression:
    """The public id of the changed object."""
    whens = " ".join(f"WHEN '{table}' THEN '{prefix_of(model)}'" for table, model in MODELS.items())
    sql = f"CASE {{table_name}} {whens} END || replace({{object_id}}::text, '-', '')"
    return ChangeExpression(sql, "table_name", "object_id", output_field=models.TextField())


def public_id_of(column: str = "id") -> ChangeExpression:
    """The public id of a change: a hash, since ids count the changes of all companies."""
    key = "(SELECT change_key FROM access_company WHERE access_company.id = {company_id})"
    digest = f"sha256(convert_to({key} || ' ' || {{{column}}}, 'UTF8'))"
    sql = f"'chg_' || left(encode({digest}, 'hex'), 32)"
    return ChangeExpression(sql, column, "company_id", output_field=models.TextField())
