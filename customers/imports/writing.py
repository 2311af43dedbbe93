"""Write the customer of a row, with addresses, contact points and notes."""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from .. import actions
from ..actions.adding import place_of
from ..models import Address, ContactPoint, Customer, Note
from .records import Record


def newcomer_of(record: Record) -> actions.Newcomer:
    """Return the new customer of a row."""
    customer = Customer(is_active=record.is_active is not False, **record.customer)
    return actions.Newcomer(
        customer,
        record.address,
        addresses=record.addresses,
        contact_points=record.contact_points,
        note=record.note,
    )


class Further:
    """The further addresses, contact points and notes of the customers in a batch.

    They are read once for the batch, so that a row without new values costs no statement.
    """

    def __init__(self) -> None:
        self._known: set[tuple[UUID, object]] = set()

    def fetch(self, ids: Collection[UUID], records: Iterable[Record]) -> None:
        """Read the customers' existing values of the kinds that the rows have."""
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
        """Yield the values of a row that the customer does not have: field and text."""
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
