from collections.abc import Mapping

from django.db import transaction

from config.statements.changing import Changes, apply_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import already_archived
from config.tenancy.errors import AlreadyArchived, NotArchived
from config.times import Clock

from ..models import Address, Customer
from .locks import lock_customer, lock_owner


@transaction.atomic
def add_address(address: Address, *, actor: Actor) -> Address:
    """Add an address. The first live address is the default; a new default replaces the old one.

    Raises CustomerArchived.
    """
    customer = lock_customer(address.customer, actor=actor)
    address.company_id = customer.company_id
    if default_address(customer) is None:
        address.is_default = True
    if address.is_default:
        _drop_default(customer)
    insert(address)
    _touch(customer)
    return address


@transaction.atomic
def change_address(address: Address, *, changes: Changes, actor: Actor) -> Address:
    """Change fields of a live address; raises CustomerArchived or AlreadyArchived.

    `is_default=False` on the default address changes nothing: make another address the default.
    """
    customer = lock_owner(address, actor=actor)
    address = Address.objects.visible_to(actor).get(pk=address.pk)
    if address.is_archived:
        raise already_archived(address)
    if address.is_default:
        changes = {name: value for name, value in changes.items() if name != "is_default"}
    changed = apply_changes(address, changes)
    if "is_default" in changed:
        _drop_default(customer)
    if changed:
        address.save(update_fields=changed)
        _touch(customer)
    return address


@transaction.atomic
def write_default_address(
    customer: Customer, *, fields: Mapping[str, object], actor: Actor
) -> None:
    """Change the default address, or add one if there is none (contract, section 3)."""
    present = default_address(customer)
    if present is not None:
        change_address(present, changes=fields, actor=actor)
    elif any(fields.values()):
        add_address(Address(customer=customer, **fields), actor=actor)


@transaction.atomic
def archive_address(address: Address, *, actor: Actor) -> None:
    """Archive an address; the oldest live address takes over as the default.

    Raises CustomerArchived or AlreadyArchived.
    """
    customer = lock_owner(address, actor=actor)
    rows = Address.objects.visible_to(actor).live().filter(pk=address.pk)
    if not rows.update(archived_at=Clock(), is_default=False):
        raise AlreadyArchived
    if default_address(customer) is None:
        promote_oldest(customer)
    _touch(customer)


@transaction.atomic
def restore_address(address: Address, *, actor: Actor) -> None:
    """Restore an archived address; it becomes the default if there is no other.

    Raises CustomerArchived or NotArchived.
    """
    customer = lock_owner(address, actor=actor)
    rows = Address.objects.visible_to(actor).archived().filter(pk=address.pk)
    if not rows.update(archived_at=None, is_default=default_address(customer) is None):
        raise NotArchived
    _touch(customer)


def default_address(customer: Customer) -> Address | None:
    """Return the default address of a customer, or None."""
    return Address.objects.live().filter(customer=customer, is_default=True).first()


def _drop_default(customer: Customer) -> None:
    Address.objects.live().filter(customer=customer, is_default=True).update(is_default=False)


def promote_oldest(customer: Customer) -> None:
    """Make the oldest live address of a customer the default."""
    oldest = Address.objects.live().filter(customer=customer).oldest_first().first()
    if oldest is not None:
        oldest.is_default = True
        oldest.save(update_fields=["is_default"])


def _touch(customer: Customer) -> None:
    """Mark the customer as updated: responses show its addresses as part of it."""
    Customer.objects.filter(pk=customer.pk).update(updated_at=Clock())
