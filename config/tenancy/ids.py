"""Identifiers: UUIDv7 inside, a prefix and the same 128 bits outside."""

import re
import uuid

import uuid_utils.compat

_DIGITS = re.compile(r"[0-9a-f]{32}\Z")


class Prefix(str):
    """How public ids begin. `same` has every prefix of ids of the same kind of row."""

    same: tuple[str, ...]


def same_row(*prefixes: str) -> tuple[Prefix, ...]:
    """Return prefixes of one kind of row: an id with one is read wherever another is shown."""
    made = tuple(map(Prefix, prefixes))
    for prefix in made:
        prefix.same = prefixes
    return made


def new_id() -> uuid.UUID:
    """Return a fresh UUIDv7: later ids sort after earlier ones, to the millisecond."""
    return uuid_utils.compat.uuid7()


def show_id(prefix: str, value: uuid.UUID) -> str:
    """Return the public form of an id, `cust_` and 32 hexadecimal digits for instance."""
    return f"{prefix}{value.hex}"


def id_pattern(prefix: str) -> str:
    """Return what an id that callers may write looks like, in either of its forms."""
    digits = "[0-9A-Fa-f]"
    uuid = f"{digits}{{8}}(-{digits}{{4}}){{3}}-{digits}{{12}}"
    prefixes = "|".join(map(_in_any_case, getattr(prefix, "same", (prefix,))))
    return f"^({prefixes})?({digits}{{32}}|{uuid})$"


def read_id(prefix: str, text: str) -> uuid.UUID | None:
    """Return the id behind a form of it, in any case and with or without a prefix; else None."""
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
