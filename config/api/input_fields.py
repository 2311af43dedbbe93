"""Input serializers: they refuse unknown fields, and take their limits from models."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from typing import Any, ClassVar
from uuid import UUID

from django.core.validators import EmailValidator
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework import serializers

from config.card_numbers import NUMBERS, CardNumber, holds_card_number
from config.emails import validate_email
from config.errors import Refusal
from config.statements.lookups import by_id
from config.tenancy.days import moment_of, zone_of
from config.tenancy.ids import read_id
from config.times import check_day

from .problems import quoted
from .unknown import UnknownNames


class Accepted(serializers.Serializer):
    """Base of what comes in. A field's `source` is the domain's name for it.

    `refuses` has a better sentence for fields that a client could well think of. What is done with
    unknown fields is up to the request's UnknownNames; without one they are refused.
    `needs_one_of` tells the document which fields are needed, where there are several ways: the
    rule itself stands in an action or in `validate`.
    """

    refuses: ClassVar[dict[str, str]] = {}
    needs_one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()

    def to_internal_value(self, data: Any) -> Any:
        if self.root is self:
            unknown = self.context.get("unknown") or UnknownNames()
            self.find_unknown(data, unknown)
            if unknown.refused:
                raise unknown.refusal()
        return super().to_internal_value(data)

    def find_unknown(self, data: Any, unknown: UnknownNames, where: str = "") -> None:
        """Sort out the unknown fields of an object, and of the objects that it nests."""
        if not isinstance(data, Mapping):
            return
        fields: dict[str, Any] = dict(self.fields)
        given = [name for name in data if name not in fields]
        if given:
            known = [name for name in fields if not unknown.is_lenient or self._omits(name)]
            unknown.find(given, [*known, *self.refuses], refuses=self.refuses, where=where)
        for name, field in fields.items():
            part = data.get(name)
            if isinstance(field, Accepted):
                field.find_unknown(part, unknown, f"{where}{name}.")
            elif isinstance(field, serializers.ListSerializer) and isinstance(part, list):
                item: Any = field.child
                for at, inner in enumerate(part):
                    item.find_unknown(inner, unknown, f"{where}{name}.{at}.")

    def _omits(self, name: str) -> bool:
        """Whether a field may be left out."""
        return self.root.partial or not self.fields[name].required

    def domain_names(self) -> dict[str, str]:
        """Map the domain's field names to those of this surface, for refusals of rules.

        What only a nested object has is named with where that stands: `payment.method`.
        """
        nested = {
            inner: f"{name}.{public}"
            for name, field in self.fields.items()
            if isinstance(part := getattr(field, "child", field), Accepted)
            for inner, public in part.domain_names().items()
        }
        return nested | {(field.source or name): name for name, field in self.fields.items()}


class TextField(serializers.CharField):
    """Text for a column of a model: its length, trimmed; null and "" both mean absent.

    A card number is refused, except in columns where long numbers are ordinary.
    """

    default_error_messages = {"card_number": CardNumber.message}

    def __init__(self, column: models.Field[Any, Any] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("allow_null", not kwargs["required"])
        kwargs.setdefault("allow_blank", not kwargs["required"])
        if column is not None and column.max_length:
            kwargs.setdefault("max_length", column.max_length)
        self.is_number = column is not None and column.name in NUMBERS
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None and self.allow_null:
            return True, ""
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # The document tells how long what is sent may be, not what is left of it.
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        if not self.is_number and holds_card_number(data):
            self.fail("card_number")
        return super().to_internal_value(data)


class EmailIn(TextField, serializers.EmailField):
    """An e-mail address, kept as typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.validators = [
            validate_email if isinstance(one, EmailValidator) else one for one in self.validators
        ]


class FlagIn(serializers.BooleanField):
    """True or false, and no word for either."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class WholeIn(serializers.IntegerField):
    """A whole number, and no text or fraction that could be read as one."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class RateIn(serializers.DecimalField):
    """A rate in percent, up to four places: a number, or its digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(max_digits=7, decimal_places=4, min_value=0, max_value=100, **kwargs)


class DayIn(serializers.DateField):
    """A calendar day, written 2026-01-31."""

    default_error_messages = {"invalid": "{given} is not a date. Write it as 2026-01-31."}

    def to_internal_value(self, value: Any) -> Any:
        with suppress(TypeError, ValueError):
            if day := parse_date(value):
                check_day(day)
                return day
        return self.fail("invalid", given=quoted(value))


class MomentIn(serializers.CharField):
    """A moment in RFC 3339, or a time of the company's own clocks where it has no offset."""

    default_error_messages = {
        "moment": "{given} is not a date-time. Write it as 2026-01-31T09:30:00Z."
    }
    day = r"[0-9]{4}(-[0-9]{2}){2}"
    time = r"[Tt ][0-9]{2}(:[0-9]{2}){1,2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
    written = re.compile(day + time)
    example = "2026-01-31T09:30:00Z"

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not self.written.fullmatch(data):
            self.fail("moment", given=quoted(data))
        try:
            moment = parse_datetime(data.upper()) or self.fail("moment", given=quoted(data))
            if moment.tzinfo is None:
                return moment_of(moment, self.zone)
            check_day(moment)
            return moment.astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            self.fail("moment", given=quoted(data))
        except Refusal as refusal:
            raise serializers.ValidationError(str(refusal), code=refusal.code)

    @property
    def zone(self) -> str:
        """The time zone of the company."""
        return zone_of(self.context["actor"].company_id)


class RelatedField(serializers.CharField):
    """The id of a row of the caller's own company, in either form; the row comes out.

    What is no id, an id of nothing and an id of another company's row are told alike.
    """

    default_error_messages = {"unknown": "No such object. Check the id."}

    def __init__(self, rows: Any, **kwargs: Any) -> None:
        self.found = by_id(rows)
        self.prefix: str = rows.model.id_prefix
        super().__init__(**kwargs)

    def __deepcopy__(self, memo: Any) -> RelatedField:
        # Serializers copy their fields for each request; what finds the row is compiled once.
        return copy(self)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        is_empty, value = self.validate_empty_values(data)
        return value if is_empty else self.to_internal_value(data)

    def to_internal_value(self, data: Any) -> Any:
        found, row = self.read(data), None
        if found is not None:
            row = self.found.first(company_id=self.context["actor"].company_id, id=found)
        if row is None:
            self.fail("unknown")
        return row

    def read(self, data: Any) -> UUID | None:
        """Return the id that was sent, None where it is none."""
        return read_id(self.prefix, data) if isinstance(data, str) else None


class AboveIn(RelatedField):
    """The id of what stands above in the path, in either form, said again in the body."""

    default_error_messages = {"other": "Must be the customer of the path."}

    def to_internal_value(self, data: Any) -> Any:
        found = self.read(data)
        if found is None or found != self.context["path"][self.field_name]:
            self.fail("other")
        return found


class KeysIn(serializers.Field):
    """A free-form object: up to 100 keys, 16 kB, 5 deep, of what JSON can hold."""

    default_error_messages = {
        "object": "Must be an object.",
        "size": "Too much: at most 100 keys and 16 kB.",
        "depth": "Too deep: at most 5 levels.",
        "text": "Holds a character that cannot be stored.",
        "card_number": CardNumber.message,
        "number": "Holds a number that cannot be stored.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("object")
        if len(data) > 100 or self._weigh(data, 0) > 16_384:
            self.fail("size")
        return data

    def _weigh(self, value: Any, depth: int) -> int:
        """Return about how many bytes a value takes, refusing what PostgreSQL cannot hold."""
        if depth > 5:
            self.fail("depth")
        match value:
            case dict():
                return sum(
                    self._weigh(key, depth) + self._weigh(part, depth + 1)
                    for key, part in value.items()
                )
            case list():
                return sum(self._weigh(part, depth + 1) for part in value) + 2
            case str():
                return self._weigh_text(value)
            case bool() | None:
                return 4
            case int() | float():
                if abs(value) > 2**63 or not math.isfinite(value):
                    self.fail("number")
                return 8
        raise TypeError(f"JSON has no {type(value)}.")

    def _weigh_text(self, value: str) -> int:
        try:
            encoded = value.encode()
        except UnicodeEncodeError:
            self.fail("text")
        if b"\x00" in encoded:
            self.fail("text")
        if holds_card_number(value):
            self.fail("card_number")
        return len(encoded) + 2
