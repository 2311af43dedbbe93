"""Match rows with customers, by the rules in the package's docstring."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from config.tenancy.actors import Actor

from ..errors import CustomerArchived, CustomerNotArchived
from ..models import Address, Customer, CustomerMerge
from ..models.finding import WithEmails
from .errors import SameCustomer, SeveralCustomers
from .memory import Claims, Rehearsal
from .records import Record
from .stored import Key, Stored, keys_of, national_forms


class Known:
    """The stored customers that rows of a batch could match.

    `claimed` maps each matched customer to the line of its row in this file.
    """

    def __init__(self, actor: Actor, claimed: Claims, rehearsal: Rehearsal | None = None) -> None:
        self.actor, self.claimed, self._rehearsal = actor, claimed, rehearsal
        self._by_id: dict[UUID, Stored] = {}
        self._by_key: dict[Key, dict[UUID, Stored]] = defaultdict(dict)

    # --- Stored customers ---

    def fetch(self, records: Iterable[Record]) -> None:
        """Read the customers that the rows of a batch could match, in a few statements."""
        self._by_id.clear()
        self._by_key.clear()
        records = list(records)
        self._follow_merges(records)
        keys = {key for record in records for key in keys_of(record.customer)}
        ids = {record.known_as for record in records if record.known_as}
        for choice in _choices(records, keys, ids):
            for one in self._stored(choice):
                self.add(one)
        if self._rehearsal is not None:
            self._recall(self._rehearsal, keys, ids)
        self.claimed.fetch(self._by_id)

    def _recall(self, rehearsal: Rehearsal, keys: set[Key], ids: set[UUID]) -> None:
        """Replace stored customers by their state after the earlier batches of a dry run.

        Also updates their external ids in the database, whose constraint keeps these unique.
        """
        before = self._by_id.copy()
        undone = rehearsal.knows(before)
        self._by_id.clear()
        self._by_key.clear()
        for id in before.keys() - undone:
            self.add(before[id])
        after = [*rehearsal.find(keys, ids | undone)]
        for one in after:
            self.add(one)
        wanted = {text for kind, text in keys if kind == "external_id"}
        rows = Customer.objects.visible_to(self.actor)
        given: list[Customer] = []
        for one in after:
            known = before.get(one.customer.id)
            if known and known.customer.external_id != one.customer.external_id:
                rows.filter(pk=one.customer.id).update(external_id="")
            if not one.customer.is_archived and one.customer.external_id in wanted:
                given.append(one.customer)
        for customer in given:
            if not rows.filter(pk=customer.id).update(external_id=customer.external_id):
                Customer.objects.bulk_create([customer])

    def _follow_merges(self, records: list[Record]) -> None:
        """Let rows with an id or external id of a merged customer match the remaining customer."""
        own = {one.known_as for one in records if one.known_as}
        known = {one.customer.get("external_id", "") for one in records} - {""}
        if not (own or known):
            return
        merges = CustomerMerge.objects.visible_to(self.actor).standing()
        ways = Q(merged_id__in=own), Q(external_id__in=known) & ~Q(external_id="")
        by_id, by_external_id = dict[UUID, UUID](), dict[str, UUID]()
        for way in ways:
            found = merges.filter(way, merged__merged_into__isnull=False)
            for merge in found.select_related("merged"):
                stayed = merge.merged.merged_into_id
                assert stayed is not None
                by_id[merge.merged_id] = stayed
                if merge.external_id:
                    by_external_id[merge.external_id] = stayed
        for record in records:
            by_own = by_id.get(record.known_as) if record.known_as else None
            by_other = by_external_id.get(record.customer.get("external_id", ""))
            record.known_as = by_own or by_other or record.known_as
            if by_other:
                # The remaining customer keeps its own external id.
                del record.customer["external_id"]

    @property
    def ids(self) -> set[UUID]:
        """The ids of all customers that a row of the batch could match."""
        return {*self._by_id}

    def rehearsed(self, ids: Iterable[UUID]) -> None:
        """Save customers in their present state, before the batch is rolled back."""
        if self._rehearsal is not None:
            self._rehearsal.keep(self._stored(Q(id__in=list(ids))))

    def add(self, stored: Stored) -> None:
        """Add a customer that later rows of the batch can match."""
        self._by_id[stored.customer.id] = stored
        for key in stored.keys:
            self._by_key[key][stored.customer.id] = stored

    def _stored(self, choice: Q) -> list[Stored]:
        return [
            Stored(customer, next(iter(customer.default_addresses), None))
            for customer in self._rows.filter(choice)
        ]

    @property
    def _rows(self) -> Any:
        homes = Address.objects.live().filter(is_default=True)
        rows = Customer.objects.visible_to(self.actor)
        return rows.defer("search_words").prefetch_related(
            Prefetch("addresses", queryset=homes, to_attr="default_addresses")
        )

    # --- Matching ---

    def find(self, record: Record) -> Stored | None:
        """Return the customer that a row matches, None for a new customer.

        Raises SameCustomer, SeveralCustomers, CustomerArchived or CustomerNotArchived.
        """
        found = self._find_among(record, record.is_archived)
        if found is None and self._candidates(record, not record.is_archived, free=True):
            raise CustomerNotArchived if record.is_archived else CustomerArchived
        return found

    def _find_among(self, record: Record, archived: bool) -> Stored | None:
        free = self._candidates(record, archived, free=True)
        for exactly in (True, False):
            for stored in free:
                if not stored.differences(record, exactly=exactly):
                    return stored
        if len(free) > 1:
            raise SeveralCustomers
        if free:
            return free[0]
        self._refuse_repetition(record, self._candidates(record, archived, free=False))
        return None

    def _refuse_repetition(self, record: Record, taken: list[Stored]) -> None:
        """Raise SameCustomer if an earlier row matched this customer, unless our own ids differ."""
        if taken and record.known_as in (None, taken[0].customer.id):
            same = "external_id" if record.customer.get("external_id") else "customer"
            line = self.claimed[taken[0].customer.id]
            raise SameCustomer(
                _("This is the same %(same)s as in line %(line)s.") % {"same": same, "line": line}
            )

    def _candidates(self, record: Record, archived: bool, *, free: bool) -> list[Stored]:
        """Return the customers that the row could match, oldest first: `free` or claimed ones."""
        own = self._by_id.get(record.known_as) if record.known_as else None
        found = {own.customer.id: own} if own else self._alike(record)
        return [
            found[id]
            for id in sorted(found)
            if found[id].customer.is_archived is archived and (id not in self.claimed) is free
        ]

    def _alike(self, record: Record) -> dict[UUID, Stored]:
        keys = keys_of(record.customer)
        near = {id: one for key in keys for id, one in self._by_key.get(key, {}).items()}
        if record.customer.get("external_id"):
            return near
        return {id: one for id, one in near.items() if one.is_person_of(record)}


def _choices(records: Iterable[Record], keys: Iterable[Key], ids: set[UUID]) -> Iterator[Q]:
    """Yield filters for the rows, each of which uses one index."""
    if ids:
        yield Q(id__in=ids)
    of = defaultdict(set)
    for kind, text in keys:
        of[kind].add(text)
    if external_ids := of["external_id"]:
        yield Q(external_id__in=external_ids) & ~Q(external_id="")
    if emails := of["email"]:
        yield Q(id__in=WithEmails(emails))
    if phones := of["phone"]:
        nationals = {form for phone in phones for form in national_forms(phone)}
        yield Q(phone__in=phones) & ~Q(phone="")
        yield Q(phone_national__in=nationals) & ~Q(phone_national="")
    if names := of["shown"]:
        yield Q(display_name__in=names)
        if legal := names & {str(record.customer.get("legal_name", "")) for record in records}:
            yield Q(display_name="", legal_name__in=legal)
