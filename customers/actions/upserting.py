"""Create or change customers by their external id."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext as _

from config.errors import Refusal
from config.statements.changing import Changes
from config.statements.compiling import AnyActor, Param
from config.statements.lookups import Lookup
from config.tenancy.actors import Actor

from ..errors import CustomerArchived, ExternalIdTaken
from ..models import Customer, CustomerMerge
from .customers import create_customer, update_customer
from .many import Newcomer, create_customers


@dataclass(frozen=True, slots=True)
class Wanted:
    """A customer in another system: its fields, and those of its default address.

    `invite` and `known_others` are arguments of `create_customer`, if the customer is created.
    """

    external_id: str
    fields: Changes
    address: Mapping[str, object] = field(default_factory=dict)
    invite: bool = False
    known_others: Collection[UUID] | None = None

    def newcomer(self) -> Newcomer:
        """Return the customer to create."""
        return Newcomer(
            Customer(**{**self.fields, "external_id": self.external_id}),
            self.address,
            contactable=True,
            invite=self.invite,
            known_others=self.known_others,
        )


class Upserted(NamedTuple):
    """A customer that was created (`is_new`) or changed."""

    customer: Customer
    is_new: bool


def _with_external_id(*, live: bool) -> Lookup[Customer]:
    """Return the lookup of a customer by external id, which locks a live customer."""

    def choose() -> models.QuerySet[Customer]:
        rows = Customer.objects.visible_to(AnyActor()).order_by()
        rows = rows.with_external_id(Param("external_id", models.TextField()))
        return rows.live().select_for_update(no_key=True) if live else rows.archived()

    return Lookup(choose)


def _known_by_external_id(*, live: bool) -> Lookup[Customer]:
    """Return the lookup of a customer by the external id of a customer merged into it."""

    def choose() -> models.QuerySet[Customer]:
        merges = CustomerMerge.objects.known_as(Param("external_id", models.TextField()))
        rows = Customer.objects.visible_to(AnyActor()).order_by()
        stayed = rows.filter(id__in=merges.order_by().values("merged__merged_into_id"))
        if not live:
            return stayed.archived()
        return stayed.live().select_for_update(no_key=True, of=("self",))

    return Lookup(choose)


_live, _archived = _with_external_id(live=True), _with_external_id(live=False)
_known, _known_archived = _known_by_external_id(live=True), _known_by_external_id(live=False)


def find_live_customer(external_id: str, *, actor: Actor) -> Customer | None:
    """Return the live customer with an external id, locked until the transaction ends.

    Also finds it by the external ids of customers that were merged into it.
    """
    company_id = actor.company_id
    found = _live.first(company_id=company_id, external_id=external_id)
    return found or _known.first(company_id=company_id, external_id=external_id)


@transaction.atomic
def upsert_customer(wanted: Wanted, *, actor: Actor) -> Upserted:
    """Change the live customer with the external id, or create it.

    Absent fields do not change. A new customer must be contactable. If only an archived customer
    has the external id, the request is refused. Raises CustomerArchived, or the refusals of
    `create_customer` and `update_customer` except ExternalIdTaken.
    """
    try:
        return _change_or_create(wanted, actor)
    except ExternalIdTaken:
        # Another request created the customer meanwhile, so now the update finds it.
        return _change_or_create(wanted, actor)


@transaction.atomic
def upsert_customers(wanted: Sequence[Wanted], *, actor: Actor) -> list[Upserted | Refusal]:
    """Create or change many customers, with a few statements for all new ones.

    A customer without an external id is always created. Returns the outcomes in the given order; a
    refusal does not affect the others.
    """
    seen = lock_known({one.external_id for one in wanted if one.external_id})
    newcomers: dict[int, Newcomer] = {}
    for at, one in enumerate(wanted):
        # If an external id occurs twice, the first item creates the customer, the second changes
        # it.
        if one.external_id not in seen:
            newcomers[at] = one.newcomer()
            seen |= {one.external_id} - {""}
    # All batches lock customers in the same order, so they do not deadlock.
    order = sorted(range(len(wanted)), key=lambda at: wanted[at].external_id)
    fresh = [at for at in order if at in newcomers]
    refusals = create_customers([newcomers[at] for at in fresh], actor=actor)
    outcomes: dict[int, Upserted | Refusal] = {
        at: refusal or Upserted(newcomers[at].customer, is_new=True)
        for at, refusal in zip(fresh, refusals, strict=True)
        if not isinstance(refusal, ExternalIdTaken)
    }
    for at in order:
        if at not in outcomes:
            outcomes[at] = _outcome(wanted[at], actor)
    return [outcomes[at] for at in range(len(wanted))]


def lock_known(external_ids: set[str]) -> set[str]:
    """Return the external ids in use, and lock the customers that have one.

    Includes archived customers, and ids of customers that were merged.

    Every batch locks in the order of external ids, so that two batches do not deadlock.
    """
    rows = Customer.objects.filter(external_id__in=external_ids).exclude(external_id="")
    locked = rows.order_by("external_id").select_for_update(no_key=True)
    merges = CustomerMerge.objects.standing().filter(external_id__in=external_ids)
    known = merges.exclude(external_id="").values_list("external_id", flat=True)
    return {*locked.values_list("external_id", flat=True), *known}


def _outcome(wanted: Wanted, actor: Actor) -> Upserted | Refusal:
    try:
        return upsert_customer(wanted, actor=actor)
    except Refusal as refusal:
        return refusal


def _change_or_create(wanted: Wanted, actor: Actor) -> Upserted:
    customer = find_live_customer(wanted.external_id, actor=actor)
    if customer is not None:
        changed = update_customer(
            customer,
            changes=wanted.fields,
            address=wanted.address,
            contactable=True,
            normalized_phone=True,
            actor=actor,
        )
        return Upserted(changed, is_new=False)
    if any(
        look_up.first(company_id=actor.company_id, external_id=wanted.external_id)
        for look_up in (_archived, _known_archived)
    ):
        sentence = _(
            "The customer with the external id “%(id)s” is archived. Restore that customer, or use "
            "another external id."
        )
        raise CustomerArchived(sentence % {"id": wanted.external_id}, field="external_id")
    one = wanted.newcomer()
    created = create_customer(
        one.customer,
        address=one.address,
        contactable=True,
        invite=one.invite,
        known_others=one.known_others,
        actor=actor,
    )
    return Upserted(created, is_new=True)
