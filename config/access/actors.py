import uuid
from dataclasses import dataclass
from typing import Any

from .errors import NotAllowed
from .models import ApiClient, ApiKey, Company, Staff
from .permissions import may_change


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and for which company.

    `kind` is client, key, staff or command; `credential_id` is the client, key or staff member
    behind it, `role` what that member is in the company. `country` (ISO 3166-1) is where phone
    numbers without a country code are read.
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
        """Return the actor behind a `manage.py` command or a background job."""
        return cls("command", "manage.py", company.id, company.country)

    @classmethod
    def staff(cls, staff: Staff, company: Company, role: str | None = None) -> "Actor":
        """Return a staff member at work in a company; their role is looked up unless it is given.

        Who works there no longer has none, and is refused every change.
        """
        role = staff.role_in(company) if role is None else role
        return cls("staff", str(staff), company.id, company.country, staff.id, role=role)

    @property
    def is_staff(self) -> bool:
        return self.kind == "staff"

    def requires_match(self) -> bool:
        """Say whether this client is to change only what it has seen: as its page says."""
        kinds: dict[str, Any] = {"client": ApiClient, "key": ApiKey}
        if self.kind not in kinds:
            return False
        held = kinds[self.kind].objects.filter(pk=self.credential_id, requires_match=True)
        return held.exists()

    def check_may_change(self) -> None:
        """Raise NotAllowed for staff whose role is to look only; integrators have their scopes."""
        if self.is_staff and not may_change(self.role):
            raise NotAllowed
