"""What people of a country are called, where they live and how they are reached."""

import random
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from customers.phones import read_phone

_CODES_OF_A_CITY = 40
# No postal code has letters that look like digits.
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "'": "", " ": ""})


@dataclass(frozen=True)
class City:
    """A city with its postal codes."""

    name: str
    state: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Phone:
    """A number as it was typed, and as it was read."""

    typed: str
    e164: str
    national: str


@dataclass(frozen=True)
class Name:
    """A name, and how it stands in an e-mail address."""

    text: str
    slug: str


@dataclass(frozen=True)
class Nation:
    """One country. In forms, `#` stands for a digit and `@` for a letter.

    `address` says where the number of the house stands. Telephone numbers are from the ranges that
    the country keeps for fiction or, where it has none, from those that it has given to nobody.
    """

    code: str
    typed: tuple[str, ...]
    first: str
    last: str
    cities: tuple[tuple[str, str, str], ...]
    streets: tuple[str, ...]
    address: str
    flats: tuple[str, ...]
    phones: tuple[str, ...]
    organisations: tuple[str, ...]
    suffix: str
    tax_number: str
    tax_rate: int
    has_two_last_names: bool = False

    @cached_property
    def first_names(self) -> list[Name]:
        return _names(self.first)

    @cached_property
    def last_names(self) -> list[Name]:
        return _names(self.last)

    @cached_property
    def places(self) -> list[City]:
        """The cities, each with the same few codes at every run: zones name them."""
        return [City(name, state, _codes(name, form)) for name, state, form in self.cities]

    def numbers(self, home: str, count: int) -> list[Phone]:
        """Return telephone numbers as customers of a company in the country `home` have them."""
        draw = random.Random(f"{self.code} phones")  # noqa: S311
        typed = (fill(draw.choice(self.phones), draw) for _ in range(count))
        return [Phone(one, *read_phone(one, [self.code, home])) for one in typed]


def fill(form: str, draw: random.Random) -> str:
    """Return a form with digits and letters in place of its marks."""
    for mark, among in (("#", "0123456789"), ("@", _LETTERS)):
        while mark in form:
            form = form.replace(mark, draw.choice(among), 1)
    return form


def _names(text: str) -> list[Name]:
    return [Name(one.replace("_", " "), _slug(one.replace("_", " "))) for one in text.split()]


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_FOLDED))
    return "".join(letter for letter in plain if letter.isascii())


def _codes(city: str, form: str) -> tuple[str, ...]:
    draw = random.Random(city)  # noqa: S311
    return tuple(sorted({fill(form, draw) for _ in range(_CODES_OF_A_CITY)}))
