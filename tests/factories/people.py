"""Companies, their staff, and what every factory goes through."""

from collections.abc import Callable
from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password

from config.access.actions import create_api_client, create_api_key, create_company
from config.access.models import ApiClient, ApiKey, Membership, Staff
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for

PASSWORD = "a long enough passphrase"


def make_company(name: str, **fields: Any) -> Company:
    """Make a company whose prices are before tax, unless it is told otherwise."""
    company = Company(name=name, **{"tax_behavior": "exclusive", **fields})
    return create_company(company, actor=Actor.command(company))


def make_api_client(company: Company, **fields: Any) -> tuple[ApiClient, str]:
    return create_api_client(ApiClient(**fields), actor=Actor.command(company))


def make_api_key(company: Company, **fields: Any) -> tuple[ApiKey, str]:
    return create_api_key(ApiKey(**fields), actor=Actor.command(company))


def act(company: Company, action: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """Do an action as somebody at work for a company."""
    with acting_for(company.id):
        return action(*given, **more, actor=Actor.command(company))


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
    """Builds through an action, for the company in `company`.

    It is called with the unsaved row; what needs more than that has an `act` of its own.
    """

    class Meta:
        abstract = True

    company: Any = None
    action: Callable[..., Any]

    @classmethod
    def _create(cls, model_class: Any, *args: Any, company: Company, **kwargs: Any) -> Any:
        with acting_for(company.id):
            return cls.act(Actor.command(company), **kwargs)

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Any:
        return cls.action(cls._meta.model(**fields), actor=actor)
