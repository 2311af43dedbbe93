"""The locks of a customer, which also refuse changes of archived customers.

An action that starts or edits something is refused for an archived customer. An action that only
ends something, such as cancelling a booking, passes `to_end` and is accepted.
"""

from typing import Any
from uuid import UUID

from config.statements.compiling import fetch_rows
from config.statements.lookups import Lookup, by_id
from config.tenancy.actors import Actor
from config.tenancy.models import TenantModel

from ..errors import CustomerArchived, CustomerMerged
from ..models import Customer

_locked: Lookup[Customer] = by_id(Customer.objects, lock=True)
_SHARE = """
SELECT archived_at IS NULL, merged_into_id IS NULL FROM customers_customer
 WHERE id = %(id)s AND company_id = %(company_id)s FOR SHARE
"""


def lock_customer(customer: Customer, *, to_end: bool = False, actor: Actor) -> Customer:
    """Return the customer in its present state, locked until the transaction ends.

    Every write to a customer or its rows takes this lock, so that none runs concurrently with
    archiving or merging. Raises NotAllowed, CustomerMerged, or CustomerArchived unless `to_end`.
    """
    actor.check_may_change()
    locked = _locked.first(company_id=actor.company_id, id=customer.pk)
    if locked is None:
        if Customer.objects.filter(pk=customer.pk).exists():
            raise CustomerMerged
        raise Customer.DoesNotExist
    if locked.is_archived and not to_end:
        raise CustomerArchived
    return locked


def lock_owner(row: TenantModel, *, to_end: bool = False, actor: Actor) -> Customer:
    """Lock the customer of a stored row, as `lock_customer` does.

    Also raises CustomerMerged if the row moved to another customer before the lock was granted.
    """
    owned: Any = row
    customer = lock_customer(owned.customer, to_end=to_end, actor=actor)
    check_owner(type(owned).objects.visible_to(actor).get(pk=row.pk), customer)
    return customer


def check_owner(row: TenantModel, customer: Customer) -> None:
    """Raise CustomerMerged unless a row, read under the lock, still belongs to the customer.

    A merge, or its undo, moves rows to another customer.
    """
    owned: Any = row
    if owned.customer_id != customer.pk:
        raise CustomerMerged


def share_customer(customer_id: UUID, *, to_end: bool = False, actor: Actor) -> None:
    """Take a shared lock that prevents archiving the customer until the transaction ends.

    Every change of a balance takes it, so that many can run concurrently. Raises NotAllowed,
    CustomerMerged, or CustomerArchived unless `to_end`.
    """
    actor.check_may_change()
    found = fetch_rows(_SHARE, {"id": customer_id, "company_id": actor.company_id})
    if not found:
        raise Customer.DoesNotExist
    if not found[0][1]:
        raise CustomerMerged
    if not found[0][0] and not to_end:
        raise CustomerArchived
