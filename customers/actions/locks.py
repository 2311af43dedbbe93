from uuid import UUID

from django.db import connection

from config.access.actors import Actor

from ..errors import CustomerArchived
from ..models import Customer


def lock_customer(customer: Customer, *, actor: Actor) -> Customer:
    """Return the customer as it is now, locked until the transaction ends.

    Whatever is written to a customer, or hangs on one, is written under this lock, so that no
    write slips in beside an archiving. Raises NotAllowed or CustomerArchived.
    """
    actor.check_may_change()
    rows = Customer.objects.visible_to(actor).select_for_update(no_key=True)
    locked = rows.get(pk=customer.pk)
    if locked.is_archived:
        raise CustomerArchived
    return locked


def share_customer(customer_id: UUID, *, actor: Actor) -> None:
    """Keep a customer from being archived until the transaction ends, side by side with others.

    What moves a balance takes this share, so that many can do so at once. Raises NotAllowed or
    CustomerArchived.
    """
    actor.check_may_change()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT archived_at IS NULL FROM customers_customer"
            " WHERE id = %s AND company_id = %s FOR SHARE",
            [customer_id, actor.company_id],
        )
        found = cursor.fetchone()
    if found is None:
        raise Customer.DoesNotExist
    if not found[0]:
        raise CustomerArchived
