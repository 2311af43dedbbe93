"""Merge two records of one person."""

import datetime
from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction

from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.errors import NotAllowed
from config.tenancy.merging import ARCHIVED, NOW, Values
from config.tenancy.permissions import allows
from config.times import database_now

from ..errors import MergePlanChanged
from ..models import ContactPoint, Customer, CustomerMerge, Duplicate
from .locks import lock_customer
from .merge_journal import AFTER, apply_journal, write_changes, write_moves
from .merge_plans import MergePlan, plan_merge

# The values of a merged customer: no search finds it any more.
_EMPTY: dict[str, object] = {
    **dict.fromkeys(("first_name", "last_name", "name", "legal_name", "tax_id", "email"), ""),
    **dict.fromkeys(("phone", "phone_e164", "phone_national", "external_id", "birthday"), ""),
    "preferences": {},
    "tags": [],
}
_POSITION = "SELECT COALESCE(max(id), 0) FROM changes_change WHERE company_id = %s"


@transaction.atomic
def merge_customers(
    kept: Customer,
    *,
    merged: Customer,
    choices: Mapping[str, str] | None = None,
    plan: str = "",
    actor: Actor,
) -> CustomerMerge:
    """Merge a customer into another, the remaining one; all related rows move to it.

    `choices` maps differing fields to the side whose value stays, `kept` or `merged`. `plan` is the
    fingerprint of the plan that the client saw. The merged customer is archived and emptied. Raises
    NotAllowed, MergePlanChanged, MergesWithItself, InvalidMergeChoice, CustomerArchived,
    CustomersClash, TooManyContactPoints, InvalidTags or InvalidPreference.
    """
    check_may_merge(actor)
    kept, merged = lock_both(kept, merged, actor=actor)
    found = plan_merge(kept, merged=merged, choices=choices, actor=actor)
    if plan and plan != found.fingerprint:
        raise MergePlanChanged
    found.check()
    merge = CustomerMerge(
        company_id=kept.company_id,
        kept=kept,
        merged=merged,
        external_id=found.given_up_external_id,
        plan=found.fingerprint,
        fields=[one._asdict() for one in found.fields],
        moved=[move.summary() for move in found.moves],
        actor_name=actor.name[:255],
        first_change=newest_change(kept.company_id),
    )
    insert(merge)
    _write_journal(merge, found)
    apply_journal(merge, AFTER)
    merge.last_change = newest_change(kept.company_id)
    merge.save(update_fields=["last_change"])
    return merge


def check_may_merge(actor: Actor) -> None:
    """Raise NotAllowed for staff whose role may not merge; integrators are limited by scopes."""
    actor.check_may_change()
    if actor.is_staff and not allows(actor.role, "customers.add_customermerge"):
        raise NotAllowed


def lock_both(kept: Customer, merged: Customer, *, actor: Actor) -> tuple[Customer, Customer]:
    """Return two customers in their present state, locked in the order of their ids."""
    locked = {
        key: lock_customer(Customer(pk=key), to_end=True, actor=actor)
        for key in sorted({kept.pk, merged.pk})
    }
    return locked[kept.pk], locked[merged.pk]


def newest_change(company: UUID) -> int:
    """Return the id of a company's newest change that this transaction sees."""
    with connection.cursor() as cursor:
        cursor.execute(_POSITION, [company])
        return int(cursor.fetchone()[0])


def _write_journal(merge: CustomerMerge, plan: MergePlan) -> None:
    moment = database_now()
    now = moment.isoformat()
    points = ContactPoint._meta.db_table
    for move in plan.moves:
        write_moves(merge, move.key, {key: _at(now, one) for key, one in move.given.items()})
    given = {str(key): _at(now, ARCHIVED) for key in plan.archived_points}
    write_changes(merge, points, given)
    _add_points(merge, plan.new_points, moment)
    _keep_dismissals(merge)
    own = dict(plan.result)
    if "phone" in own:
        source = plan.merged if own["phone"] == plan.merged.phone else plan.kept
        own |= {name: getattr(source, name) for name in ("phone_e164", "phone_national")}
    gone = {**_EMPTY, "merged_into_id": str(merge.kept_id), "archived_at": now}
    rows = {str(merge.merged_id): gone} | ({str(merge.kept_id): own} if own else {})
    write_changes(merge, Customer._meta.db_table, rows)


def _add_points(merge: CustomerMerge, points: list[ContactPoint], now: datetime.datetime) -> None:
    """Add archived contact points; the journal activates them, and an undo archives them again.

    The contact points of the merged customer move with its other rows; an undo returns them.
    """
    for one in points:
        one.archived_at = now
    rows = ContactPoint.objects.bulk_create(points)
    live = {"archived_at": None, "customer_id": str(merge.kept_id)}
    given = {str(one.pk): live for one in rows}
    write_changes(merge, ContactPoint._meta.db_table, given)


def _keep_dismissals(merge: CustomerMerge) -> None:
    """Apply dismissed pairs ("not the same") of the merged customer to the remaining one."""
    rows = Duplicate.objects.filter(company_id=merge.company_id)
    given = dict[str, Values]()
    for one in rows.of_customer(merge.merged_id).filter(dismissed_at__isnull=False):
        other = one.other_id if one.customer_id == merge.merged_id else one.customer_id
        if other == merge.kept_id:
            continue
        first, second = sorted((merge.kept_id, other))
        same, _is_new = rows.get_or_create(
            company_id=merge.company_id,
            customer_id=first,
            other_id=second,
            defaults={"score": one.score, "reasons": one.reasons},
        )
        if not same.is_dismissed:
            assert one.dismissed_at is not None
            at = one.dismissed_at.isoformat()
            given[str(same.pk)] = {"dismissed_at": at, "dismissed_by": one.dismissed_by}
    write_changes(merge, Duplicate._meta.db_table, given)


def _at(now: str, values: Values) -> dict[str, object]:
    return {name: now if value == NOW else value for name, value in values.items()}
