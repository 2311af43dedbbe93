"""Companies, staff, API clients and API keys in the back-office."""

from . import companies, credentials, memberships, requests, staff
