"""Form fields that parse and validate query parameters."""

import datetime
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime

from config.tenancy.ids import read_id
from config.times import FIRST_DAY, LAST_DAY

from .problems import one_of, quoted


def _bounded(day: datetime.date) -> datetime.date:
    """Return the nearest storable day: a bound beyond all rows then still works."""
    return min(max(day, FIRST_DAY), LAST_DAY)


class ExactField(forms.CharField):
    """Text that is not trimmed: only an empty parameter counts as absent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, strip=False, **kwargs)

    def clean(self, value: Any) -> Any:
        if self.max_length is not None and len(value or "") > self.max_length:
            raise ValidationError(
                f"Must have at most {self.max_length:,} characters; got {len(value):,}."
            )
        return super().clean(value)


class InstantField(ExactField):
    """A moment in RFC 3339; a date means its midnight, and without an offset it is in UTC."""

    def clean(self, value: Any) -> datetime.datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            moment = parse_datetime(text.replace(" ", "+")) or self._midnight(text)
            if moment.date() != (day := _bounded(moment.date())):
                return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)
            return moment.replace(tzinfo=moment.tzinfo or datetime.UTC).astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            raise ValidationError(
                f"Must be a date-time such as 2026-01-31T09:30:00Z; got {quoted(text)}."
            )

    def _midnight(self, text: str) -> datetime.datetime:
        day = parse_date(text)
        if day is None:
            raise ValueError(text)
        return datetime.datetime.combine(day, datetime.time())


class IdField(ExactField):
    """An id in either of its forms, with a prefix or as a bare UUID."""

    def __init__(self, *args: Any, prefix: str = "", **kwargs: Any) -> None:
        self.prefix = prefix
        super().__init__(*args, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = read_id(self.prefix, text)
        if found is None:
            raise ValidationError(f"Must be an id as an answer shows it; got {quoted(text)}.")
        return found


class DayField(ExactField):
    """A calendar day, written 2026-01-31."""

    def clean(self, value: Any) -> datetime.date | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            raise ValidationError(f"Must be a date such as 2026-01-31; got {quoted(text)}.")
        return _bounded(day)


class WholeField(ExactField):
    """A whole number of up to 15 digits."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,15}", text):
            raise ValidationError(f"Must be a whole number of up to 15 digits; got {quoted(text)}.")
        return int(text)


class WordsField(ExactField):
    """Search words; the length is checked before they are trimmed."""

    def clean(self, value: Any) -> str:
        return super().clean(value).strip()


class WholeTextField(WordsField):
    """Trimmed text; white space alone is refused."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if value and not text:
            raise ValidationError(f"Must not be white space alone; got {quoted(value)}.")
        return text


class TrueOrFalse(forms.Field):
    """`true`, `false`, `1` or `0`, in any case."""

    words = {"true": True, "1": True, "false": False, "0": False}

    def clean(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        try:
            return self.words[value.lower()]
        except KeyError:
            raise ValidationError(f"Must be true or false; got {quoted(value)}.")


class ChoiceField(ExactField):
    """One of a few words."""

    def __init__(self, *args: Any, words: Sequence[str], **kwargs: Any) -> None:
        self.words = words
        super().__init__(*args, **kwargs)

    def clean(self, value: Any) -> Any:
        if value and value not in self.words:
            raise ValidationError(f"Must be {one_of(self.words)}; got {quoted(value)}.")
        return super().clean(value)
