"""Likely duplicates: refuse to create one, update the list of pairs, and dismiss pairs."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Q
from django.utils.translation import ngettext

from config.changes.models import Change
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id
from config.times import Clock

from ..errors import AlreadyDismissed, NotDismissed, PossibleDuplicate
from ..models import Customer, Duplicate, DuplicateSearch
from ..models.duplicates import RULES, Likely, likely_same

# How many customers one background transaction compares.
AT_ONCE = 200
# The most candidates that a refusal names.
MOST_NAMED = 10
# A change in one of these tables can change the likely duplicates of its customer.
COMPARED = ("customers_customer", "customers_address", "customers_contactpoint")
BEFORE_ALL = UUID(int=0)

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_LIKELY = """
SELECT one.id, near.id, near.score, near.reasons
  FROM customers_customer AS one, customers_likely(one.id, false) AS near
 WHERE one.company_id = %s AND one.id = ANY (%s) AND one.archived_at IS NULL
"""


def refuse_duplicate(customer: Customer, *, known_others: Collection[UUID], actor: Actor) -> None:
    """Raise PossibleDuplicate if a new customer is likely the same as an existing one.

    `known_others` are ids of customers known to be different people. If two likely duplicates are
    created at once, the second one waits for the first and is compared with it.
    """
    wait_for_others(actor)
    near = [one for one in likely_same(customer.id) if one.customer_id not in known_others]
    if near:
        raise PossibleDuplicate(
            _sentence(len(near)), details={"candidates": [_shown(one) for one in near[:MOST_NAMED]]}
        )


def wait_for_others(actor: Actor) -> None:
    """Lock the company, so that only one transaction at a time checks its new customers."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [f"regulars.duplicates.{actor.company_id}"])


def _sentence(count: int) -> str:
    return ngettext(
        "A customer is likely the same person. Open that one, or create this one all the same.",
        "%(count)d customers are likely the same person. Open one of them, or create this one all "
        "the same.",
        count,
    ) % {"count": count}


def _shown(one: Likely) -> dict[str, object]:
    id = show_id(Customer.id_prefix, one.customer_id)
    return {"id": id, "score": one.score, "reasons": one.reasons}


@transaction.atomic
def dismiss_duplicate(duplicate: Duplicate, *, actor: Actor) -> None:
    """Record that two customers are not the same; raises AlreadyDismissed."""
    actor.check_may_change()
    rows = Duplicate.objects.visible_to(actor).filter(pk=duplicate.pk, dismissed_at__isnull=True)
    if not rows.update(dismissed_at=Clock(), dismissed_by=actor.name):
        raise AlreadyDismissed
    duplicate.refresh_from_db()


@transaction.atomic
def reopen_duplicate(duplicate: Duplicate, *, actor: Actor) -> None:
    """Remove the record that two customers are not the same; raises NotDismissed."""
    actor.check_may_change()
    rows = Duplicate.objects.visible_to(actor).filter(pk=duplicate.pk, dismissed_at__isnull=False)
    if not rows.update(dismissed_at=None, dismissed_by=""):
        raise NotDismissed
    duplicate.refresh_from_db()


@transaction.atomic
def renew_duplicates(*, actor: Actor) -> bool:
    """Compare the next new or changed customers with all others, and store the pairs.

    Changed customers come first, then customers not compared yet, oldest first. A killed run
    changes nothing and is repeated; two concurrent runs do not wait for each other. Returns whether
    there may be more to do.
    """
    search = _search_of(actor)
    if search is None:
        return False
    changed = _changed(search)
    ids = changed or _unscanned(search)
    if ids:
        _store_pairs(ids, actor)
    search.save(update_fields=["position", "scanned_to", "rules"])
    return bool(ids)


def _search_of(actor: Actor) -> DuplicateSearch | None:
    """Return the state of the search, locked; None while another worker has it."""
    searches = DuplicateSearch.objects.visible_to(actor)
    if not searches.exists():
        company = actor.company_id
        first = DuplicateSearch(
            company_id=company, position=_settled(company), scanned_to=BEFORE_ALL, rules=RULES
        )
        insert(first)
    search = searches.select_for_update(skip_locked=True).first()
    if search is not None and search.rules < RULES:
        search.rules, search.scanned_to = RULES, BEFORE_ALL
    return search


def _settled(company_id: UUID) -> int:
    """Return the id up to which all changes of a company are visible or rolled back."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT changes_settled(%s)", [company_id])
        return int(cursor.fetchone()[0])


def _changed(search: DuplicateSearch) -> list[UUID]:
    """Return the customers of the next changes, and move the search position past them."""
    until = _settled(search.company_id)
    changes = Change.objects.filter(
        company_id=search.company_id, id__gt=search.position, id__lte=until
    ).order_by("id")
    own = changes.filter(table_name__in=COMPARED, customer_id__isnull=False)
    found = list(own.values_list("id", "customer_id")[:AT_ONCE])
    search.position = found[-1][0] if len(found) == AT_ONCE else max(until, search.position)
    return list(dict.fromkeys(id for _change, id in found if id))


def _unscanned(search: DuplicateSearch) -> list[UUID]:
    """Return the next customers not compared yet, and move the search position past them."""
    if search.scanned_to is None:
        return []
    rows = Customer.objects.filter(company_id=search.company_id, id__gt=search.scanned_to)
    ids = list(rows.live().order_by("id").values_list("id", flat=True)[:AT_ONCE])
    search.scanned_to = ids[-1] if ids else None
    return ids


def _store_pairs(ids: Sequence[UUID], actor: Actor) -> None:
    """Store the likely duplicates of the customers, and remove pairs that are no longer likely."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_LIKELY, [actor.company_id, [*ids]])
        found = _pairs_of(cursor.fetchall(), actor)
    keys = {(one.customer_id, one.other_id) for one in found}
    rows = Duplicate.objects.visible_to(actor)
    there = rows.filter(Q(customer_id__in=ids) | Q(other_id__in=ids), dismissed_at__isnull=True)
    gone = [
        pk
        for pk, *pair in there.values_list("pk", "customer_id", "other_id")
        if tuple(pair) not in keys
    ]
    rows.filter(pk__in=gone, dismissed_at__isnull=True).remove()
    Duplicate.objects.bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["company", "customer", "other"],
        update_fields=["score", "reasons"],
    )


def _pairs_of(found: Iterable[tuple[UUID, UUID, int, list[str]]], actor: Actor) -> list[Duplicate]:
    """Return each pair once, the lower id first."""
    pairs = {
        (min(one, other), max(one, other)): (score, reasons) for one, other, score, reasons in found
    }
    return [
        Duplicate(
            company_id=actor.company_id,
            customer_id=one,
            other_id=other,
            score=score,
            reasons=reasons,
        )
        for (one, other), (score, reasons) in sorted(pairs.items())
    ]
