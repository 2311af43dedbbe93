"""Erase a person: request the erasure, cancel it while it waits, and perform it when due."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.jobs.actions import hold_work
from config.tenancy.actors import Actor
from config.tenancy.companies import MOST_ERASURE_DAYS, Company
from config.tenancy.constraints import refusing
from config.tenancy.errors import NotYourRole
from config.tenancy.permissions import allows
from config.times import Clock, database_now

from ..errors import CustomerErased, ErasureOver, ErasureTooSoon, ErasureWaiting, WorkUnderWay
from ..models import Customer, CustomerMerge, Erasure, ErasureMark
from ..privacy import erasing
from ..privacy.holding import Held, held_about, words_of
from ..privacy.marks import facts_about, key_of, marks_of
from ..privacy.registry import people_of, take_points_back
from ..privacy.scanning import scan_for
from .locks import lock_customer
from .unmerging import undo_merge

PERMISSION = "customers.add_erasure"


@transaction.atomic
def request_erasure(
    customer: Customer, *, waiting_days: int | None = None, actor: Actor
) -> Erasure:
    """Request the erasure of a person after a waiting time in which it can be cancelled.

    `waiting_days` is by default the company's setting, which is also the minimum. The report is a
    preview of the data held now. Raises NotAllowed, NotYourRole, CustomerErased, CustomerMerged,
    ErasureWaiting or ErasureTooSoon.
    """
    _check_may_erase(actor)
    found = lock_customer(customer, to_end=True, actor=actor)
    if found.is_erased:
        raise CustomerErased
    days = _days(waiting_days, actor)
    with refusing(erasure_waiting_once=ErasureWaiting):
        return Erasure.objects.create(
            company_id=actor.company_id,
            customer=found,
            requested_by=actor.name[:255],
            due_at=database_now() + timedelta(days=days),
            report=_counted(held_about(people_of(found, actor=actor))),
        )


@transaction.atomic
def cancel_erasure(erasure: Erasure, *, actor: Actor) -> Erasure:
    """Cancel a waiting erasure; raises NotAllowed, NotYourRole or ErasureOver."""
    _check_may_erase(actor)
    waiting = Erasure.objects.visible_to(actor).waiting().filter(pk=erasure.pk)
    if not waiting.update(cancelled_at=Clock(), cancelled_by=actor.name[:255]):
        raise ErasureOver
    erasure.refresh_from_db()
    return erasure


@transaction.atomic
def erase_person(erasure: Erasure, *, actor: Actor) -> Erasure:
    """Perform a due erasure of a person, including the records merged into it.

    A single transaction erases everything and writes the certificate, or changes nothing. Raises
    ErasureOver, or WorkUnderWay while background work may write files with the person's data.
    """
    erasure = _lock_due(erasure, actor=actor)
    if hold_work(actor=actor):
        raise WorkUnderWay
    erasure.people = _lock_people(erasure.customer, actor=actor)
    erasing.lock_webhooks(actor=actor)
    erasure.save(update_fields=["people"])
    report = _erase(erasure, actor)
    rows = Erasure.objects.visible_to(actor).filter(pk=erasure.pk)
    rows.update(erased_at=Clock(), erased_by=actor.name[:255], report=report)
    erasure.refresh_from_db()
    return erasure


@transaction.atomic
def replay_erasure(customer_id: UUID, *, listed: Collection[UUID], actor: Actor) -> Erasure | None:
    """Request an immediate erasure of a person whom a restored backup brought back.

    `listed` has all erased people. Returns None if there is nobody to erase. If the person is
    merged with somebody who is not listed, the merge is undone, as it had been before the erasure.
    Raises MergeNotUndoable or CustomerArchived if the merge cannot be undone.
    """
    rows = Customer.objects.filter(company_id=actor.company_id, erased_at__isnull=True)
    erasures = Erasure.objects.visible_to(actor)
    while (found := rows.filter(pk=customer_id).first()) is not None:
        kept = Customer(pk=found.merged_into_id or found.pk)
        if due := erasures.due().filter(customer=kept).first():
            return due
        if kept.pk in listed:
            waiting = erasures.waiting().filter(customer=kept)
            waiting.update(cancelled_at=Clock(), cancelled_by=actor.name[:255])
        if {*people_of(kept, actor=actor)} <= {*listed}:
            return Erasure.objects.create(
                company_id=actor.company_id,
                customer=kept,
                requested_by=actor.name[:255],
                due_at=database_now(),
            )
        merges = CustomerMerge.objects.visible_to(actor).standing().filter(kept=kept)
        undo_merge(merges.newest_first()[:1].get(), actor=actor)
    return None


@transaction.atomic
def restore_marks(digests: Collection[str], *, actor: Actor) -> None:
    """Add the missing marks of people who were erased after a backup was made."""
    marks = ErasureMark.objects.visible_to(actor).filter(digest__in=digests)
    missing = {*digests} - {*marks.values_list("digest", flat=True)}
    ErasureMark.objects.bulk_create(
        ErasureMark(company_id=actor.company_id, digest=one) for one in sorted(missing)
    )


def _check_may_erase(actor: Actor) -> None:
    actor.check_may_change()
    if actor.is_staff and not allows(actor.role, PERMISSION):
        raise NotYourRole


def _days(asked: int | None, actor: Actor) -> int:
    """Return the number of days that an erasure waits; raises ErasureTooSoon."""
    least = Company.objects.values_list("erasure_days", flat=True).get(pk=actor.company_id)
    if asked is None:
        return least
    if not least <= asked <= MOST_ERASURE_DAYS:
        text = _("Send from %(least)d to %(most)d days; got %(asked)d.")
        facts = {"least": least, "most": MOST_ERASURE_DAYS, "asked": asked}
        raise ErasureTooSoon(text % facts)
    return asked


def _counted(held: Iterable[Held]) -> dict[str, object]:
    """Return the numbers of erased and of kept rows and fields of each table."""
    rows = [(one.table.table, one.rows, one.erased, one.kept) for one in held]
    return {
        "erased": {name: {"rows": count, "fields": of} for name, count, of, kept in rows if of},
        "kept": {name: {"rows": count, "fields": of} for name, count, erased, of in rows if of},
    }


def _erase(erasure: Erasure, actor: Actor) -> dict[str, object]:
    """Erase the people of an erasure, and return the certificate.

    The history is erased last, just before the scan, because the earlier steps add changes to it.
    """
    take_points_back(erasure.people)
    words, held = words_of(erasure.people), held_about(erasure.people)
    _leave_marks(erasure)
    erasing.erase_rows(erasure.people)
    erasing.sum_words()
    mentions = erasing.erase_mentions(erasure, words, actor=actor)
    return {
        **_counted(held),
        "changes": erasing.erase_history(erasure),
        "mentions": {name: count for name, count in mentions.items() if count},
        "scan": scan_for(words.strong),
    }


def _lock_due(erasure: Erasure, *, actor: Actor) -> Erasure:
    """Return a due erasure, locked; raises ErasureOver if it is not due."""
    due = Erasure.objects.visible_to(actor).due().select_for_update(of=("self",))
    found = due.select_related("customer").filter(pk=erasure.pk).first()
    if found is None:
        raise ErasureOver
    return found


def _lock_people(customer: Customer, *, actor: Actor) -> list[UUID]:
    """Lock a customer and the customers merged into it; return their ids.

    The ids are read again under the lock, because a concurrent undo may have separated a customer.
    """
    people: list[UUID] = []
    while people != (found := people_of(customer, actor=actor)):
        people = found
        rows = Customer.objects.filter(company_id=actor.company_id, pk__in=people)
        list(rows.order_by("pk").select_for_update().values_list("pk"))
    return people


def _leave_marks(erasure: Erasure) -> None:
    digests = marks_of(facts_about(erasure.people), key_of(erasure.company_id))
    ErasureMark.objects.bulk_create(
        ErasureMark(company_id=erasure.company_id, erasure=erasure, digest=one)
        for one in sorted(digests)
    )
