"""Everything held about one person as a file: JSON for programs, HTML to read and to print.

`registry.py` determines the contents: every row of every table with a path to the customer, each
column that is about the person or identifies the row, and the recorded changes. Rows are read in
batches, each in a short transaction, and the file is sent while it is written.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import AutoField, Field
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.changes.event_types import prefix_of
from config.money import show_money
from config.tenancy.companies import currency_of
from config.tenancy.ids import show_id
from config.tenancy.money_fields import MoneyField
from config.tenancy.personal import Kept
from config.tenancy.scoping import acting_for
from config.times import database_now

from ..models import Customer
from .registry import PersonalTable, personal_tables

AT_ONCE = 500
NOTHING: tuple[Any, ...] = (None, "", [], {})
# Columns that say nothing about the person.
LEFT_OUT = ("company",)
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#111;background:#fff}h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}"
    "dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem;"
    "border-top:1px solid #bbb;margin:0;padding:.75rem 0;break-inside:avoid}"
    "dt{color:#555}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}"
    "@media(max-width:40rem){dl{grid-template-columns:1fr}dt{margin-top:.25rem}}"
)

type Row = dict[str, Any]


CONTENT_TYPES = {"json": "application/json", "html": "text/html; charset=utf-8"}


class PersonFile:
    """Everything held about one person, written piece by piece as JSON or HTML."""

    def __init__(self, customer: Customer, people: list[UUID], format: str) -> None:
        self.customer, self.people, self.format = customer, people, format
        self.made_at, self.currency = database_now(), currency_of(customer.company_id)

    @property
    def name(self) -> str:
        """The name of the file, without the person's name."""
        return f"{show_id(Customer.id_prefix, self.customer.pk)}.{self.format}"

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.format]

    def pieces(self) -> Iterator[str]:
        """Yield the pieces of the file."""
        return self.as_json() if self.format == "json" else self.as_html()

    def as_json(self) -> Iterator[str]:
        """Yield a JSON object with the rows of each table, and the columns that are kept."""
        head = {
            "customer_id": show_id(Customer.id_prefix, self.customer.pk),
            "exported_at": self.made_at,
            "kept_after_an_erasure": [*_kept_columns()],
        }
        yield f"{json.dumps(head, cls=DjangoJSONEncoder, ensure_ascii=False)[:-1]}"
        yield ', "records": {'
        for at, table in enumerate(personal_tables()):
            yield f"{', ' if at else ''}{json.dumps(name_of(table))}: ["
            for number, row in enumerate(self.rows(table)):
                told = json.dumps(shown(table, row), cls=DjangoJSONEncoder, ensure_ascii=False)
                yield f"{',' if number else ''}\n{told}"
            yield "]"
        yield "}}\n"

    def as_html(self) -> Iterator[str]:
        """Yield a page with a heading for each table, and the fields of each row as text."""
        title = _("Everything that we hold about %(name)s") % {"name": self.customer}
        yield format_html(
            '<!DOCTYPE html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>{}</title>'
            "<style>{}</style><h1>{}</h1><p>{}</p>",
            title,
            STYLE,
            title,
            _("As of %(moment)s (UTC).") % {"moment": f"{self.made_at:%Y-%m-%d %H:%M}"},
        )
        for table in personal_tables():
            for number, row in enumerate(self.rows(table)):
                if not number:
                    heading = capfirst(str(table.model._meta.verbose_name_plural))
                    yield format_html("<h2>{}</h2>", heading)
                yield self._as_list(table, row)
        yield "</html>\n"

    def _as_list(self, table: PersonalTable, row: Row) -> str:
        """Return a list of the fields of a row that have a label and a value."""
        currency = row.get("currency") or self.currency
        told = [
            (field, _in_words(field, _public(field, row[field.attname]), currency))
            for field in columns_of(table)
            if isinstance(field.verbose_name, Promise) or field.primary_key
        ]
        parts = [
            format_html("<dt>{}</dt><dd>{}</dd>", capfirst(str(field.verbose_name)), text)
            for field, text in told
            if text
        ]
        return f"<dl>{''.join(parts)}</dl>"

    def rows(self, table: PersonalTable) -> Iterator[Row]:
        """Yield the rows of a table, oldest first."""
        columns = [field.attname for field in columns_of(table)]
        last: Any = None
        while True:
            with acting_for(self.customer.company_id):
                rows = table.rows_of(self.people).order_by("pk")
                later = rows if last is None else rows.filter(pk__gt=last)
                batch = list(later.values("pk", *columns)[:AT_ONCE])
            yield from map(_ordered_in_time, batch)
            if len(batch) < AT_ONCE:
                return
            last = batch[-1]["pk"]


def _ordered_in_time(row: Row) -> Row:
    """Return a row whose update time is not before its creation, as older versions stored it."""
    if "created_at" in row and "updated_at" in row:
        row["updated_at"] = max(row["updated_at"], row["created_at"])
    return row


def columns_of(table: PersonalTable) -> list["Field[Any, Any]"]:
    """Return the columns of a table to export."""
    return [
        field
        for field in table.model._meta.concrete_fields
        if not field.generated
        # The ids of changes would reveal the number of changes of all companies.
        and not isinstance(field, AutoField)
        and field.name not in LEFT_OUT
        and field.name not in table.personal.secret
    ]


def name_of(table: PersonalTable) -> str:
    """Return the name of a table's rows in JSON."""
    recorded = getattr(table.model, "recorded", None)
    return recorded.noun if recorded else str(table.model._meta.model_name)


def shown(table: PersonalTable, row: Row) -> Row:
    """Return a row by column names, with ids as the API shows them."""
    return {field.attname: _public(field, row[field.attname]) for field in columns_of(table)}


def _public(field: "Field[Any, Any]", value: Any) -> Any:
    """Return a value; an id gets its public prefix."""
    if not isinstance(value, UUID):
        return value
    if field.primary_key:
        return show_id(prefix_of(field.model), value)
    if field.name == "customer_id":
        return show_id(Customer.id_prefix, value)
    return show_id(prefix_of(field.remote_field.model), value) if field.remote_field else str(value)


def _in_words(field: "Field[Any, Any]", value: Any, currency: str) -> str:
    if value in NOTHING:
        return ""
    in_words: Callable[[Any], str] | None = getattr(field, "in_words", None)
    if in_words:
        return in_words(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, MoneyField):
        return show_money(value, currency)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "\n".join(f"{name}: {one}" for name, one in value.items() if one not in NOTHING)
    return str(value)


def _kept_columns() -> Iterator[dict[str, str]]:
    for table in personal_tables():
        kept: dict[str, Kept] = table.personal.keep
        for name, why in kept.items():
            told = {"record": name_of(table), "field": name}
            yield {**told, "reason": str(why.reason), "until": str(why.until)}
