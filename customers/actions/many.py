from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import transaction

from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing

from ..errors import ExternalIdTaken
from ..models import Address, Customer
from .customers import create_customer, prepare_customer


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A customer to create, with the fields of a default address if there are any."""

    customer: Customer
    address: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def create_customers(newcomers: Iterable[Newcomer], *, actor: Actor) -> list[Refusal | None]:
    """Create many customers like `create_customer`, in a few statements for all of them.

    Returns the refusal of each, or None if it was created; a refusal does not affect the others.
    """
    newcomers = list(newcomers)
    refusals = [_refusal_of(prepare_customer, one, actor) for one in newcomers]
    sound = [one for one, refusal in zip(newcomers, refusals, strict=True) if refusal is None]
    try:
        with refusing(customer_external_id_once=ExternalIdTaken):
            _insert(sound)
    except ExternalIdTaken:
        for at, one in enumerate(newcomers):
            refusals[at] = refusals[at] or _refusal_of(create_customer, one, actor)
    return refusals


def _refusal_of(act: Callable[..., object], one: Newcomer, actor: Actor) -> Refusal | None:
    try:
        act(one.customer, address=one.address, actor=actor)
    except Refusal as refusal:
        return refusal
    return None


def _insert(newcomers: list[Newcomer]) -> None:
    """Insert customers and their default addresses."""
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
