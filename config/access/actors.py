import uuid
from dataclasses import dataclass

from .models import Company, Staff


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and for which company.

    `kind` is client, key, staff or command; `credential_id` is the client, key or staff member
    behind it. `country` (ISO 3166-1) is where phone numbers without a country code are read.
    """

    kind: str
    name: str
    company_id: uuid.UUID
    country: str
    credential_id: uuid.UUID | None = None
    scopes: frozenset[str] = frozenset()

    @classmethod
    def command(cls, company: Company) -> "Actor":
        """Return the actor behind a `manage.py` command or a background job."""
        return cls("command", "manage.py", company.id, company.country)

    @classmethod
    def staff(cls, staff: Staff, company: Company) -> "Actor":
        """Return a staff member at work in a company."""
        return cls("staff", str(staff), company.id, company.country, staff.id)
