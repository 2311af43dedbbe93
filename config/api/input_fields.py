"""Input fields of serializers; they take their limits from models."""

from __future__ import annotations

import datetime
import math
import re
from contextlib import suppress
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework import serializers

from config.card_numbers import NUMBERS, CardNumber, holds_card_number
from config.emails import validate_email
from config.errors import Refusal
from config.tenancy.days import moment_of, zone_of
from config.times import check_day

from .input_objects import Accepted as Accepted
from .problems import one_of, quoted
from .related_fields import AboveIn as AboveIn
from .related_fields import RelatedField as RelatedField


class TextField(serializers.CharField):
    """Text for a column of a model, trimmed; null and "" both mean absent.

    Card numbers are refused, except in the columns NUMBERS, where long numbers are normal.
    """

    default_error_messages = {
        "card_number": CardNumber.message,
        "invalid": "Must be text; got {given}.",
        "max_length": "Must have at most {max_length:,} characters; got {length:,}.",
        "null": "Must not be null. Send text.",
        "blank": "Must not be blank. Send text.",
    }

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
            self.fail("invalid", given=quoted(data))
        # Check the length before trimming, as the documented maxLength does.
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length, length=len(data))
        if not self.is_number and holds_card_number(data):
            self.fail("card_number")
        return super().to_internal_value(data)


class EmailIn(TextField, serializers.EmailField):
    """An e-mail address, stored as sent."""

    default_error_messages = {
        "email": "Must be an e-mail address such as ann@example.com; got {given}."
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.validators = [
            self._check if isinstance(one, EmailValidator) else one for one in self.validators
        ]

    def _check(self, value: str) -> None:
        try:
            validate_email(value)
        except ValidationError:
            self.fail("email", given=quoted(value))


class FlagIn(serializers.BooleanField):
    """A JSON boolean; texts such as "true" are refused."""

    default_error_messages = {
        "invalid": "Must be true or false; got {given}.",
        "null": "Must be true or false; got “null”.",
    }

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", given=quoted(data))
        return data


class WholeIn(serializers.IntegerField):
    """A JSON integer; texts and fractions are refused."""

    default_error_messages = {
        "invalid": "Must be {allowed}; got {given}.",
        "null": "Must be a whole number; got “null”.",
    }

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) and not isinstance(data, bool)
        if not is_whole or not self._least <= data <= self._most:
            self.fail("invalid", allowed=self._allowed(), given=quoted(data))
        return data

    @property
    def _least(self) -> float:
        return -math.inf if self.min_value is None else self.min_value

    @property
    def _most(self) -> float:
        return math.inf if self.max_value is None else self.max_value

    def _allowed(self) -> str:
        if self.min_value is None or self.max_value is None:
            return "a whole number"
        return f"a whole number from {self.min_value:,} to {self.max_value:,}"


class RateIn(serializers.DecimalField):
    """A rate in percent with up to four decimal places, as a number or a text of digits."""

    default_error_messages = {
        "rate": "Must be a number from 0 to 100 with up to four decimal places; got {given}."
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(max_digits=7, decimal_places=4, min_value=0, max_value=100, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        try:
            return super().run_validation(data)
        except serializers.ValidationError:
            if data is serializers.empty:
                raise
            self.fail("rate", given=quoted(data))


class ChoiceIn(serializers.ChoiceField):
    """One of a few words."""

    default_error_messages = {
        "invalid_choice": "Must be {allowed}; got {given}.",
        "null": "Must be {allowed}; got “null”.",
    }

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        given = quoted(kwargs.get("input"))
        super().fail(key, allowed=one_of(self.choices), given=given)


class ListIn(serializers.ListField):
    """A list of values."""

    default_error_messages = {
        "not_a_list": "Must be a list; got {given}.",
        "null": "Must be a list; got “null”.",
        "max_length": "Must have at most {max_length:,} entries; got {length:,}.",
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            self.fail("not_a_list", given=quoted(data))
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length, length=len(data))
        return super().to_internal_value(data)


class DayIn(serializers.DateField):
    """A calendar day, written 2026-01-31."""

    default_error_messages = {"invalid": "Must be a date such as 2026-01-31; got {given}."}

    def to_internal_value(self, value: Any) -> Any:
        with suppress(TypeError, ValueError):
            if day := parse_date(value):
                check_day(day)
                return day
        return self.fail("invalid", given=quoted(value))


class MomentIn(serializers.CharField):
    """A moment in RFC 3339; without an offset it is in the company's time zone."""

    default_error_messages = {
        "moment": "Must be a date-time such as 2026-01-31T09:30:00Z; got {given}."
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


class KeysIn(serializers.Field):
    """A free-form JSON object of up to 100 keys, 16 kB and 5 levels."""

    default_error_messages = {
        "object": "Must be an object; got {given}.",
        "null": "Must be an object; got “null”.",
        "size": "Must have at most 100 keys and 16 kB in all. Send less.",
        "depth": "Must be at most 5 levels deep. Send a flatter object.",
        "text": "Must not contain null characters or lone surrogates. Remove them.",
        "card_number": CardNumber.message,
        "number": "Must hold numbers from -2^63 to 2^63 only; got {given}.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("object", given=quoted(data))
        if len(data) > 100 or self._weigh(data, 0) > 16_384:
            self.fail("size")
        return data

    def _weigh(self, value: Any, depth: int) -> int:
        """Return the approximate size in bytes; refuse values that PostgreSQL cannot store."""
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
                    self.fail("number", given=quoted(value))
                return self._weigh_text(f"{value:.0f}")
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
