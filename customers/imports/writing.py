"""What an import writes of a row: the customer, and what the customer has more than one of."""

from django.utils.translation import gettext as _

from config.tenancy.actors import Actor

from .. import actions
from ..models import Address, Customer, Note
from .mapping import short
from .records import Record
from .stored import COLUMNS

_PLACE = ("street", "sub_premise", "city", "state", "postal_code", "country", "access_notes")


def customer_of(record: Record) -> Customer:
    """Return the customer to create for a row."""
    fields = {
        name: value
        for name, value in record.customer.items()
        if name in COLUMNS or name == "preferences"
    }
    return Customer(is_active=record.is_active is not False, **fields)


def add_further(customer: Customer, record: Record, *, actor: Actor) -> bool:
    """Add the further addresses and the note of a row that the customer has not yet.

    Returns whether anything was added; raises CustomerArchived.
    """
    added = False
    if record.addresses:
        known = {*Address.objects.live().filter(customer=customer).values_list(*_PLACE)}
        for fields in record.addresses:
            place = tuple(fields.get(name, "") for name in _PLACE)
            if place not in known:
                known.add(place)
                actions.add_address(Address(customer=customer, **fields), actor=actor)
                added = True
    if record.note and not Note.objects.filter(customer=customer, content=record.note).exists():
        actions.write_note(Note(customer=customer, content=record.note), actor=actor)
        added = True
    return added


def left_of(record: Record) -> list[str]:
    """Return sentences for all of a row that is not taken, or that no customer can hold yet."""
    left = [*record.left]
    if tags := record.customer.get("tags"):
        left.append(_("Tags are not kept yet: %(tags)s.") % {"tags": short(", ".join(tags))})
    if birthday := record.customer.get("birthday"):
        left.append(_("Birthdays are not kept yet: %(birthday)s.") % {"birthday": birthday})
    if record.contact_points:
        values = short(", ".join(point.value for point in record.contact_points))
        left.append(
            _("Further phone numbers and e-mail addresses are not kept yet: %(values)s.")
            % {"values": values}
        )
    return left
