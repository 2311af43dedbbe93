"""Phone numbers: stored as typed, and parsed only if the result is certain."""

from typing import NamedTuple

import phonenumbers


class ReadPhone(NamedTuple):
    """A number in E.164 and its national digits, both "" if it could not be read."""

    e164: str = ""
    national: str = ""


def read_phone(typed: str, countries: list[str]) -> ReadPhone:
    """Read a number with `+` if it is possible, else in the first country where it is valid.

    `countries` are ISO 3166-1 codes. Reading more would give wrong numbers: (5) 555-4729 is valid
    in Mexico but not in Britain.
    """
    number = _read(typed, countries)
    return _write(number) if number else ReadPhone()


def is_same_phone(one: str, other: str, countries: list[str]) -> bool:
    """Return whether two typed numbers read as the same number with the same extension."""
    first, second = _read(one, countries), _read(other, countries)
    return first is not None and first == second


def phone_key(typed: str, countries: list[str]) -> str:
    """Return a key that is equal for two typed numbers exactly if `is_same_phone` is true.

    Returns "" if the number cannot be read.
    """
    number = _read(typed, countries)
    return repr(number) if number else ""


def _read(typed: str, countries: list[str]) -> phonenumbers.PhoneNumber | None:
    if typed.strip().startswith("+"):
        number = _parse(typed, None)
        return number if number and phonenumbers.is_possible_number(number) else None
    for country in countries:
        number = _parse(typed, country)
        if number and phonenumbers.is_valid_number_for_region(number, country):
            return number
    return None


def _parse(typed: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None


def _write(number: phonenumbers.PhoneNumber) -> ReadPhone:
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ReadPhone(e164, phonenumbers.national_significant_number(number))
