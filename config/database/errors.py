"""The error of the embedded database."""

from __future__ import annotations


class Unavailable(Exception):
    """The database cannot start; the message says why, and what to do."""

    @classmethod
    def because(cls, why: str, *, do: str) -> Unavailable:
        """Return the error; every message ends with the same alternative, a server of your own."""
        return cls(
            f"{why.strip().rstrip('.')}. {do}, or set DATABASE_URL and DATABASE_OWNER_URL "
            "to a server of your own."
        )
