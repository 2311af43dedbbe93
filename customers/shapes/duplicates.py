"""The shape of a pair of customers who are likely one person."""

from config.api.shapes import (
    CreatedAt,
    Id,
    Instant,
    IsSet,
    ListOf,
    Number,
    One,
    OneOf,
    Shape,
    TextOrNull,
)

from ..models import Customer, Duplicate
from ..models.duplicates import Fact
from . import words
from .addresses import dialled


class DuplicateCustomer(Shape):
    """One of two customers who are likely the same: what to tell them apart by."""

    id = Id(Customer.id_prefix)
    display_name = TextOrNull(help_text="The name that the customer is shown by.")
    email = TextOrNull(help_text=f"{words.EMAIL} {words.NULL}")
    phone = TextOrNull(dialled("phone"), help_text=f"{words.PHONE} {words.NULL}")
    birthday = TextOrNull(help_text="`1990-05-04`, or `--05-04` where the year is not known.")
    created_at = CreatedAt()


class DuplicateRecord(Shape):
    """Two customers who are likely one person."""

    schema_name = "Duplicate"

    id = Id(Duplicate.id_prefix, help_text="The id of the pair.")
    customer = One(
        DuplicateCustomer, "customer", help_text="The customer of the two who was created first."
    )
    other = One(
        DuplicateCustomer, "other", help_text="The customer of the two who was created later."
    )
    score = Number(help_text="How likely it is that they are one person, from 0 to 100.")
    reasons = ListOf(
        OneOf(choices=Fact.values),
        help_text="What the two customers have in common or differ in. The guide's page on "
        "duplicates says how much each counts.",
    )
    dismissed = IsSet(
        "dismissed_at", help_text="Whether somebody decided that they are two people."
    )
    dismissed_by = TextOrNull(
        help_text="The name of the person or client that decided so; null if nobody did."
    )
    dismissed_at = Instant(allow_null=True, help_text="When it was decided; null if it was not.")
    created_at = Instant(help_text="When the pair was found.")
