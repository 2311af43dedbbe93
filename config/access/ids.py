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


def id_pattern(prefix: str) -> str:
    """Return what an id that callers may write looks like, in either of its forms."""
    digits = "[0-9A-Fa-f]"
    uuid = f"{digits}{{8}}(-{digits}{{4}}){{3}}-{digits}{{12}}"
    return f"^({prefix})?({digits}{{32}}|{uuid})$"


def read_id(prefix: str, text: str) -> uuid.UUID | None:
    """Return the id behind a prefixed or a bare form of it, None for anything else."""
    digits = text.removeprefix(prefix) if prefix else text
    digits = digits.lower()
    if len(digits) == 36 and [digits[i] for i in (8, 13, 18, 23)] == ["-"] * 4:
        digits = digits.replace("-", "")
    return uuid.UUID(digits) if _DIGITS.match(digits) else None
