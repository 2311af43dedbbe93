"""The one way in which the embedded database refuses."""

from __future__ import annotations


class Unavailable(Exception):
    """One clear sentence: why the database cannot start and what to do."""

    @classmethod
    def because(cls, why: str, *, do: str) -> Unavailable:
        """Word a refusal: every one of them ends with the same way out."""
        return cls(
            f"{why.strip().rstrip('.')}. {do}, or set DATABASE_URL and DATABASE_OWNER_URL "
            "to a server of your own."
        )
