"""Companies, staff, API clients and API keys in the back-office."""

from . import companies, credentials, staff

__all__ = ["companies", "credentials", "staff"]
