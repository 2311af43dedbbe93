"""Merges of two records of one person, the moved rows, and the rules for keys to customers."""

import datetime
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import Moves, Rule, Stays
from config.tenancy.models import TenantForeignKey, TenantModel, index, once
from config.tenancy.personal import Personal
from config.tenancy.scoping import TenantQuerySet

from .customers import Customer

# How long a merge can be undone.
UNDO_DAYS = 30


class MergeQuerySet(TenantQuerySet["CustomerMerge"]):
    """Merges of customers."""

    def standing(self) -> "MergeQuerySet":
        """Merges that were not undone."""
        return self.filter(undone_at__isnull=True)

    def known_as(self, external_id: object) -> "MergeQuerySet":
        """Merges in which an external id was given up; uses the condition of the index."""
        return self.standing().filter(external_id=external_id).exclude(external_id="")


class CustomerMerge(TenantModel):
    """Two records of one person that became one: `merged` was merged into `kept`.

    `external_id` is the id that was given up and that still finds the remaining customer: that of
    the merged customer, unless it replaced the other one. `fields` lists the fields that differed,
    with both values and the value kept. `moved` lists the moved rows by kind. Three ids of changes
    show what has changed since: `last_change` is the newest one at the time of the merge,
    `undo_after` and `undo_until` are the newest ones before and after the undo.
    """

    id_prefix = "mrg_"
    noun = "merge"
    merging = {"kept": Stays(), "merged": Stays()}
    personal = Personal(
        erase={"external_id": "", "fields": []},
        identifies=("external_id",),
        impersonal=("plan", "moved", "actor_name", "undone_by"),
    )

    kept = TenantForeignKey(Customer, verbose_name=_("customer who stayed"), related_name="merges")
    merged = TenantForeignKey(Customer, verbose_name=_("merged customer"), related_name="+")
    external_id = models.CharField(_("external id"), max_length=200, blank=True)
    plan = models.CharField(max_length=40)
    fields = models.JSONField(default=list)
    moved = models.JSONField(default=list)
    actor_name = models.CharField(_("merged by"), max_length=255)
    first_change = models.BigIntegerField(default=0)
    last_change = models.BigIntegerField(default=0)
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.CharField(_("undone by"), max_length=255, default="", blank=True)
    undo_after = models.BigIntegerField(default=0)
    undo_until = models.BigIntegerField(default=0)

    objects = MergeQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        indexes = (
            index("merge_of_kept", "kept", "id"),
            index("merge_of_merged", "merged", "id"),
            index(
                "merge_external_id",
                "external_id",
                condition=~Q(external_id="") & Q(undone_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return str(self.kept)

    @property
    def undo_ends_at(self) -> datetime.datetime:
        """The last moment at which it can be undone."""
        return self.created_at + datetime.timedelta(days=UNDO_DAYS)


class MovedRow(TenantModel):
    """A row that a merge changed: the values of the changed columns before and after."""

    personal = Personal(erase=("before", "after"), impersonal=("table_name",))

    merge = TenantForeignKey(CustomerMerge, related_name="rows", db_index=False)
    table_name = models.CharField(max_length=63)
    row_id = models.UUIDField()
    before = models.JSONField()
    after = models.JSONField()

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("moved row")
        verbose_name_plural = _("moved rows")
        constraints = [
            *TenantModel.Meta.constraints,
            once("moved_row_once", "merge", "table_name", "row_id"),
        ]
        indexes = (index("moved_row_of_row", "row_id"),)

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"


def keys_to_customers() -> list[TenantForeignKey]:
    """Return all foreign keys to a customer."""
    return [
        field
        for model in apps.get_models()
        if not model._meta.proxy
        for field in model._meta.concrete_fields
        if isinstance(field, TenantForeignKey) and field.related_model is Customer
    ]


@cache
def moving_keys() -> tuple[TenantForeignKey, ...]:
    """Return the foreign keys whose rows move with a customer."""
    return tuple(key for key in keys_to_customers() if isinstance(rule_of(key), Moves))


def rule_of(key: TenantForeignKey) -> Rule | None:
    """Return the declared merge rule of a foreign key to a customer."""
    return getattr(key.model, "merging", {}).get(key.name)


def constraints_over(key: TenantForeignKey) -> dict[str, models.UniqueConstraint]:
    """Return the unique constraints that include the foreign key."""
    found = (one for one in key.model._meta.constraints if isinstance(one, models.UniqueConstraint))
    return {one.name: one for one in found if key.name in _columns(one)}


def parts_beside(
    key: TenantForeignKey, constraint: models.UniqueConstraint
) -> dict[str, Combinable]:
    """Return the expressions of a constraint by name, except the company and the key."""
    parts: list[Any] = [models.F(name) for name in constraint.fields]
    parts += constraint.expressions
    others = (one for one in parts if getattr(one, "name", "") not in ("company", key.name))
    return {f"part_{number}": part for number, part in enumerate(others)}


def undeclared(keys: list[TenantForeignKey]) -> Iterator[str]:
    """Yield a sentence for each key to a customer, or constraint over it, without a merge rule."""
    for key in keys:
        rule, name = rule_of(key), f"{key.model._meta.label}.{key.name}"
        if rule is None:
            yield f"{name} does not say in `merging` how its rows follow a customer that is merged."
        if isinstance(rule, Moves):
            if not hasattr(key.model, "recorded"):
                yield f"{key.model._meta.label} is not recorded: a merge could not be undone."
            for constraint in constraints_over(key).keys() - rule.clashes.keys():
                yield f"{name} does not say what becomes of rows that clash with {constraint}."


def _columns(constraint: models.UniqueConstraint) -> set[str]:
    inside: list[Any] = [one for part in constraint.expressions for one in _flat(part)]
    names = (getattr(one, "name", "") for one in inside if isinstance(one, models.F))
    return {*constraint.fields, *names}


def _flat(part: Any) -> Iterator[Any]:
    yield part
    for one in getattr(part, "get_source_expressions", list)():
        yield from _flat(one)
