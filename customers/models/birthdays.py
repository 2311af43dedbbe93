"""A birthday is text: `1990-05-04`, or `--05-04` where the year is not known (RFC 6350)."""

import datetime
import re
from collections.abc import Sequence

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

BIRTHDAY = (
    r"^([0-9]{4}|-)-"
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-9]))$"
)
NOT_A_BIRTHDAY = _(
    "Must be a day such as 1990-05-04, or --05-04 where the year is not known; got “%(value)s”."
)
# A leap year, so that `--02-29` is valid.
_ANY_YEAR = 2000


class BirthdayField(models.CharField):
    """A birthday column; migrations see a text column."""

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def in_words(self, value: str) -> str:
        """Return a stored value as staff see it."""
        return show_birthday(value)


def show_birthday(birthday: str) -> str:
    """Return a birthday such as 4 May 1990, or 4 May if the year is not known; "" for none."""
    if not re.match(BIRTHDAY, birthday):
        return birthday
    if birthday.startswith("--"):
        return date_format(datetime.date.fromisoformat(f"{_ANY_YEAR}{birthday[1:]}"), "j M")
    return date_format(datetime.date.fromisoformat(birthday))


def read_birthday(typed: str) -> str | None:
    """Return the stored form of a birthday typed by staff; None if it is invalid."""
    text = " ".join(typed.replace(",", " ").replace(".", " ").split())
    if not text or re.match(BIRTHDAY, text):
        return text
    for form in ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y"):
        for year, keeps in (("", True), (f" {_ANY_YEAR}", False)):
            try:
                day = datetime.datetime.strptime(text + year, form).date()
            except ValueError:
                continue
            return day.isoformat() if keeps else f"-{day.isoformat()[4:]}"
    return None
