"""SQL expressions that shapes compile to: objects, lists, moments and ids."""

from typing import Any

from django.db import models
from django.db.models import Func


class BuildObject(Func):
    """`json_build_object('key', value, …)`, with the keys in the given order."""

    output_field = models.JSONField()

    def __init__(self, members: dict[str, Any]) -> None:
        super().__init__(*members.values())
        self.keys = tuple(members)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        pairs, params = [], []
        for key, expression in zip(self.keys, self.get_source_expressions(), strict=True):
            sql, values = compiler.compile(expression)
            pairs.append(f"'{key}', {sql}")
            params.extend(values)
        return f"json_build_object({', '.join(pairs)})", params


class BuildList(Func):
    """`json_agg(object ORDER BY …)`, or an empty list without rows."""

    output_field = models.JSONField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        body, *order = (compiler.compile(part) for part in self.get_source_expressions())
        ordering = ", ".join(sql for sql, _ in order)
        params = [value for _, values in (body, *order) for value in values]
        return f"COALESCE(json_agg({body[0]} ORDER BY {ordering}), '[]'::json)", params


class IsAmong(Func):
    """`value = ANY (array)`; the array is computed once, before rows are read."""

    template = "%(expressions)s"
    arg_joiner = " = ANY "
    conditional = True
    output_field = models.BooleanField()


class AsText(Func):
    """A JSON document as text, which is sent to the client unchanged."""

    template = "(%(expressions)s)::text"
    output_field = models.TextField()


def utc(expression: Any) -> Func:
    """Format a moment as RFC 3339 in UTC with microseconds and `Z`."""
    return Func(
        expression,
        template=(
            "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        ),
        output_field=models.TextField(),
    )


def wall_clock(moment: Any, zone: Any) -> Func:
    """Format a moment as local time of a time zone, without an offset."""
    return Func(
        moment,
        zone,
        arg_joiner=" AT TIME ZONE ",
        template="to_char(%(expressions)s, 'YYYY-MM-DD\"T\"HH24:MI:SS')",
        output_field=models.TextField(),
    )


def public_id(prefix: str, expression: Any) -> Func:
    """Format an id in its public form: the prefix and 32 hexadecimal digits."""
    return Func(
        expression,
        template=f"('{prefix}' || replace(%(expressions)s::text, '-', ''))",
        output_field=models.TextField(),
    )
