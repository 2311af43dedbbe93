"""Add the data that another system has about a customer, without duplicates."""

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
    """Add addresses, contact points and a note, except those that the customer already has.

    A contact point is a tuple of kind, value and label. Skips an address in the same place, an
    equal e-mail address or phone, and a note with the same text. Returns whether anything was
    added. Raises CustomerArchived, InvalidContactPoint or TooManyContactPoints.
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
    """Return a key of an address that ignores case and extra spaces."""
    return tuple(" ".join(str(fields.get(name, "")).split()).casefold() for name in PLACE)
