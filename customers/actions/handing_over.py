"""Export everything held about a person."""

from django.db import transaction

from config.changes.actions import record_data_export
from config.changes.models import DataExport
from config.tenancy.actors import Actor
from config.tenancy.errors import NotYourRole
from config.tenancy.permissions import allows

from ..models import Customer
from ..privacy.exporting import PersonFile
from ..privacy.registry import people_of

EXPORT_PERMISSION = "customers.view_erasure"


@transaction.atomic
def export_person(customer: Customer, *, format: str, actor: Actor) -> PersonFile:
    """Return everything held about a customer as a json or html file, and log the export.

    Includes the records merged into the customer. Raises NotYourRole.
    """
    if actor.is_staff and not allows(actor.role, EXPORT_PERMISSION):
        raise NotYourRole
    record_data_export(DataExport.Kind.PERSON, query=format, customer_id=customer.pk, actor=actor)
    return PersonFile(customer, people_of(customer, actor=actor), format)
