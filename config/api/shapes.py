"""Shapes: output serializers that PostgreSQL renders, and that document the response.

A shape is a serializer class whose fields name columns, expressions or other shapes. It compiles to
one `json_build_object(…)`, so that no model instances are created. The `column` of a field is a
name, which may follow foreign keys, or a function that returns an expression. The function gets
`at`, which resolves a name relative to the row of the shape.
"""

import datetime
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Greatest, Lower, NullIf
from django.utils.dateparse import parse_datetime
from rest_framework import serializers

from config.tenancy.ids import read_id, show_id

from .expressions import AsText, BuildList, BuildObject, public_id, utc, wall_clock

# The description of every `currency` field.
CURRENCY = "The currency of the amounts beside it, an ISO 4217 code in capitals."

At = Callable[[str], Any]
Column = str | Callable[[At], Any]


class ShapeField(serializers.Field):
    """A field of a shape. `column` defaults to the name of the field.

    `words` is the default description of all fields of a class.
    """

    words: ClassVar[str | None] = None

    def __init__(self, column: Column | None = None, **kwargs: Any) -> None:
        self.column = column
        super().__init__(read_only=True, **{"help_text": self.words, **kwargs})

    def reference(self, at: At) -> Any:
        column = self.column or str(self.field_name)
        return at(column) if isinstance(column, str) else column(at)

    def expression(self, at: At) -> Any:
        return self.reference(at)

    def is_same(self, given: Any, shown: Any) -> bool:
        """Whether the value `given` by a client equals the value `shown`."""
        return given == shown or (given in ("", None) and shown in ("", None))


class Id(ShapeField, serializers.CharField):
    """An id with its prefix, or null."""

    def __init__(self, prefix: str, column: Column = "id", **kwargs: Any) -> None:
        self.prefix = prefix
        if column == "id":
            own = f"Identifies this object: `{prefix}` and 32 hexadecimal digits. It never changes."
            kwargs.setdefault("help_text", own)
        super().__init__(column, **kwargs)

    def expression(self, at: At) -> Any:
        return public_id(self.prefix, self.reference(at))

    def public(self, key: UUID) -> str:
        """Return an id in its public form."""
        return show_id(self.prefix, key)

    def is_same(self, given: Any, shown: Any) -> bool:
        if not isinstance(given, str) or shown is None:
            return super().is_same(given, shown)
        return read_id(self.prefix, given) == read_id(self.prefix, shown)


class Uuid(ShapeField, serializers.UUIDField):
    """An id as the bare UUID."""

    def __init__(self, column: Column = "id", **kwargs: Any) -> None:
        if column == "id":
            kwargs.setdefault("help_text", "Identifies this object: a UUID. It never changes.")
        super().__init__(column, **kwargs)

    def public(self, key: UUID) -> str:
        return str(key)


class Text(ShapeField, serializers.CharField):
    """Text as it is stored; absent text is ""."""


class TextOrNull(ShapeField, serializers.CharField):
    """Text; absent text is null."""

    def __init__(self, column: Column | None = None, **kwargs: Any) -> None:
        super().__init__(column, allow_null=True, **kwargs)

    def expression(self, at: At) -> Any:
        return NullIf(self.reference(at), Value(""))


class Currency(Text):
    """An ISO 4217 code in capitals: the currency of the amounts in the same object."""

    words = CURRENCY


class Number(ShapeField, serializers.IntegerField):
    """A whole number."""


class Flag(ShapeField, serializers.BooleanField):
    """True or false."""


class IsSet(Flag):
    """Whether a column has a value: `IsSet("archived_at")` is true for an archived row."""

    def expression(self, at: At) -> Any:
        return Case(
            When(**{f"{self.reference(at).name}__isnull": True}, then=Value(False)),
            default=Value(True),
            output_field=models.BooleanField(),
        )


class Instant(ShapeField, serializers.DateTimeField):
    """A moment, RFC 3339 in UTC with `Z`."""

    def expression(self, at: At) -> Any:
        return utc(self.reference(at))

    def is_same(self, given: Any, shown: Any) -> bool:
        """Compare to the millisecond, the precision of dates in JavaScript."""
        try:
            apart = abs(parse_datetime(given) - parse_datetime(shown))  # type: ignore[operator]
        except (TypeError, ValueError, OverflowError):
            return super().is_same(given, shown)
        return apart < datetime.timedelta(milliseconds=1)


class CreatedAt(Instant):
    """When a row was created."""

    words = "When the object was created, in UTC: `2026-01-31T09:30:00Z`."


class UpdatedAt(Instant):
    """When a row was last changed, RFC 3339 in UTC with `Z`.

    Old rows may have a time before their `created_at`, from before both were set by the database.
    """

    words = "When the object was last changed, in UTC; never before `created_at`."

    def expression(self, at: At) -> Any:
        return utc(Greatest(self.reference(at), at("created_at")))


class Day(ShapeField, serializers.DateField):
    """A calendar day, `2026-01-31`."""


class WallClock(ShapeField, serializers.CharField):
    """A moment in the company's time zone, without an offset: `2026-01-31T09:30:00`."""

    def expression(self, at: At) -> Any:
        return wall_clock(self.reference(at), at("company__timezone"))


class Rate(ShapeField, serializers.FloatField):
    """A percentage."""


class ListOf(ShapeField, serializers.ListField):
    """A list: the value of an array column."""

    def __init__(self, child: ShapeField, column: Column | None = None, **kwargs: Any) -> None:
        super().__init__(column, child=child, **kwargs)


class Keys(ShapeField, serializers.DictField):
    """A free-form object."""


class Fixed(ShapeField, serializers.ChoiceField):
    """The same text in every object, such as its `type`."""

    def __init__(self, value: str, **kwargs: Any) -> None:
        self.value = value
        always = f"Always `{value}` in this kind of object."
        super().__init__(choices=[value], **{"help_text": always, **kwargs})

    def expression(self, at: At) -> Any:
        return Cast(Value(self.value), models.TextField())


class OneOf(ShapeField, serializers.ChoiceField):
    """One of a few words."""


class LowerCase(OneOf):
    """One of a few words, converted to lower case."""

    def __init__(self, column: Column | None = None, *, choices: list[str], **kwargs: Any) -> None:
        super().__init__(column, choices=[word.lower() for word in choices], **kwargs)

    def expression(self, at: At) -> Any:
        return Lower(self.reference(at))


class Shape(serializers.Serializer):
    """Base class of output serializers. Its fields are shape fields.

    `needs` names the queryset methods that add the annotations its fields refer to. `schema_name`
    is the name in the OpenAPI document, if the class cannot have that name, such as `Invoice`.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def document(cls, at: At = F) -> BuildObject:
        """Return the expression that renders the shape."""
        members: dict[str, Any] = dict(cls().fields)
        return BuildObject({name: field.expression(at) for name, field in members.items()})

    @classmethod
    def render(cls, rows: Any) -> Any:
        """Annotate rows with `document`, the JSON text of the response."""
        return cls.loaded(rows).annotate(document=AsText(cls.document()))

    @classmethod
    def loaded(cls, rows: Any) -> Any:
        """Annotate rows with the data that the fields refer to, by `needs`."""
        for method in cls.needs:
            rows = getattr(rows, method)()
        return rows


class Part(ShapeField):
    """Another shape of the same row."""

    def __init__(self, shape: type[Shape], **kwargs: Any) -> None:
        self.shape = shape
        super().__init__(**kwargs)

    @property
    def shapes(self) -> tuple[type[Shape], ...]:
        """All shapes that the field can have."""
        return (self.shape,)

    def expression(self, at: At) -> Any:
        return self.shape.document(at)


class One(Part):
    """A shape of the row that a foreign key refers to, null if the key is null."""

    def __init__(self, shape: type[Shape], via: str, **kwargs: Any) -> None:
        super().__init__(shape, **kwargs)
        self.via = via

    def expression(self, at: At) -> Any:
        return Case(
            When(**{f"{at(self.via).name}__isnull": True}, then=Value(None)),
            default=self.shape.document(lambda name: at(f"{self.via}__{name}")),
            output_field=models.JSONField(),
        )


class Many(Part):
    """A list of shapes of related rows: `by` is their foreign key, `order` their order."""

    many = True

    def __init__(
        self,
        shape: type[Shape],
        rows: Callable[[], QuerySet[Any, Any]],
        by: str,
        *order: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(shape, **kwargs)
        self.rows, self.by, self.order = rows, by, order

    def expression(self, at: At) -> Any:
        order = [F(name[1:]).desc() if name[0] == "-" else F(name).asc() for name in self.order]
        rows = self.shape.loaded(self.rows())
        chosen = rows.order_by().filter(**{self.by: OuterRef(at("pk").name)})
        return Subquery(chosen.values(listed=BuildList(self.shape.document(), *order)))
