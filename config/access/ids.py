"""Identifiers: UUIDv7 inside, a prefix and the same 128 bits outside."""

import re
import uuid

import uuid_utils.compat

_DIGITS = re.compile(r"[0-9a-f]{32}\Z")


def new_id() -> uuid.UUID:
    """Return a fresh UUIDv7: later ids sort after earlier ones, to the millisecond."""
    return uuid_utils.compat.uuid7()


def show_id(prefix: str, value: uuid.UUID) -> str:
    """Return the public form of an id, `cust_` and 32 hexadecimal digits for instance."""
    return f"{prefix}{value.hex}"


def read_id(prefix: str, text: str) -> uuid.UUID | None:
    """Return the id behind a prefixed or a bare form of it, None for anything else."""
    digits = text.removeprefix(prefix) if prefix else text
    digits = digits.lower()
    if len(digits) == 36 and [digits[i] for i in (8, 13, 18, 23)] == ["-"] * 4:
        digits = digits.replace("-", "")
    return uuid.UUID(digits) if _DIGITS.match(digits) else None
