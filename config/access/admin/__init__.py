"""Companies, staff, API clients and API keys in the back-office."""

from . import companies, credentials, data_exports, memberships, requests, staff
