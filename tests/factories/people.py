"""Factories of companies and staff, and the base class of all factories."""

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
    """Make a company, whose prices exclude tax by default."""
    company = Company(name=name, **{"tax_behavior": "exclusive", **fields})
    return create_company(company, actor=Actor.command(company))


def make_api_client(company: Company, **fields: Any) -> tuple[ApiClient, str]:
    return create_api_client(ApiClient(**fields), actor=Actor.command(company))


def make_api_key(company: Company, **fields: Any) -> tuple[ApiKey, str]:
    return create_api_key(ApiKey(**fields), actor=Actor.command(company))


def act(company: Company, action: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """Call an action on behalf of a company."""
    with acting_for(company.id):
        return action(*given, **more, actor=Actor.command(company))


@cache
def _hashed() -> str:
    """Return the hash of PASSWORD, computed once: hashing a password is slow on purpose."""
    return make_password(PASSWORD)


def make_staff(
    *companies: Company, email: str, role: str = Role.OWNER, superuser: bool = False
) -> Staff:
    """Make a staff member with PASSWORD, who is a member of the companies."""
    staff = Staff(email=email, first_name="Olive", last_name="Owner", is_superuser=superuser)
    staff.password = _hashed()
    staff.save()
    for company in companies:
        Membership.objects.create(staff=staff, company=company, role=role)
    return staff


class Through(factory.Factory):
    """Creates rows with an action, for the company in `company`.

    The action gets the unsaved row. A factory whose action needs more overrides `act`.
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
