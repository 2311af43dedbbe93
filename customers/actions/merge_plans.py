"""Plan a merge of two customers: every field that differs, and every row that moves."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.merging import ARCHIVED

from .. import errors
from ..countries import dialling_countries
from ..models import ContactPoint, Customer, Erasure
from ..models.contact_points import MOST_POINTS
from .contact_points import EMAIL, PHONE, Way, keys_of_way, points_of
from .details import clean_tags
from .merge_moves import MovePlan, plan_moves
from .preferences import merge_preferences

KEPT, MERGED = "kept", "merged"
FIELDS = (
    *("first_name", "last_name", "name", "legal_name", "tax_id", "email", "phone"),
    *("external_id", "birthday", "tags", "is_active"),
)
PREFERENCE = "preferences."
# A refused consent stays refused, even if the other record has agreed.
CONSENT = "marketing_opt_in"


class FieldPlan(NamedTuple):
    """A field in which two customers differ: both values, and the value to keep."""

    name: str
    kept: object
    merged: object
    result: object


@dataclass(frozen=True)
class MergePlan:
    """The effects of a merge, and the refusals that prevent it.

    `result` has the changed fields of the remaining customer. `archived_points` are contact points
    of that customer to archive. `new_points` are contact points to add for either customer; those
    of the merged customer belong to it until the journal moves them. `digests` represent all rows
    of both.
    """

    kept: Customer
    merged: Customer
    fields: list[FieldPlan]
    result: dict[str, object]
    moves: list[MovePlan]
    digests: list[str]
    archived_points: list[UUID]
    new_points: list[ContactPoint]
    refusals: list[Refusal]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the data of both customers; it does not depend on the choices."""
        customers = self.kept, self.merged
        both = [[str(one.pk), one.archived_at is None, _values(one)] for one in customers]
        text = json.dumps([both, self.digests], default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    @property
    def given_up_external_id(self) -> str:
        """The external id that no customer has after the merge, or that of the merged customer."""
        takes_theirs = "external_id" in self.result
        return (takes_theirs and self.kept.external_id) or self.merged.external_id

    def check(self) -> None:
        """Raise all refusals that prevent the merge, as one."""
        if self.refusals:
            first, *others = self.refusals
            raise first.with_others(*others)


def plan_merge(
    kept: Customer, *, merged: Customer, choices: Mapping[str, str] | None = None, actor: Actor
) -> MergePlan:
    """Return the effects of merging a customer into another; writes nothing.

    `choices` maps differing fields to the side whose value stays, `kept` or `merged`. Raises
    MergesWithItself or InvalidMergeChoice; the plan collects all other refusals.
    """
    if kept.pk == merged.pk:
        raise errors.MergesWithItself
    fields = _fields(kept, merged, dict(choices or {}))
    refusals = [*_obstacles(kept, merged)]
    result = dict[str, object]()
    try:
        result = _result(kept, fields)
    except Refusal as refusal:
        refusals.append(refusal)
    moves, digests, clashes = plan_moves(kept, merged)
    after = copy(kept)
    for name, value in result.items():
        setattr(after, name, value)
    try:
        archived, new = _contact_points(kept, merged, after, actor)
    except Refusal as refusal:
        archived, new = {}, []
        refusals.append(refusal)
    for move in moves:
        if move.key.model is ContactPoint:
            move.given.update({key: ARCHIVED for key, own in archived.items() if not own})
    own_points = [UUID(key) for key, own in archived.items() if own]
    refusals += clashes
    return MergePlan(kept, merged, fields, result, moves, digests, own_points, new, refusals)


def _values(customer: Customer) -> dict[str, object]:
    """Return the fields of a customer that a merge compares, with each preference separately."""
    own = {name: getattr(customer, name) for name in FIELDS}
    return own | {f"{PREFERENCE}{key}": one for key, one in customer.preferences.items()}


def _fields(kept: Customer, merged: Customer, choices: dict[str, str]) -> list[FieldPlan]:
    ours, theirs = _values(kept), _values(merged)
    differ = [one for one in ours | theirs if ours.get(one) != theirs.get(one)]
    wrong = {
        name: choice
        for name, choice in choices.items()
        if name not in ours | theirs or choice not in (KEPT, MERGED)
    }
    for name, choice in wrong.items():
        facts = {"name": name[:80], "choice": str(choice)[:40], "names": ", ".join(differ)}
        sentence = _(
            "Choose kept or merged for a field in which the two differ (%(names)s); got "
            "“%(name)s”: “%(choice)s”."
        )
        raise errors.InvalidMergeChoice(sentence % facts)
    return [
        FieldPlan(
            name,
            ours.get(name),
            theirs.get(name),
            _chosen(name, ours.get(name), theirs.get(name), choices.get(name, "")),
        )
        for name in differ
    ]


def _chosen(name: str, kept: Any, merged: Any, choice: str) -> object:
    """Return the chosen value, else that of the remaining customer unless it is empty."""
    if choice:
        return kept if choice == KEPT else merged
    if name == "tags":
        known = {tag.lower() for tag in kept}
        return [*kept, *(tag for tag in merged if tag.lower() not in known)]
    if name == f"{PREFERENCE}{CONSENT}" and False in (kept, merged):
        return False
    return merged if kept in ("", None) else kept


def _result(kept: Customer, fields: list[FieldPlan]) -> dict[str, object]:
    """Return the changed columns of the remaining customer; raises a refusal if one is invalid."""
    chosen = {one.name: one.result for one in fields}
    result: dict[str, object] = {
        one.name: one.result for one in fields if one.name in FIELDS and one.result != one.kept
    }
    preferences = merge_preferences(
        kept.preferences,
        {
            name.removeprefix(PREFERENCE): value
            for name, value in chosen.items()
            if name.startswith(PREFERENCE)
        },
    )
    if preferences != kept.preferences:
        result["preferences"] = preferences
    if isinstance(tags := result.get("tags"), list):
        result["tags"] = clean_tags(tags)
    return result


def _obstacles(*customers: Customer) -> Iterator[Refusal]:
    """Yield a refusal for each customer who is archived or about to be erased."""
    waiting = Erasure.objects.waiting()
    for one in customers:
        if one.is_archived:
            text = _("%(name)s is archived. Restore the customer first.")
            yield errors.CustomerArchived(text % {"name": one})
        if waiting.filter(company_id=one.company_id, customer=one).exists():
            text = _("The data of %(name)s is to be erased. Cancel the erasure first.")
            yield errors.ErasureWaiting(text % {"name": one})


def _contact_points(
    kept: Customer, merged: Customer, after: Customer, actor: Actor
) -> tuple[dict[str, bool], list[ContactPoint]]:
    """Return the contact points that repeat another value, and the contact points to add.

    The first maps the id of each repeated contact point to whether it belongs to the remaining
    customer. Raises TooManyContactPoints.
    """
    countries = dialling_countries("", actor.country)
    taken = keys_of_way(EMAIL, after.email, countries) | keys_of_way(PHONE, after.phone, countries)
    live = ContactPoint.objects.live().filter(company_id=kept.company_id)
    archived, staying = dict[str, bool](), list[ContactPoint]()
    for customer in (kept, merged):
        for point in live.filter(customer=customer).order_by("id"):
            keys = keys_of_way(point.kind, point.value, countries)
            if keys & taken:
                archived[str(point.pk)] = customer is kept
            else:
                staying.append(point)
                taken |= keys
    if len(staying) > MOST_POINTS:
        raise errors.TooManyContactPoints
    new = points_of(after, _own_ways(kept), known=staying, actor=actor)
    theirs = points_of(after, _own_ways(merged), known=[*staying, *new], actor=actor)
    for point in theirs:
        point.customer = merged
    return archived, [*new, *theirs]


def _own_ways(customer: Customer) -> list[Way]:
    """Return the customer's own e-mail address and phone, if they are valid contact points."""
    has_digits = any(letter.isdecimal() for letter in customer.phone)
    ways = ((EMAIL, customer.email), (PHONE, customer.phone if has_digits else ""))
    return [(kind, value, "") for kind, value in ways if value]
