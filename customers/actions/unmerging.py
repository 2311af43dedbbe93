"""Undo a merge completely, or refuse."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from config.statements.compiling import fetch_rows
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.models import noun_of
from config.times import database_now, show_moment

from ..errors import CustomerArchived, MergeNotUndoable
from ..models import Address, Customer, CustomerMerge, Erasure
from ..models.merges import UNDO_DAYS, MergeQuerySet, moving_keys
from .addresses import promote_oldest
from .merge_journal import BEFORE, apply_journal
from .merging import check_may_merge, newest_change

# The most changed rows that a refusal names.
NAMED = 5

# Changes by later merges that were undone cancel each other out.
_SINCE = """
EXISTS (SELECT FROM changes_change AS change
         WHERE change.company_id = %(company)s AND change.object_id = row.id
           AND change.table_name = '{table}' AND change.id > %(last)s
           AND NOT EXISTS (SELECT FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[])
                               AS skipped(first, last)
                            WHERE change.id > skipped.first AND change.id <= skipped.last))
"""
_MOVED = """
(SELECT '{table}' AS table_name, row.id
   FROM customers_movedrow AS moved
   JOIN {table} AS row ON row.company_id = moved.company_id AND row.id = moved.row_id
  WHERE moved.company_id = %(company)s AND moved.merge_id = %(merge)s
    AND moved.table_name = '{table}' AND {since} LIMIT %(most)s)
"""
_HANGS_ON_MOVED = """
(SELECT '{table}' AS table_name, row.id
   FROM customers_movedrow AS moved
   JOIN {table} AS row ON row.company_id = moved.company_id AND row.{column} = moved.row_id
  WHERE moved.company_id = %(company)s AND moved.merge_id = %(merge)s
    AND moved.table_name = '{parent}'
    AND NOT EXISTS (SELECT FROM customers_movedrow AS own
                     WHERE own.company_id = %(company)s AND own.merge_id = %(merge)s
                       AND own.table_name = '{table}' AND own.row_id = row.id)
    AND {since} LIMIT %(most)s)
"""
_FIELDS = """
SELECT DISTINCT field.key
  FROM customers_movedrow AS moved
  JOIN customers_customer AS row ON row.company_id = moved.company_id AND row.id = moved.row_id
 CROSS JOIN jsonb_each(moved.after) AS field
 WHERE moved.company_id = %(company)s AND moved.merge_id = %(merge)s
   AND moved.table_name = 'customers_customer' AND moved.row_id <> %(merged)s
   AND to_jsonb(row) -> field.key IS DISTINCT FROM field.value
 ORDER BY field.key
"""


@transaction.atomic
def undo_merge(merge: CustomerMerge, *, actor: Actor) -> None:
    """Undo a merge: restore every row and every field that it changed.

    Rows added since then stay with the remaining customer. The data of the merge about both people
    is emptied. Raises NotAllowed, CustomerArchived, or MergeNotUndoable, which names the obstacle:
    the 30 days are over, the merge is undone already, a later merge, an erasure, or a later change
    of the merged data.
    """
    check_may_merge(actor)
    kept = _lock(merge, actor)
    _check_itself(merge, kept)
    changed = [*changed_since(merge)]
    if changed:
        raise MergeNotUndoable(
            _("This merge cannot be undone: since then there were changes to %(changed)s.")
            % {"changed": _listed(changed)}
        )
    merge.undo_after = newest_change(merge.company_id)
    merge.undone_at, merge.undone_by = database_now(), actor.name[:255]
    merge.save(update_fields=["undone_at", "undone_by", "undo_after"])
    with refusing(customer_external_id_once=lambda: _external_id_taken(merge)):
        apply_journal(merge, BEFORE)
    if not Address.objects.live().filter(customer=kept, is_default=True).exists():
        promote_oldest(kept)
    merge.undo_until = newest_change(merge.company_id)
    merge.save(update_fields=["undo_until"])
    _forget(merge)


def _forget(merge: CustomerMerge) -> None:
    """Empty an undone merge: keep only that it was done and undone."""
    with connection.cursor() as cursor:
        columns = [*Customer.personal.erase]
        cursor.execute("SELECT customers_forget_merge(%s, %s)", [merge.pk, columns])
    merge.refresh_from_db()


def obstacle_to_undoing(merge: CustomerMerge) -> str:
    """Return a sentence that says why a merge cannot be undone now, "" if it can."""
    try:
        _check_itself(merge, merge.kept)
    except (MergeNotUndoable, CustomerArchived) as refusal:
        return str(refusal)
    changed = [*changed_since(merge)]
    return _("Changed since: %(changed)s.") % {"changed": _listed(changed)} if changed else ""


def changed_since(merge: CustomerMerge) -> Iterator[str]:
    """Yield the names of merged fields and rows that have changed since, a few of each kind."""
    values = _values(merge)
    for (column,) in fetch_rows(_FIELDS, values):
        field: Any = Customer._meta.get_field(column.removesuffix("_id"))
        yield str(field.verbose_name)
    for table, key in fetch_rows(_all_statements(), values):
        model: Any = _models()[table]
        row = model.objects.filter(company_id=merge.company_id, pk=key).first()
        yield f"{noun_of(model)} “{row}”"


def _lock(merge: CustomerMerge, actor: Actor) -> Customer:
    """Lock both customers, in the order of their ids, and read the merge again."""
    both = Customer.objects.filter(company_id=actor.company_id)
    both = both.filter(pk__in=(merge.kept_id, merge.merged_id)).order_by("pk")
    locked = {one.pk: one for one in both.select_for_update(no_key=True)}
    merge.refresh_from_db()
    return locked[merge.kept_id]


def _check_itself(merge: CustomerMerge, kept: Customer) -> None:
    """Raise MergeNotUndoable or CustomerArchived for reasons that need no check of the rows."""
    if merge.undone_at is not None:
        raise MergeNotUndoable(_("This merge was undone already."))
    if kept.is_erased:
        raise MergeNotUndoable(
            _("This merge cannot be undone: the data of the person was erased since.")
        )
    if database_now() > merge.undo_ends_at:
        facts = {"days": UNDO_DAYS, "end": show_moment(merge.undo_ends_at)}
        raise MergeNotUndoable(
            _("A merge can be undone for %(days)s days; this one until %(end)s.") % facts
        )
    if kept.merged_into_id is not None or _later(merge).standing().exists():
        raise MergeNotUndoable(
            _("This merge cannot be undone while a later merge of the same customer stands.")
        )
    if kept.is_archived:
        raise CustomerArchived
    if Erasure.objects.filter(company_id=merge.company_id, customer=kept).waiting().exists():
        raise MergeNotUndoable(
            _("This merge cannot be undone while an erasure waits. Cancel the erasure first.")
        )


def _later(merge: CustomerMerge) -> MergeQuerySet:
    """Return the later merges in which the remaining customer took part, on either side."""
    both = Q(kept_id=merge.kept_id) | Q(merged_id=merge.kept_id)
    rows = CustomerMerge.objects.filter(both, company_id=merge.company_id)
    return rows.filter(first_change__gte=merge.last_change)


def _values(merge: CustomerMerge) -> dict[str, Any]:
    skipped = [
        span for one in _later(merge).filter(undone_at__isnull=False) for span in _span(one, merge)
    ]
    return {
        "company": merge.company_id,
        "merge": merge.pk,
        "merged": merge.merged_id,
        "last": merge.last_change,
        "most": NAMED + 1,
        "firsts": [first for first, _last in skipped],
        "lasts": [last for _first, last in skipped],
    }


def _span(undone: CustomerMerge, merge: CustomerMerge) -> list[tuple[int, int]]:
    """Return the ranges of changes that belong to a later merge that was undone.

    If the remaining customer was merged away in it, the range covers the time until the undo: all
    moved rows moved along, and a change of them would have prevented the undo.
    """
    if undone.merged_id == merge.kept_id:
        return [(undone.first_change, undone.undo_until)]
    return [(undone.first_change, undone.last_change), (undone.undo_after, undone.undo_until)]


def _all_statements() -> str:
    """Return the statement that finds changed rows that moved or refer to a moved row."""
    models = _models()
    found = [_MOVED.format(table=table, since=_SINCE.format(table=table)) for table in models]
    for table, model in models.items():
        for field in model._meta.concrete_fields:
            parent = field.related_model._meta.db_table if field.is_relation else ""
            if parent in models:
                names = {"table": table, "column": field.column, "parent": parent}
                found.append(_HANGS_ON_MOVED.format(**names, since=_SINCE.format(table=table)))
    return " UNION ".join(found)


def _models() -> dict[str, Any]:
    """Return the models with moving rows, by table."""
    models = (key.model for key in moving_keys())
    return {model._meta.db_table: model for model in models if model is not Customer}


def _external_id_taken(merge: CustomerMerge) -> MergeNotUndoable:
    sentence = _("This merge cannot be undone: another customer has the external id “%(id)s” now.")
    return MergeNotUndoable(sentence % {"id": merge.external_id})


def _listed(changed: list[str]) -> str:
    more = _(" and more") if len(changed) > NAMED else ""
    return ", ".join(changed[:NAMED]) + more
