"""The addresses of a row, including whole addresses in a single cell.

>>> read_whole("9 Oak Ave  Apt 2  Austin  TX  78701  US", "")["postal_code"]
'78701'
>>> sorted(read_whole("1 High St\\nLeeds\\nLS1 1AA", "").items())
[('city', 'Leeds'), ('postal_code', 'LS1 1AA'), ('street', '1 High St')]
>>> read_whole("4581 Finch St. Bayshore CA  94326", "")
{}
"""

import re
from collections.abc import Mapping

from ..countries import country_code
from .columns import GROUP_ORDER

PARTS = ("street", "sub_premise", "city", "state", "postal_code", "country")
_LONGEST = 500
_SUBSTANCE = ("street", "sub_premise", "city", "state", "postal_code")
_BORDER = re.compile(r"\s*\n\s*|\s{2,}")
_POSTAL_CODE = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{5}(?:-\d{4})?|\d{4} ?[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
    r"|[A-Z]{1,2}-\d{4,5}|\d{4}|\d{3}[- ]?\d{2,4}|\d{2}-\d{3}",
    re.IGNORECASE,
)
_CODE_AND_CITY = re.compile(r"(?:[A-Z]{1,2}-)?(\d{4,5}) ([^\d,]+)\Z")
_CITY_STATE_CODE = re.compile(r"([^\d,]+), ?([A-Z]{2}) (\d{5}(?:-\d{4})?)\Z")
_STATE = re.compile(r"[A-Z]{2,3}\Z")
_UNIT = re.compile(r"(?:apt|suite|ste|unit|flat|floor|fl|#)\b.*\d|#\d", re.IGNORECASE)


def in_order(groups: Mapping[str, dict[str, str]]) -> list[tuple[str, dict[str, str]]]:
    """Return the addresses that have data, without repeats, the default one first.

    A country alone counts as an address only if there is no other.
    """
    ordered = sorted(groups.items(), key=lambda one: GROUP_ORDER.get(one[0], 99))
    found: list[tuple[str, dict[str, str]]] = []
    for group, parts in ordered:
        if any(name in parts for name in _SUBSTANCE) and not _is_there(parts, found):
            found.append((group, parts))
    if found and found[0][0] != "" and "country" in groups.get("", {}):
        found[0][1].setdefault("country", groups[""]["country"])
    return found or [(group, parts) for group, parts in ordered if parts][:1]


def read_whole(text: str, country: str) -> dict[str, str]:
    """Return the parts of a whole address, split at line breaks or double spaces.

    Returns {} if no postal code can be recognised. `country` is the country of the row.
    """
    if len(text) > _LONGEST:
        return {}
    lines = [line.strip(" ,") for line in _BORDER.split(text.strip()) if line.strip(" ,")]
    if len(lines) < 3 and "\n" not in text:
        return {}
    found: dict[str, str] = {}
    if len(lines) > 2 and not country and country_code(lines[-1]):
        found["country"] = lines.pop()
    if not _read_end(lines, found):
        return {}
    if lines and "city" not in found:
        found["city"] = lines.pop()
    if not lines:
        return {}
    if len(lines) > 1 and _UNIT.match(lines[-1]):
        found["sub_premise"] = lines.pop()
    return {"street": ", ".join(lines), **found}


def _read_end(lines: list[str], found: dict[str, str]) -> bool:
    """Take postal code, state and city from the last lines; False if there is no postal code."""
    last = lines[-1] if lines else ""
    if one := _CITY_STATE_CODE.match(last):
        found |= {"city": one[1].strip(), "state": one[2], "postal_code": one[3]}
    elif one := _CODE_AND_CITY.match(last):
        found |= {"postal_code": one[1], "city": one[2].strip()}
    elif _POSTAL_CODE.fullmatch(last):
        found["postal_code"] = last
    else:
        return False
    lines.pop()
    if "city" not in found and len(lines) > 2 and _STATE.match(lines[-1]):
        found["state"] = lines.pop()
    return True


def split_city(text: str) -> dict[str, str]:
    """Return the city and the postal code of a cell that has both, else {}.

    >>> split_city("01067 Dresden"), split_city("Leeds")
    ({'postal_code': '01067', 'city': 'Dresden'}, {})
    """
    found: dict[str, str] = {}
    if one := _CITY_STATE_CODE.match(text):
        found = {"city": one[1].strip(), "state": one[2], "postal_code": one[3]}
    elif one := _CODE_AND_CITY.match(text):
        found = {"postal_code": one[1], "city": one[2].strip()}
    return found


def repeats(text: str, parts: Mapping[str, str]) -> bool:
    """Whether all words of a whole address occur in its parts.

    >>> repeats("7 Kings Rd\\nLeeds\\nLS1 1AA", {"street": "7 Kings Rd", "city": "LEEDS LS1 1AA"})
    True
    """
    known = set(_words(" ".join(parts.values())))
    return all(word in known for word in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _is_there(parts: dict[str, str], found: list[tuple[str, dict[str, str]]]) -> bool:
    """Whether an earlier address has all the parts of this one."""
    return any(
        all(other.get(name, "").casefold() == parts[name].casefold() for name in parts)
        for _group, other in found
    )
