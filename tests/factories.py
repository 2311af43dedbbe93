"""What tests build their records with: the actions themselves, with plausible words filled in."""

from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password

from config.access.actions import create_company
from config.access.actors import Actor
from config.access.models import Company, Membership, Staff
from config.access.tenancy import acting_for
from customers.actions import add_address, add_user, archive_customer, create_customer, write_note
from customers.models import Address, Customer, CustomerUser, Note

PASSWORD = "a long enough passphrase"


def make_company(name: str, **fields: Any) -> Company:
    return create_company(Company(name=name, **fields))


@cache
def _hashed() -> str:
    """Hashing a password is slow on purpose; one hash does for every staff member."""
    return make_password(PASSWORD)


def make_staff(*companies: Company, email: str, superuser: bool = False) -> Staff:
    """Make a staff member with PASSWORD who works for the companies."""
    staff = Staff(email=email, first_name="Olive", last_name="Owner", is_superuser=superuser)
    staff.password = _hashed()
    staff.save()
    for company in companies:
        Membership.objects.create(staff=staff, company=company)
    return staff


class _Through(factory.Factory):
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


class ACustomer(_Through):
    """A customer of a company, `archived` if wanted."""

    class Meta:
        model = Customer

    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    email = factory.Sequence(lambda n: f"person{n}@example.com")
    archived = False

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Customer:
        address, archived = fields.pop("address", None), fields.pop("archived")
        customer = create_customer(Customer(**fields), address=address, actor=actor)
        if archived:
            archive_customer(customer, actor=actor)
        return customer


class AnAddress(_Through):
    class Meta:
        model = Address

    street = "1 High Street"
    postal_code = "E1 6AN"

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Address:
        return add_address(Address(**fields), actor=actor)


class AUser(_Through):
    class Meta:
        model = CustomerUser

    email = factory.Sequence(lambda n: f"user{n}@example.com")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> CustomerUser:
        return add_user(CustomerUser(**fields), actor=actor)


class ANote(_Through):
    class Meta:
        model = Note

    content = "Prefers mornings."

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Note:
        return write_note(Note(**fields), actor=actor)
