"""Add what another system knows of a customer, and only what is not there yet."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from config.tenancy.actors import Actor

from ..models import Address, ContactPoint, Customer, Note
from .addresses import add_address, default_address
from .contact_points import Way, points_of
from .locks import lock_customer
from .notes import prepare_note

PLACE = ("street", "sub_premise", "city", "state", "postal_code", "country")


@transaction.atomic
def add_to_customer(
    customer: Customer,
    *,
    addresses: Iterable[Mapping[str, object]] = (),
    contact_points: Iterable[Way] = (),
    note: str = "",
    actor: Actor,
) -> bool:
    """Add addresses, contact points and a note that a customer has not yet.

    A contact point is its kind, its value and its label. An address in the same place, the same
    e-mail address or phone, and a note of the same text are not added again. Returns whether
    anything was added. Raises CustomerArchived, InvalidContactPoint or TooManyContactPoints.
    """
    customer = lock_customer(customer, actor=actor)
    added = _add_addresses(customer, addresses, actor)
    if ways := [*contact_points]:
        home = default_address(customer)
        known = ContactPoint.objects.live().filter(customer=customer)
        country = home.country if home else ""
        points = points_of(customer, ways, known=known, country=country, actor=actor)
        added |= bool(ContactPoint.objects.bulk_create(points))
    content = note.strip()
    if content and not Note.objects.filter(customer=customer, content=content).exists():
        Note.objects.bulk_create([prepare_note(Note(customer=customer, content=note), actor=actor)])
        added = True
    return added


def _add_addresses(
    customer: Customer, addresses: Iterable[Mapping[str, object]], actor: Actor
) -> bool:
    new = [fields for fields in addresses if any(place_of(fields))]
    if not new:
        return False
    known = {
        place_of({name: getattr(one, name) for name in PLACE})
        for one in Address.objects.live().filter(customer=customer)
    }
    before = len(known)
    for fields in new:
        if place_of(fields) not in known:
            known.add(place_of(fields))
            add_address(Address(customer=customer, **fields), actor=actor)
    return len(known) > before


def place_of(fields: Mapping[str, object]) -> tuple[str, ...]:
    """Return where an address is, without case and the number of its spaces."""
    return tuple(" ".join(str(fields.get(name, "")).split()).casefold() for name in PLACE)
