"""Ids: UUIDv7 in the database; in the API a prefix and the same 128 bits in hexadecimal."""

import re
import uuid

import uuid_utils.compat

_DIGITS = re.compile(r"[0-9a-f]{32}\Z")


class Prefix(str):
    """The prefix of public ids. `same` has all prefixes for ids of the same model."""

    same: tuple[str, ...]


def same_row(*prefixes: str) -> tuple[Prefix, ...]:
    """Return prefixes for ids of one model; ids with any of them are interchangeable."""
    made = tuple(map(Prefix, prefixes))
    for prefix in made:
        prefix.same = prefixes
    return made


def new_id() -> uuid.UUID:
    """Return a new UUIDv7; ids sort by the time of creation, to the millisecond."""
    return uuid_utils.compat.uuid7()


def show_id(prefix: str, value: uuid.UUID) -> str:
    """Return the public form of an id, such as `cust_` and 32 hexadecimal digits."""
    return f"{prefix}{value.hex}"


def id_pattern(prefix: str) -> str:
    """Return a regular expression for ids in requests: with the prefix, or a bare UUID."""
    digits = "[0-9A-Fa-f]"
    uuid = f"{digits}{{8}}(-{digits}{{4}}){{3}}-{digits}{{12}}"
    prefixes = "|".join(map(_in_any_case, getattr(prefix, "same", (prefix,))))
    return f"^({prefixes})?({digits}{{32}}|{uuid})$"


def read_id(prefix: str, text: str) -> uuid.UUID | None:
    """Parse an id in any case, with or without its prefix; return None if it is invalid."""
    digits = text.lower()
    for one in getattr(prefix, "same", (prefix,)):
        if digits.startswith(one):
            digits = digits[len(one) :]
            break
    if len(digits) == 36 and [digits[i] for i in (8, 13, 18, 23)] == ["-"] * 4:
        digits = digits.replace("-", "")
    return uuid.UUID(digits) if _DIGITS.match(digits) else None


def _in_any_case(prefix: str) -> str:
    return "".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in prefix)
