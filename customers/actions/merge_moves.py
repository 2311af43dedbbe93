"""The rows that a merge of two customers moves, and the rows that would violate a constraint."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from config.errors import Refusal
from config.statements.compiling import fetch_rows
from config.tenancy.ids import show_id
from config.tenancy.merging import REFUSED, Values
from config.tenancy.models import TenantForeignKey, noun_of
from config.tenancy.scoping import TenantQuerySet

from .. import errors
from ..models import Customer
from ..models.merges import constraints_over, moving_keys, parts_beside, rule_of

MOST_IDS = 1_000  # The most rows of a kind that a plan names.


class MovePlan(NamedTuple):
    """The rows that a merge moves: their key to the customer, their number and their ids.

    `ids` has only the oldest of many rows. `given` has further values of single rows, by id.
    """

    key: TenantForeignKey
    number: int
    ids: list[UUID]
    given: dict[str, Values]

    def summary(self) -> dict[str, object]:
        """Return the moving rows in the v1 shape."""
        model: Any = self.key.model
        prefix = getattr(model, "id_prefix", None)
        ids = [show_id(prefix, one) for one in self.ids] if prefix else []
        return {"object": model.recorded.noun, "count": self.number, "ids": ids}


# The moving rows of a kind, and a digest of all rows of that kind of both customers.
_ROWS = """
SELECT {number} AS number, count(*) FILTER (WHERE row.{column} = %(merged)s),
       (array_agg(row.id ORDER BY row.id) FILTER (WHERE row.{column} = %(merged)s))[1:{most}],
       md5(COALESCE(string_agg(md5(row::text), ',' ORDER BY row.id), ''))
  FROM {table} AS row
 WHERE row.company_id = %(company)s AND row.{column} IN (%(kept)s, %(merged)s)
"""


def plan_moves(kept: Customer, merged: Customer) -> tuple[list[MovePlan], list[str], list[Refusal]]:
    """Return the rows that move, a digest for each kind, and the refusals of clashing rows."""
    values = {"company": kept.company_id, "kept": kept.pk, "merged": merged.pk}
    statements = (
        _ROWS.format(
            number=number, table=key.model._meta.db_table, column=key.column, most=MOST_IDS
        )
        for number, key in enumerate(moving_keys())
    )
    found = fetch_rows(f"{' UNION ALL '.join(statements)} ORDER BY number", values)
    moves, digests, refusals = [], list[str](), list[Refusal]()
    for key, (_number, count, ids, digest) in zip(moving_keys(), found, strict=True):
        digests.append(digest)
        if count:
            move = MovePlan(key, count, ids, {})
            refusals += _find_clashes(move, kept, merged)
            moves.append(move)
    return moves, digests, refusals


def _find_clashes(move: MovePlan, kept: Customer, merged: Customer) -> Iterator[Refusal]:
    """Set the values that avoid violated constraints, or yield a refusal if the rule says so."""
    rule: Any = rule_of(move.key)
    for name, constraint in constraints_over(move.key).items():
        rows: Any = TenantQuerySet(move.key.model).filter(
            constraint.condition or Q(), company_id=kept.company_id
        )
        rows = rows.annotate(**parts_beside(move.key, constraint))
        parts = {part: OuterRef(part) for part in parts_beside(move.key, constraint)}
        same = rows.filter(**{move.key.attname: kept.pk}, **parts)
        for row in rows.filter(Exists(same), **{move.key.attname: merged.pk}):
            if rule.clashes[name] is REFUSED:
                text = _(
                    "Both customers have the same %(what)s, of which one may have only one: "
                    "%(which)s. End one of the two first."
                ) % {"what": noun_of(move.key.model), "which": row}
                yield errors.CustomersClash(text)
            else:
                before = move.given.get(str(row.pk), {})
                move.given[str(row.pk)] = {**before, **rule.clashes[name]}
