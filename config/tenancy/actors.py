import uuid
from dataclasses import dataclass

from .companies import Company
from .errors import NotAllowed
from .permissions import may_change


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a request or of background work, and its company.

    `kind` is client, key, staff or command. `credential_id` is the id of the client, key or staff
    member, `role` the role of a staff member in the company. `country` (ISO 3166-1) is the country
    of phone numbers without a country code.
    """

    kind: str
    name: str
    company_id: uuid.UUID
    country: str
    credential_id: uuid.UUID | None = None
    scopes: frozenset[str] = frozenset()
    role: str = ""

    @classmethod
    def command(cls, company: Company) -> "Actor":
        """Return the actor of a `manage.py` command or a background job."""
        return cls("command", "manage.py", company.id, company.country)

    @classmethod
    def operator(cls) -> "Actor":
        """Return the actor of a command without a company; it sees no rows of companies."""
        return cls("command", "manage.py", uuid.UUID(int=0), "")

    @property
    def is_staff(self) -> bool:
        return self.kind == "staff"

    def check_may_change(self) -> None:
        """Raise NotAllowed for staff with a read-only role; integrators are limited by scopes."""
        if self.is_staff and not may_change(self.role):
            raise NotAllowed
