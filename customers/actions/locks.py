from uuid import UUID

from config.access.actors import Actor
from config.statements.compiling import rows_of
from config.statements.lookups import Lookup, by_id

from ..errors import CustomerArchived
from ..models import Customer

_locked: Lookup[Customer] = by_id(Customer.objects, lock=True)
_SHARE = """
SELECT archived_at IS NULL FROM customers_customer
 WHERE id = %(id)s AND company_id = %(company_id)s FOR SHARE
"""


def lock_customer(customer: Customer, *, actor: Actor) -> Customer:
    """Return the customer as it is now, locked until the transaction ends.

    Whatever is written to a customer, or hangs on one, is written under this lock, so that no
    write slips in beside an archiving. Raises NotAllowed or CustomerArchived.
    """
    actor.check_may_change()
    locked = _locked.get(company_id=actor.company_id, id=customer.pk)
    if locked.is_archived:
        raise CustomerArchived
    return locked


def share_customer(customer_id: UUID, *, actor: Actor) -> None:
    """Keep a customer from being archived until the transaction ends, side by side with others.

    What moves a balance takes this share, so that many can do so at once. Raises NotAllowed or
    CustomerArchived.
    """
    actor.check_may_change()
    found = rows_of(_SHARE, {"id": customer_id, "company_id": actor.company_id})
    if not found:
        raise Customer.DoesNotExist
    if not found[0][0]:
        raise CustomerArchived
