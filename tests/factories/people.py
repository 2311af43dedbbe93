"""Companies, their staff, and what every factory goes through."""

from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password

from config.access.actions import create_company
from config.access.actors import Actor
from config.access.models import Company, Membership, Staff
from config.access.permissions import Role
from config.access.tenancy import acting_for

PASSWORD = "a long enough passphrase"


def make_company(name: str, **fields: Any) -> Company:
    return create_company(Company(name=name, **fields))


@cache
def _hashed() -> str:
    """Hashing a password is slow on purpose; one hash does for every staff member."""
    return make_password(PASSWORD)


def make_staff(
    *companies: Company, email: str, role: str = Role.OWNER, superuser: bool = False
) -> Staff:
    """Make a staff member with PASSWORD who works for the companies."""
    staff = Staff(email=email, first_name="Olive", last_name="Owner", is_superuser=superuser)
    staff.password = _hashed()
    staff.save()
    for company in companies:
        Membership.objects.create(staff=staff, company=company, role=role)
    return staff


class Through(factory.Factory):
    """Builds through an action, for the company in `company`."""

    class Meta:
        abstract = True

    company: Any = None

    @classmethod
    def _create(cls, model_class: Any, *args: Any, company: Company, **kwargs: Any) -> Any:
        with acting_for(company.id):
            return cls.act(Actor.command(company), **kwargs)

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Any:
        raise TypeError(f"{cls.__name__} names no action.")
