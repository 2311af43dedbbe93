"""Birthdays in several formats, if the order of day and month is clear.

>>> read_birthday("1988-02-29"), read_birthday("13/04/1990"), read_birthday("06/21")
('1988-02-29', '1990-04-13', '--06-21')
>>> read_birthday("4 March 1990"), read_birthday("04.03.1990"), read_birthday("--02-29")
('1990-03-04', '1990-03-04', '--02-29')
>>> read_birthday("03/04/1990", DAY_FIRST), read_birthday("03/04/1990", MONTH_FIRST)
('1990-04-03', '1990-03-04')
"""

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext as _

# The fields for a column of birthdays: order by each date, day first, or month first.
DAY_FIRST, MONTH_FIRST = "birthday_day_first", "birthday_month_first"
BIRTHDAYS = ("birthday", DAY_FIRST, MONTH_FIRST)

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ].*)?\Z")
_ONLY_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T ].*)?\Z")
_NO_YEAR = re.compile(r"--(\d\d)-?(\d\d)\Z")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})(?:\2\s?(\d{4}))?\.?(?: 0?0:00(?::00)?)?\Z")
_DAY_WORD = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|º|°)?[. -]*(?:de |of )?([^\W\d]{3,})\.?,?"
    r"(?:[ -]+(?:de )?(\d{4}))?\Z"
)
_WORD_DAY = re.compile(r"([^\W\d]{3,})\.?[ -]+(\d{1,2})(?:st|nd|rd|th)?(?:,?[ -]+(\d{4}))?\Z")
# Years that systems write for an unknown year.
_NO_YEARS = (0, 1, 1604, 1896, 1900, 1904)
_LONGEST = 60
# Any leap year.
_LEAP = 2000

# The beginnings of month names in seven languages, without accents.
_MONTHS = {
    begin: number
    for number, begins in enumerate(
        (
            "jan janv gen ene", "feb fev fevr febr", "mar marz maerz mars maa mrt",
            "apr avr abr", "may mai mag mei maio", "jun juin giu", "jul juil lug",
            "aug aou ago", "sep sept set", "oct okt ott out", "nov", "dec dez dic",
        ),
        start=1,
    )
    for begin in begins.split()
}  # fmt: skip


class UnclearBirthday(ValueError):
    """A date whose day and month cannot be distinguished, or text that is not a date."""


def read_birthday(text: str, field: str = "birthday") -> str:
    """Return a birthday as `YYYY-MM-DD`, or `--MM-DD` if the year is not known.

    `field` gives the order of an ambiguous date such as 03/04/1990. Raises UnclearBirthday for an
    ambiguous date without an order, and for text that is not a date.
    """
    if len(text) > _LONGEST:
        raise UnclearBirthday(_("“%(text)s” is no date such as 1990-04-13.") % {"text": text[:40]})
    if found := _YEAR_FIRST.match(text):
        return _written(text, int(found[1]), int(found[3]), int(found[4]))
    if found := _ONLY_DIGITS.match(text):
        return _written(text, int(found[1]), int(found[2]), int(found[3]))
    if found := _NO_YEAR.match(text):
        return _written(text, 0, int(found[1]), int(found[2]))
    if found := _YEAR_LAST.match(text):
        return _in_order(text, found[2], int(found[1]), int(found[3]), int(found[4] or 0), field)
    key = _fold(text)
    if found := _DAY_WORD.match(key):
        return _written(text, int(found[3] or 0), _month(text, found[2]), int(found[1]))
    if found := _WORD_DAY.match(key):
        return _written(text, int(found[3] or 0), _month(text, found[1]), int(found[2]))
    raise UnclearBirthday(_("“%(text)s” is no date such as 1990-04-13.") % {"text": text[:40]})


def find_order(text: str) -> str | None:
    """Return the order of a date: DAY_FIRST, MONTH_FIRST, or "" if it is ambiguous.

    Returns None for a date that says nothing about the order in its column, and for other text.

    >>> find_order("25/12/1990"), find_order("03/04/1990"), find_order("1990-12-25")
    ('birthday_day_first', '', None)
    """
    found = _YEAR_LAST.match(text) if len(text) <= _LONGEST else None
    if found is None or found[2] == "." or found[1] == found[3]:
        return None
    first, second = int(found[1]), int(found[3])
    if max(first, second) <= 12:
        return ""
    return None if min(first, second) > 12 else (DAY_FIRST if first > 12 else MONTH_FIRST)


def _in_order(text: str, mark: str, first: int, second: int, year: int, field: str) -> str:
    """Read a date that ends with its year; with dots, the day comes first."""
    if mark == "." or first > 12:
        return _written(text, year, second, first)
    if second > 12 or first == second:
        return _written(text, year, first, second)
    if field != "birthday":
        month, day = (second, first) if field == DAY_FIRST else (first, second)
        return _written(text, year, month, day)
    raise UnclearBirthday(
        _("“%(text)s” can be two days: write it as year-month-day, such as 1990-04-13.")
        % {"text": text}
    )


def _month(text: str, word: str) -> int:
    for size in (5, 4, 3):
        if number := _MONTHS.get(word[:size]):
            return number
    raise UnclearBirthday(_("“%(text)s” is no date such as 1990-04-13.") % {"text": text[:40]})


def _written(text: str, year: int, month: int, day: int) -> str:
    is_known = year not in _NO_YEARS
    try:
        date(year if is_known else _LEAP, month, day)
    except ValueError:
        raise UnclearBirthday(_("“%(text)s” is no day of the calendar.") % {"text": text[:40]})
    return f"{year:04}-{month:02}-{day:02}" if is_known else f"--{month:02}-{day:02}"


def _fold(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().strip())
    return "".join(one for one in letters if not unicodedata.combining(one))
