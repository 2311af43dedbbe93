"""Render a changed object as v1 shows it: its current state, and its fields before and after.

An app registers the v1 shape of each model whose changes are public, in a dictionary that
`event_shapes` of its AppConfig names. The shape renders the object. Its members that only depend on
columns of the row itself also render the changed fields, from a row with the recorded values.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Case, F, QuerySet, When
from django.db.models.expressions import RawSQL
from django.db.models.sql.datastructures import BaseTable
from django.utils.module_loading import import_string

from config.api.expressions import BuildObject
from config.api.shapes import Shape
from config.changes.event_types import MODELS, RECORDED
from config.changes.expressions import ChangeExpression, Sql
from config.changes.operations import BESIDE

# Columns of the change, as placeholders of a ChangeExpression.
_COMPANY = RawSQL("{company_id}", (), models.UUIDField())
_OBJECT = RawSQL("{object_id}", (), models.UUIDField())

# The fields are rendered twice: from the recorded values before the change, and from those after it
# (`held`). A new row has no values before, and a deleted row has none after.
_CHANGED = """(
SELECT COALESCE(json_object_agg(key, json_build_array(was::json, now::json) ORDER BY key), '{}')
  FROM (SELECT key, max(NULLIF(value::text, 'null')) FILTER (WHERE NOT is_after) AS was,
               max(NULLIF(value::text, 'null')) FILTER (WHERE is_after) AS now
          FROM (VALUES (false, {before}), (true, {after})) AS side (is_after, held),
               json_each(CASE WHEN held IS NOT NULL THEN <fields> END)
         GROUP BY key) AS sides
 WHERE was IS DISTINCT FROM now)"""


@cache
def event_shapes() -> Mapping[str, type[Shape]]:
    """Return the v1 shape of each model that has one, by table."""
    named = [getattr(app, "event_shapes", "") for app in apps.get_app_configs()]
    declared = [import_string(name) for name in named if name]
    return {model._meta.db_table: shape for one in declared for model, shape in one.items()}


def shown_object() -> ChangeExpression:
    """The current object as v1 shows it, null if it no longer exists."""
    return ChangeExpression(
        _object_sql, "table_name", "company_id", "object_id", output_field=models.JSONField()
    )


def changed_fields() -> ChangeExpression:
    """The fields of the object that changed: `{name: [before, after]}`."""
    names = ("table_name", "company_id", "object_id", "operation", "before", "after")
    return ChangeExpression(_changed_sql, *names, output_field=models.JSONField())


def is_event() -> ChangeExpression:
    """Whether v1 shows anything of a change.

    An update of other columns only is no event, and neither is a change of a table that was
    dropped.
    """
    return ChangeExpression(
        _is_event_sql, "table_name", "operation", "after", output_field=models.BooleanField()
    )


@dataclass(frozen=True)
class OwnField:
    """A member of a shape that depends only on columns of the row itself.

    It reads `columns`, whose values follow from the `recorded` columns.
    """

    field: Any
    columns: frozenset[str]
    recorded: frozenset[str]


@cache
def own_fields(table: str) -> Mapping[str, OwnField]:
    """Return the members of a table's v1 shape that depend only on columns of the row itself."""
    model, shape = MODELS[table], event_shapes()[table]
    rows = shape.loaded(model.objects.order_by())
    found = {}
    for name, field in shape().fields.items():
        columns = _columns(rows, field)
        recorded = _sources(model, columns) - {*BESIDE}
        # `updated_at` is the time of the change, so it is not recorded.
        if recorded and "updated_at" not in columns:
            found[name] = OwnField(field, frozenset(columns), frozenset(recorded))
    return found


def _columns(rows: QuerySet[Any, Any], field: Any) -> set[str]:
    """Return the columns of the row itself that a member of a shape reads or joins by."""
    query: Any = rows.annotate(member=field.expression(F)).query
    found = set[str]()
    for column in query._gen_cols([query.annotations["member"]], include_external=True):
        alias, names = column.alias, {column.target.column}
        while alias != query.base_table:
            join = query.alias_map[alias]
            alias, names = join.parent_alias, {ours for ours, _theirs in join.join_cols}
        found |= names
    return found


def _sources(model: Any, columns: set[str]) -> set[str]:
    """Return columns, with each generated column replaced by those it is computed from."""
    fields = [one for one in model._meta.concrete_fields if one.column in columns]
    sources = [[*one.referenced_fields] if one.generated else [one] for one in fields]
    return {one.column for several in sources for one in several}


class RecordTable(BaseTable):
    """The row of a change: the live row, with its values replaced by those of `held`.

    Generated columns are computed from these values.
    """

    def __init__(self, model: Any, columns: frozenset[str]) -> None:
        super().__init__(model._meta.db_table, model._meta.db_table)
        self.fields = [one for one in model._meta.concrete_fields if one.column in columns]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        table = compiler.quote_name(self.table_name)
        selected, params = ["{company_id} AS company_id", "{object_id} AS id"], list[object]()
        for field in self.fields:
            sql, values = field.generated_sql(connection) if field.generated else (field.column, ())
            selected.append(f"{sql} AS {compiler.quote_name(field.column)}")
            params += values
        live = (
            f"SELECT live FROM {table} AS live"  # noqa: S608
            " WHERE live.company_id = {company_id} AND live.id = {object_id}"
        )
        record = f"jsonb_populate_record(({live}), held) AS record"
        return f"(SELECT {', '.join(selected)} FROM {record}) AS {table}", params  # noqa: S608


@cache
def _object_sql() -> Sql:
    return _by_table(_object)


@cache
def _changed_sql() -> Sql:
    sql, params = _by_table(_fields)
    return _CHANGED.replace("<fields>", sql), params


@cache
def _is_event_sql() -> Sql:
    is_update = "{operation} = 'changed'"
    whens = " ".join(
        f"WHEN '{table}' THEN NOT {is_update} OR {_has_any('{after}', _event_columns(table))}"
        for table in event_shapes()
    )
    return f"CASE {{table_name}} {whens} ELSE false END", ()


def _by_table(render: Callable[[Any, type[Shape]], Any]) -> Sql:
    """Return SQL that renders a change with the rendering of its table."""
    whens, params = list[str](), list[object]()
    for table, shape in event_shapes().items():
        rows = render(MODELS[table], shape)
        sql, values = rows.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False).as_sql()
        whens.append(f"WHEN '{table}' THEN ({sql})")
        params += values
    return f"CASE {{table_name}} {' '.join(whens)} END", tuple(params)


def _object(model: Any, shape: type[Shape]) -> Any:
    """Return the query for the live row of a change, rendered by its shape; no erased people."""
    rows = shape.loaded(model.objects.order_by()).filter(company_id=_COMPANY, id=_OBJECT)
    if any(field.name == "erased_at" for field in model._meta.concrete_fields):
        rows = rows.filter(erased_at__isnull=True)
    return rows.values_list(shape.document())


def _fields(model: Any, shape: type[Shape]) -> Any:
    """Return the query for the members that the recorded values in `held` determine.

    An update records the columns that changed, and the live row has the others; a member is null if
    none of its columns changed. A creation and a deletion record every column that existed then; a
    member is null if one of its columns was added later, because its value then is not known.
    """
    own = own_fields(model._meta.db_table)
    members = {
        name: Case(
            When(_is_decided(one.recorded), then=one.field.expression(F)),
            output_field=models.JSONField(),
        )
        for name, one in own.items()
    }
    rows = shape.loaded(model.objects.order_by()).filter(company_id=_COMPANY)
    rows = rows.values_list(BuildObject(members))
    query = rows.query
    columns = frozenset(column for one in own.values() for column in one.columns)
    query.alias_map[query.base_table] = RecordTable(model, columns - {"id", "company_id"})
    return rows


def _is_decided(columns: frozenset[str]) -> RawSQL:
    """Return SQL that is true if `held` has enough of these columns to compute the member."""
    sql = _has_any("held", columns)
    if len(columns) > 1:
        sql = f"{sql} AND ({{operation}} = 'changed' OR {_has('all', 'held', columns)})"
    return RawSQL(sql, (), models.BooleanField())  # noqa: S611


def _has_any(values: str, columns: Iterable[str]) -> str:
    """Return SQL that is true if recorded values include one of these columns."""
    return _has("any", values, columns)


def _has(quantity: str, values: str, columns: Iterable[str]) -> str:
    names = ", ".join(f"'{column}'" for column in sorted(columns))
    return f"jsonb_exists_{quantity}({values}, ARRAY[{names}])"


def _event_columns(table: str) -> set[str]:
    """Return the columns of a table whose changes are events."""
    shown = {column for one in own_fields(table).values() for column in one.recorded}
    return shown | {rule.column for rule in RECORDED[table].rules}
