"""Names, addresses, phone numbers and e-mail addresses of sample people, country by country."""

import random
import tomllib
import unicodedata
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from customers.phones import ReadPhone, read_phone

_CODES_PER_CITY = 40
# Letters that do not look like digits, for postal codes.
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "'": "", " ": ""})
_PHONES = 5000


class Name(NamedTuple):
    """A name, and its form in an e-mail address."""

    text: str
    slug: str


class City(NamedTuple):
    """A city and its postal codes, which are the same in every run, because zones name them."""

    name: str
    state: str
    codes: list[str]


class Nation:
    """One country of nations.toml; `form` is its entry there."""

    def __init__(self, code: str, form: dict[str, Any]) -> None:
        self.code, self.form = code, form
        self.has_two_last_names = form.get("has_two_last_names", False)

    @cached_property
    def first_names(self) -> list[Name]:
        return _names(self.form["first"])

    @cached_property
    def last_names(self) -> list[Name]:
        return _names(self.form["last"])

    @cached_property
    def cities(self) -> list[City]:
        return [City(name, state, _codes(name, form)) for name, state, form in self.form["cities"]]

    @cached_property
    def phones(self) -> list[str]:
        """Telephone numbers as people type them."""
        draw = random.Random(f"{self.code} phones")  # noqa: S311
        return [fill(draw.choice(self.form["phones"]), draw) for _ in range(_PHONES)]


_DATA = tomllib.loads(Path(__file__).with_name("nations.toml").read_text(encoding="utf-8"))
NATIONS = {code: Nation(code, form) for code, form in _DATA.items()}


def nation_of(country: str) -> Nation:
    """Return the nation of an ISO 3166-1 code; Britain if the country has no entry."""
    return NATIONS.get(country, NATIONS["GB"])


def fill(form: str, draw: random.Random) -> str:
    """Replace each `#` of a form by a random digit, and each `@` by a random letter."""
    marks = {"#": "0123456789", "@": _LETTERS}
    return "".join(draw.choice(marks[mark]) if mark in marks else mark for mark in form)


@cache
def read(typed: str, *countries: str) -> ReadPhone:
    """Parse a telephone number as saving the customer would; cached, because numbers recur."""
    return read_phone(typed, list(countries))


def _names(text: str) -> list[Name]:
    return [Name(name, _slug(name)) for name in (one.replace("_", " ") for one in text.split())]


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_FOLDED))
    return "".join(letter for letter in plain if letter.isascii())


def _codes(city: str, form: str) -> list[str]:
    draw = random.Random(city)  # noqa: S311
    return sorted({fill(form, draw) for _ in range(_CODES_PER_CITY)})
