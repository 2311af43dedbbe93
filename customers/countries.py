"""Country names as people type them."""

from functools import cache

from babel import Locale

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "da", "sv", "nb", "fi", "hu")

# Names that people use and that no language's list of countries has.
OTHER_NAMES = {
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "united states of america": "US",
    "uk": "GB",
    "u.k.": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "czech republic": "CZ",
    "holland": "NL",
    "the netherlands": "NL",
    "turkey": "TR",
    "uae": "AE",
    "republic of ireland": "IE",
    "eire": "IE",
}


def country_code(typed: str) -> str | None:
    """Return the ISO 3166-1 code of a country given by code or name, None if it is unknown."""
    return _names().get(typed.strip().casefold())


def dialling_countries(typed: str, own: str) -> list[str]:
    """Return the countries whose phone numbers may be typed without `+`, as ISO 3166-1 codes.

    `typed` is the country of an address, `own` the code of the company's country.
    """
    return [code for code in (country_code(typed), own) if code]


@cache
def _names() -> dict[str, str]:
    names = dict(OTHER_NAMES)
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(code.casefold(), code)
                names.setdefault(name.casefold(), code)
    return names
