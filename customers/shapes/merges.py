"""The shapes of merges of customers."""

from typing import Any

from django.db import models
from django.db.models import Func, Value
from rest_framework import serializers

from config.api.shapes import At, Id, Instant, ListOf, Number, Part, Shape, ShapeField, Text

from ..models import Customer, CustomerMerge
from ..models.merges import UNDO_DAYS


def merged_into_shown() -> Id:
    """Return the field with the customer into which this one was merged."""
    return Id(
        Customer.id_prefix,
        "merged_into_id",
        allow_null=True,
        help_text="The customer whom this one was merged into, in an event of it; null for any "
        "other. A request for a merged customer answers with the one that stayed.",
    )


class AnyValue(ShapeField, serializers.JSONField):
    """A value of any type; null if absent."""


class MergedField(Shape):
    """A field in which the two customers differed."""

    name = Text(help_text="The name of the field. A preference begins with `preferences.`.")
    kept = AnyValue(help_text="The value of the customer who stays.")
    merged = AnyValue(help_text="The value of the customer who is merged.")
    result = AnyValue(help_text="The value after the merge.")


class MovedRows(Shape):
    """Rows of one kind that moved."""

    object = Text(help_text="The kind of object, as in event types: `booking`.")
    count = Number(help_text="How many moved.")
    ids = ListOf(Text(), help_text="Their ids, oldest first: at most 1,000.")


class AsStored(Part):
    """Objects that a JSON column stores in the shape of the output."""

    many = True

    def __init__(self, shape: type[Shape], column: str, **kwargs: Any) -> None:
        super().__init__(shape, **kwargs)
        self.column = column

    def expression(self, at: At) -> Any:
        return self.reference(at)


def _undo_ends_at(at: At) -> Func:
    days = Value(f"{UNDO_DAYS} days")
    return Func(
        at("created_at"),
        Func(days, template="%(expressions)s::interval"),
        template="(%(expressions)s)",
        arg_joiner=" + ",
        output_field=models.DateTimeField(),
    )


class MergeRecord(Shape):
    """A merge of a customer into another."""

    schema_name = "Merge"

    id = Id(CustomerMerge.id_prefix)
    customer_id = Id(Customer.id_prefix, "kept_id", help_text="The customer who stays.")
    merged_customer_id = Id(
        Customer.id_prefix,
        "merged_id",
        help_text="The customer who was merged; the id means the one that stays from now on.",
    )
    plan = Text(
        help_text="The version of both customers, and of all that moves, before the merge. Send "
        "the plan of a dry run with the merge itself, so that nothing has changed in between."
    )
    fields_that_differ = AsStored(
        MergedField,
        "fields",
        help_text="Every field in which the two customers differed; empty once it was undone.",
    )
    moved = AsStored(MovedRows, "moved", help_text="Everything that moved, by kind.")
    merged_by = Text("actor_name", help_text="The name of the credential or the staff member.")
    merged_at = Instant("created_at", help_text="When the two were merged.")
    undo_ends_at = Instant(_undo_ends_at, help_text="The last moment at which it can be undone.")
    undone_at = Instant(allow_null=True, help_text="When the merge was undone; null if it was not.")
