from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from config.access.actors import Actor
from config.access.constraints import refusing
from config.errors import Refusal

from ..errors import ExternalIdTaken
from ..models import Address, Customer
from .customers import create_customer, prepare_customer


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A customer to take on, with the fields of a default address if there are any."""

    customer: Customer
    address: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def create_customers(newcomers: Iterable[Newcomer], *, actor: Actor) -> list[Refusal | None]:
    """Take on many customers as `create_customer` does, in a few statements for all of them.

    Returns for each the refusal that it met, None where it was taken on; one undoes no other.
    """
    newcomers = list(newcomers)
    refusals = [_refusal_of(one, actor) for one in newcomers]
    sound = [one for one, refusal in zip(newcomers, refusals, strict=True) if refusal is None]
    try:
        with refusing(customer_external_id_once=ExternalIdTaken):
            _insert(sound)
    except ExternalIdTaken:
        for at, one in enumerate(newcomers):
            refusals[at] = refusals[at] or _create_one(one, actor)
    return refusals


def _refusal_of(one: Newcomer, actor: Actor) -> Refusal | None:
    try:
        prepare_customer(one.customer, address=one.address, actor=actor)
    except Refusal as refusal:
        return refusal
    return None


def _create_one(one: Newcomer, actor: Actor) -> Refusal | None:
    try:
        create_customer(one.customer, address=one.address, actor=actor)
    except Refusal as refusal:
        return refusal
    return None


def _insert(newcomers: list[Newcomer]) -> None:
    """Write customers and their addresses; a first address is the default one."""
    Customer.objects.bulk_create([one.customer for one in newcomers])
    Address.objects.bulk_create(
        Address(
            customer=one.customer,
            company_id=one.customer.company_id,
            is_default=True,
            **one.address,
        )
        for one in newcomers
        if any(one.address.values())
    )
