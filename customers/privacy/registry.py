"""The personal columns of all models, and the path from each table to its customer."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core import checks
from django.db.models import Q

from config.changes.models import Change, DataExport
from config.tenancy.actors import Actor
from config.tenancy.models import TenantForeignKey
from config.tenancy.personal import Personal, undeclared
from config.tenancy.scoping import TenantQuerySet

from ..models import ContactPoint, Customer, CustomerMerge, Erasure, MovedRow


@dataclass(frozen=True)
class PersonalTable:
    """A table with rows of customers: `paths` are the lookups that lead to the customer's id."""

    model: Any
    personal: Personal
    paths: tuple[str, ...]

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)

    @property
    def erased(self) -> dict[str, object]:
        """The values of the columns after an erasure."""
        fields = map(self.model._meta.get_field, self.personal.erase)
        return {field.name: self.personal.value_of(field) for field in fields}

    def rows_of(self, people: list[UUID]) -> TenantQuerySet[Any]:
        """Return the rows of these customers, in the active company."""
        of_them = Q()
        for path in self.paths:
            of_them |= Q(**{f"{path}__in": people})
        return TenantQuerySet(self.model).filter(of_them)

    def holding(self, name: str, value: object) -> Q:
        """Return the condition that a column differs from its value after an erasure."""
        if value is None:
            return Q(**{f"{name}__isnull": False})
        return ~Q(**{name: value})


@cache
def personal_tables() -> tuple[PersonalTable, ...]:
    """Return every table with rows of customers: the customers first, logs and erasures last."""
    found = [
        PersonalTable(model, model.personal, paths)
        for model in tenant_models()
        if (paths := paths_to_customer(model)) and not model.personal.is_nobodys
    ]
    return tuple(sorted(found, key=_place))


def _place(one: PersonalTable) -> int:
    if one.model is Customer:
        return 0
    return 2 if one.model in (Change, DataExport, Erasure) else 1


def tenant_models() -> Iterator[Any]:
    """Yield every model whose rows belong to a company."""
    for model in apps.get_models():
        names = {field.attname for field in model._meta.concrete_fields}
        if "company_id" in names and not model._meta.proxy:
            yield model


def paths_to_customer(model: Any, below: tuple[Any, ...] = ()) -> tuple[str, ...]:
    """Return the lookups from a model to its customer's id; none if it has no customer.

    Direct keys to the customer take precedence over keys to other rows of customers.
    """
    if model is Customer:
        return ("id",)
    keys = [one for one in model._meta.concrete_fields if isinstance(one, TenantForeignKey)]
    own = tuple(one.attname for one in keys if one.remote_field.model is Customer)
    if own:
        return own
    if any(one.attname == "customer_id" for one in model._meta.concrete_fields):
        return ("customer_id",)
    return tuple(
        f"{key.name}__{path}"
        for key in keys
        if key.remote_field.model not in (model, *below)
        for path in paths_to_customer(key.remote_field.model, (model, *below))
    )


def people_of(customer: Customer, *, actor: Actor) -> list[UUID]:
    """Return the ids of a customer and of all customers merged into it."""
    # `visible_to` hides merged customers; `merged_into` is always the final customer.
    merged = Customer.objects.filter(company_id=actor.company_id, merged_into=customer)
    return [customer.pk, *merged.order_by("pk").values_list("pk", flat=True)]


def rows_of_others(people: list[UUID]) -> set[UUID]:
    """Return the ids of people's rows that contain data of another person.

    These are undone merges, and the contact points that they had added.
    """
    undone = CustomerMerge.objects.filter(kept__in=people, undone_at__isnull=False)
    merges = list(undone.exclude(merged__in=people).values_list("pk", flat=True))
    return {*merges, *_points_added(merges)}


def take_points_back(people: list[UUID]) -> None:
    """Move contact points with people's data back from other customers.

    A merge that was undone had added them to the other customer; they have been archived since.
    """
    for merge in CustomerMerge.objects.filter(merged__in=people, undone_at__isnull=False):
        points = ContactPoint.objects.filter(pk__in=_points_added([merge.pk]))
        points.filter(customer=merge.kept_id).update(customer=merge.merged_id)


def _points_added(merges: list[UUID]) -> list[UUID]:
    rows = MovedRow.objects.filter(
        merge__in=merges, table_name=ContactPoint._meta.db_table, after={"archived_at": None}
    )
    return list(rows.values_list("row_id", flat=True))


@checks.register(checks.Tags.models)
def every_column_is_declared(**options: Any) -> list[checks.CheckMessage]:
    """Return an error for each text column that its model does not declare."""
    return [
        checks.Error(
            f"{model._meta.label}.{name} may hold something about a person, and is not declared.",
            hint="Name it in `personal` of its model: what becomes of it when a person is erased "
            "(config/tenancy/personal.py).",
            obj=model,
            id="customers.E001",
        )
        for model in tenant_models()
        for name in undeclared(model)
    ]
