"""What an import writes of a row: the customer, and what a customer has more than one of."""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from .. import actions
from ..actions.adding import place_of
from ..models import Address, ContactPoint, Customer, Note
from .records import Record


def newcomer_of(record: Record) -> actions.Newcomer:
    """Return the customer to create for a row."""
    customer = Customer(is_active=record.is_active is not False, **record.customer)
    return actions.Newcomer(
        customer,
        record.address,
        addresses=record.addresses,
        contact_points=record.contact_points,
        note=record.note,
    )


class Further:
    """The further addresses, contact points and notes of the customers whom rows of a batch are.

    They are read at once for a batch, so that a row that brings nothing new costs no statement.
    """

    def __init__(self) -> None:
        self._known: set[tuple[UUID, object]] = set()

    def fetch(self, ids: Collection[UUID], records: Iterable[Record]) -> None:
        """Read what customers have of what the rows bring."""
        self._known.clear()
        records = list(records)
        if any(record.addresses for record in records):
            for one in Address.objects.live().filter(customer_id__in=ids):
                self._known.add((one.customer_id, place_of(vars(one))))
        if any(record.contact_points for record in records):
            points = ContactPoint.objects.live().filter(customer_id__in=ids).order_by()
            for customer, kind, value in points.values_list("customer_id", "kind", "value"):
                self._known.add((customer, (kind, value.casefold())))
        if notes := {record.note.strip() for record in records} - {""}:
            found = Note.objects.filter(customer_id__in=ids, content__in=notes).order_by()
            self._known.update(found.values_list("customer_id", "content"))

    def news(self, customer: Customer, record: Record) -> Iterator[tuple[str, str]]:
        """Yield what a row may bring that the customer has not yet: its name and its text."""
        own = {("email", customer.email.casefold()), ("phone", customer.phone.casefold())}
        for fields in record.addresses:
            if (customer.pk, place_of(fields)) not in self._known:
                yield "address", ", ".join(filter(None, fields.values()))
        for kind, value, _label in record.contact_points:
            key = (kind, value.casefold())
            if key not in own and (customer.pk, key) not in self._known:
                yield kind, value
        note = record.note.strip()
        if note and (customer.pk, note) not in self._known:
            yield "note", note
