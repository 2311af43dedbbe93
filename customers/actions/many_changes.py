from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from config.errors import Refusal
from config.statements.changing import Changes, apply_changes, save_many
from config.tenancy.actors import Actor

from ..errors import CustomerArchived
from ..models import Address, ContactPoint, Customer
from .contact_points import archive_repeated_points
from .customers import apply_to_customer, clean_changes, update_customer
from .preferences import merge_preferences


@dataclass(frozen=True, slots=True)
class Correction:
    """The changes of a customer and its default address, as arguments of `update_customer`."""

    customer: Customer
    changes: Changes = field(default_factory=dict)
    address: Mapping[str, object] = field(default_factory=dict)


@transaction.atomic
def update_customers(corrections: Iterable[Correction], *, actor: Actor) -> list[Refusal | None]:
    """Change several customers like `update_customer`, with a few statements for all of them.

    Returns for each customer its refusal, or None if it was changed; a refusal does not affect the
    others.
    """
    actor.check_may_change()
    corrections = list(corrections)
    if not corrections:
        return []
    customers = _locked(corrections, actor)
    homes = _homes(corrections, actor)
    names, changed, refusals = set[str](), list[Correction](), list[Refusal | None]()
    reached = list[Customer]()
    for one in corrections:
        customer = customers[one.customer.pk]
        try:
            if "external_id" in one.changes:
                # Only the constraint in PostgreSQL knows whether another customer has this external
                # id.
                update_customer(
                    customer, changes=one.changes, address=one.address or None, actor=actor
                )
            else:
                changes = _apply(customer, one, homes.get(customer.pk), actor)
                names.update(changes)
                if {"email", "phone"} & {*changes}:
                    reached.append(customer)
                if changes or one.address:
                    changed.append(one)
        except Refusal as refusal:
            refusals.append(refusal)
        else:
            refusals.append(None)
    # Writing an address also marks its customer as updated.
    written = [customers[one.customer.pk] for one in changed]
    save_many(written, names or {"is_active"})
    _write_homes(changed, homes, actor)
    for customer in _with_points(reached) if reached else ():
        archive_repeated_points(customer)
    return refusals


def _locked(corrections: Iterable[Correction], actor: Actor) -> dict[UUID, Customer]:
    """Return the customers in their present state, locked in the order of their ids."""
    rows = Customer.objects.visible_to(actor).defer("search_words").order_by("pk")
    ids = [one.customer.pk for one in corrections]
    return {row.pk: row for row in rows.select_for_update(no_key=True).filter(pk__in=ids)}


def _homes(corrections: Iterable[Correction], actor: Actor) -> dict[UUID, Address]:
    """Return the default addresses, by the ids of their customers."""
    ids = [one.customer.pk for one in corrections]
    rows = Address.objects.visible_to(actor).live().filter(is_default=True, customer_id__in=ids)
    return {row.customer_id: row for row in rows}


def _with_points(customers: list[Customer]) -> list[Customer]:
    """Return the customers who have contact points."""
    points = ContactPoint.objects.live().filter(customer__in=customers).order_by()
    have = set(points.values_list("customer_id", flat=True))
    return [one for one in customers if one.pk in have]


def _apply(customer: Customer, one: Correction, home: Address | None, actor: Actor) -> list[str]:
    """Set the changed fields of a customer, and return their names."""
    if customer.is_archived:
        raise CustomerArchived
    changes = clean_changes(one.changes)
    preferences = changes.get("preferences")
    if isinstance(preferences, Mapping):
        changes["preferences"] = merge_preferences(customer.preferences, preferences)
    country = one.address.get("country", home.country if home else "")
    return apply_to_customer(
        customer, changes, country=lambda: str(country), moves="country" in one.address, actor=actor
    )


def _write_homes(
    corrections: Iterable[Correction], homes: Mapping[UUID, Address], actor: Actor
) -> None:
    """Change the default addresses, and add one to each customer that has none."""
    names, present, new = set[str](), list[Address](), list[Address]()
    for one in corrections:
        home = homes.get(one.customer.pk)
        if home is not None and (changed := apply_changes(home, one.address)):
            names.update(changed)
            present.append(home)
        elif home is None and any(one.address.values()):
            facts = {**one.address, "is_default": True}
            new.append(Address(customer=one.customer, company_id=actor.company_id, **facts))
    save_many(present, names)
    Address.objects.bulk_create(new)
