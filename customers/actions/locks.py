from config.access.actors import Actor

from ..errors import CustomerArchived
from ..models import Customer


def lock_customer(customer: Customer, *, actor: Actor) -> Customer:
    """Return the customer as it is now, locked until the transaction ends.

    Whatever is written to a customer, or hangs on one, is written under this lock, so that no
    write slips in beside an archiving. Raises CustomerArchived.
    """
    rows = Customer.objects.visible_to(actor).select_for_update(no_key=True)
    locked = rows.get(pk=customer.pk)
    if locked.is_archived:
        raise CustomerArchived
    return locked
