"""Filters of lists: django-filter's filter sets, compiled with placeholders for the values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from config.statements.compiling import Param
from config.tenancy.days import since_day, until_day
from config.tenancy.ids import id_pattern

from .filter_fields import (
    ChoiceField,
    DayField,
    IdField,
    InstantField,
    TrueOrFalse,
    WholeField,
    WholeTextField,
    WordsField,
)
from .problems import invalid_parameters, missing_parameter


class Bindable:
    """A filter whose value is a placeholder, so that one statement works for all values."""

    output: models.Field[Any, Any]
    schema: Mapping[str, Any]


class Moment(Bindable, django_filters.Filter):
    """Filter by a moment."""

    field_class = InstantField
    output = models.DateTimeField()
    schema = {"type": "string", "format": "date-time"}


class Exact(Bindable, django_filters.Filter):
    """Filter by an exact text, after trimming."""

    field_class: Any = WholeTextField
    output = models.TextField()

    def __init__(self, *args: Any, longest: int = 200, **kwargs: Any) -> None:
        text = r"[^\u0000]*[^\s\u0000][^\u0000]*" if kwargs.get("required") else r"[^\u0000]*"
        self.schema = {"type": "string", "maxLength": longest, "pattern": f"^{text}$"}
        super().__init__(*args, max_length=longest, **kwargs)


class Words(Exact):
    """Search for words; `finds` returns an expression for the ids of matching rows."""

    field_class = WordsField

    def __init__(self, finds: Callable[[Any], Any], **kwargs: Any) -> None:
        self.finds = finds
        super().__init__(**kwargs)

    def filter(self, rows: QuerySet[Any, Any], value: Any) -> QuerySet[Any, Any]:
        return rows.filter(id__in=self.finds(value))


class Day(Bindable, django_filters.Filter):
    """Filter by a calendar day."""

    field_class = DayField
    output = models.DateField()
    schema = {"type": "string", "format": "date"}


class Whole(Bindable, django_filters.Filter):
    """Filter by a whole number, such as money in the smallest unit."""

    field_class = WholeField
    output = models.BigIntegerField()
    schema = {"type": "integer", "minimum": -(10**15) + 1, "maximum": 10**15 - 1}


class Key(Bindable, django_filters.Filter):
    """Filter by an id."""

    field_class = IdField
    output = models.UUIDField()

    def __init__(self, *args: Any, prefix: str, **kwargs: Any) -> None:
        super().__init__(*args, prefix=prefix, **kwargs)
        self.schema = {"type": "string", "pattern": id_pattern(prefix)}


class Switch(django_filters.Filter):
    """Filter by true or false; each value has its own SQL."""

    field_class = TrueOrFalse
    schema = {"type": "boolean"}


class SinceDay(Day):
    """Rows whose moment is on a day of the company's calendar, or later."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs if value is None else qs.filter(since_day(self.field_name, value))


class UntilDay(Day):
    """Rows whose moment is on a day of the company's calendar, or earlier."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs if value is None else qs.filter(until_day(self.field_name, value))


class ArchivedSwitch(Switch):
    """True: only archived rows. False: only live rows. Absent: both."""

    def filter(self, qs: Any, value: bool | None) -> Any:
        if value is None:
            return qs
        return qs.archived() if value else qs.live()


class Choice(django_filters.Filter):
    """Filter by one of a few words; each has its own SQL."""

    field_class = ChoiceField

    def __init__(self, *words: str, **kwargs: Any) -> None:
        super().__init__(words=words, **kwargs)
        self.schema = {"type": "string", "enum": list(words)}


class Sort(Choice):
    """The order of a list; columns but `created_at` need an index `(company, column, id)`.

    `created_at` orders by id, which is the order of creation.
    """

    def __init__(self, *columns: str, **kwargs: Any) -> None:
        super().__init__(*(way + name for name in columns for way in ("", "-")), **kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        way, column = value.removesuffix(value.lstrip("-")), self.column_of(value)
        return qs.order_by(*(f"{way}{name}" for name in (column, "id") if name))

    def column_of(self, value: str) -> str:
        """Return the column that an order sorts by before the id, "" for the id alone."""
        return value.lstrip("-").replace("created_at", "")


class Filters(django_filters.FilterSet):
    """Base class of the filters of a list.

    `read` runs once per request, `narrow` once per compiled statement.
    """

    @classmethod
    def read(cls, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the values of the query parameters by name; raises a 400 for invalid ones."""
        names = [name for name in cls.base_filters if name in query] if query else []
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for name in names:
            try:
                value = cls.base_filters[name].field.clean(query[name])
            except ValidationError as error:
                problems[name] = " ".join(error.messages)
            else:
                # A parameter of white space alone counts as absent.
                if value != "":
                    values[name] = value
        if problems:
            raise invalid_parameters(problems)
        for name in cls.required():
            if name not in values:
                raise missing_parameter(name)
        return values

    @classmethod
    @cache
    def required(cls) -> tuple[str, ...]:
        """Return the names of the required filters."""
        return tuple(name for name, one in cls.base_filters.items() if one.extra["required"])

    @classmethod
    def form_of(cls, values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
        """Return the key of the compiled statement: the filters, and the values in its SQL."""
        return tuple(
            (name, None if isinstance(cls.base_filters[name], Bindable) else value)
            for name, value in values.items()
        )

    @classmethod
    def sorted_by(cls, values: Mapping[str, Any]) -> str:
        """Return the column that rows are sorted by before their id, "" for the id alone."""
        sorts = ((cls.base_filters[name], value) for name, value in values.items())
        return next((one.column_of(value) for one, value in sorts if isinstance(one, Sort)), "")

    @classmethod
    def found_by(cls, values: Mapping[str, Any]) -> Any:
        """Return the search expression if the only filter is a search for words, else None."""
        names = [*values]
        one = cls.base_filters[names[0]] if len(names) == 1 else None
        return one.finds(Param(names[0], models.TextField())) if isinstance(one, Words) else None

    @classmethod
    def narrow(cls, queryset: QuerySet[Any, Any], values: Mapping[str, Any]) -> Any:
        """Apply the filters to a queryset, with placeholders for the values."""
        filters = cls(data={}, queryset=queryset)
        for name, value in values.items():
            one = filters.filters[name]
            bound = Param(name, one.output) if isinstance(one, Bindable) else value
            queryset = one.filter(queryset, bound)
        return queryset


class ArchivableFilters(Filters):
    """Filters of rows that can be archived; archived rows are listed only on request."""

    archived = ArchivedSwitch(
        help_text="true: only what is archived. Absent or false: only what is not archived."
    )

    @classmethod
    def read(cls, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the values of the query parameters; `archived` defaults to false."""
        return {"archived": False, **super().read(query)}
