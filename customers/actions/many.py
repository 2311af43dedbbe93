from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing

from ..errors import ExternalIdTaken
from ..models import Address, ContactPoint, Customer, Note
from .adding import add_to_customer, place_of
from .contact_points import Way, points_of
from .customers import create_customer, invite_customer, prepare_customer
from .notes import prepare_note


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A customer to create, with the fields of a default address if there are any.

    Further addresses, contact points (kind, value, label) and a note are arguments of
    `add_to_customer`; `contactable`, `invite` and `known_others` are arguments of
    `create_customer`.
    """

    customer: Customer
    address: Mapping[str, object] = field(default_factory=dict)
    addresses: Sequence[Mapping[str, object]] = ()
    contact_points: Sequence[Way] = ()
    note: str = ""
    contactable: bool = False
    invite: bool = False
    known_others: Collection[UUID] | None = None


@transaction.atomic
def create_customers(newcomers: Iterable[Newcomer], *, actor: Actor) -> list[Refusal | None]:
    """Create many customers like `create_customer`, with a few statements for all of them.

    Customers to check for duplicates are created one by one. Returns for each customer its refusal,
    or None if it was created; a refusal does not affect the others.
    """
    newcomers = list(newcomers)
    if any(one.known_others is not None for one in newcomers):
        return [_create(one, actor) for one in newcomers]
    points: dict[UUID, list[ContactPoint]] = {}
    refusals = [_prepare(one, points, actor) for one in newcomers]
    sound = [one for one, refusal in zip(newcomers, refusals, strict=True) if refusal is None]
    try:
        with refusing(customer_external_id_once=ExternalIdTaken):
            _insert(sound, points, actor)
    except ExternalIdTaken:
        for at, one in enumerate(newcomers):
            refusals[at] = refusals[at] or _create(one, actor)
    else:
        for one in sound:
            if one.invite:
                invite_customer(one.customer)
    return refusals


def _prepare(one: Newcomer, points: dict[UUID, list[ContactPoint]], actor: Actor) -> Refusal | None:
    """Check a new customer, and add its contact points to `points` under the customer's id."""

    def prepare() -> None:
        prepare_customer(
            one.customer, address=one.address, contactable=one.contactable, actor=actor
        )
        if one.contact_points:
            country = str(one.address.get("country", ""))
            points[one.customer.id] = points_of(
                one.customer, one.contact_points, country=country, actor=actor
            )

    return _refusal_of(prepare)


def _create(one: Newcomer, actor: Actor) -> Refusal | None:
    @transaction.atomic
    def create() -> None:
        create_customer(
            one.customer,
            address=one.address,
            contactable=one.contactable,
            invite=one.invite,
            known_others=one.known_others,
            actor=actor,
        )
        if one.addresses or one.contact_points or one.note:
            add_to_customer(
                one.customer,
                addresses=one.addresses,
                contact_points=one.contact_points,
                note=one.note,
                actor=actor,
            )

    return _refusal_of(create)


def _refusal_of(act: Callable[[], object]) -> Refusal | None:
    """Return the refusal that an action raises, or None."""
    try:
        act()
    except Refusal as refusal:
        return refusal
    return None


def _insert(
    newcomers: list[Newcomer], points: Mapping[UUID, list[ContactPoint]], actor: Actor
) -> None:
    """Insert customers with their addresses, contact points and notes."""
    Customer.objects.bulk_create([one.customer for one in newcomers])
    Address.objects.bulk_create(
        Address(
            customer=one.customer,
            company_id=one.customer.company_id,
            **{**fields, "is_default": number == 0},
        )
        for one in newcomers
        for number, fields in enumerate(_addresses_of(one))
    )
    ContactPoint.objects.bulk_create(
        point for one in newcomers for point in points.get(one.customer.id, ())
    )
    Note.objects.bulk_create(
        prepare_note(Note(customer=one.customer, content=one.note), actor=actor)
        for one in newcomers
        if one.note.strip()
    )


def _addresses_of(one: Newcomer) -> list[Mapping[str, object]]:
    """Return the addresses of a new customer without duplicates, the default one first."""
    if not one.addresses:
        return [one.address] if any(one.address.values()) else []
    found: dict[tuple[str, ...], Mapping[str, object]] = {}
    if any(one.address.values()):
        found[place_of(one.address)] = one.address
    for fields in one.addresses:
        if any(place_of(fields)):
            found.setdefault(place_of(fields), fields)
    return [*found.values()]
