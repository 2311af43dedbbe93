"""What a merge of two customers would do: every field that differs, and every row that moves."""

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
# Who once said no is not asked again because a second record says yes.
CONSENT = "marketing_opt_in"


class FieldPlan(NamedTuple):
    """A field in which two customers differ: both values, and the one that stays."""

    name: str
    kept: object
    merged: object
    result: object


@dataclass(frozen=True)
class MergePlan:
    """What a merge would do, and what keeps it from being done.

    `result` has the fields of the customer who stays. `archived_points` are contact points of that
    customer which are archived, `new_points` the ways to reach either that are added: those of the
    merged one belong to it until the journal moves them. `digests` stand for all that both have.
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
        """What tells whether the world is still the one that was shown, whatever is chosen."""
        customers = self.kept, self.merged
        both = [[str(one.pk), one.archived_at is None, _values(one)] for one in customers]
        text = json.dumps([both, self.digests], default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    @property
    def given_up_external_id(self) -> str:
        """The external id that neither has after the merge, or that of the merged customer."""
        takes_theirs = "external_id" in self.result
        return (takes_theirs and self.kept.external_id) or self.merged.external_id

    def check(self) -> None:
        """Raise what keeps the merge from being done, all of it at once."""
        if self.refusals:
            first, *others = self.refusals
            raise first.with_others(*others)


def plan_merge(
    kept: Customer, *, merged: Customer, choices: Mapping[str, str] | None = None, actor: Actor
) -> MergePlan:
    """Return what merging a customer into another would do; writes nothing.

    `choices` says of fields that differ whose value stays, `kept` or `merged`. Raises
    MergesWithItself or InvalidMergeChoice; anything else that refuses the merge stands in the plan.
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
    """Return the fields of a customer that a merge looks at, each preference by itself."""
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
    """Return the value that stays: the chosen one, else that of the customer who stays, if any."""
    if choice:
        return kept if choice == KEPT else merged
    if name == "tags":
        known = {tag.lower() for tag in kept}
        return [*kept, *(tag for tag in merged if tag.lower() not in known)]
    if name == f"{PREFERENCE}{CONSENT}" and False in (kept, merged):
        return False
    return merged if kept in ("", None) else kept


def _result(kept: Customer, fields: list[FieldPlan]) -> dict[str, object]:
    """Return the columns of the customer who stays that change; raises what they cannot be."""
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
    """Yield a refusal for each customer who is archived or is to be erased."""
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
    """Return the contact points that repeat another way, and the ways to add.

    Of each that repeats, by its id, whether it is one of the customer who stays. Raises
    TooManyContactPoints.
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
    """Return a customer's own e-mail address and phone, if they can stand among contact points."""
    has_digits = any(letter.isdecimal() for letter in customer.phone)
    ways = ((EMAIL, customer.email), (PHONE, customer.phone if has_digits else ""))
    return [(kind, value, "") for kind, value in ways if value]
