"""Shapes of customers and their related rows, on M2M and v1 (contract, sections 1 and 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Case, Q, Value, When

from billing.models import Subscription
from config.api.nested_shapes import First
from config.api.shapes import (
    At,
    CreatedAt,
    Currency,
    Day,
    Fixed,
    Flag,
    Id,
    Instant,
    IsSet,
    Keys,
    ListOf,
    LowerCase,
    Many,
    Number,
    OneOf,
    Part,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
)

from ..models import Address, Customer, CustomerUser, Note
from . import stats, words
from .addresses import CustomerAddress, dialled
from .merges import merged_into_shown


def _status(at: At) -> Any:
    return Case(
        When(Q(**{at("archived_at").name + "__isnull": False}), then=Value(Customer.DEACTIVATED)),
        When(Q(**{at("is_active").name: True}), then=Value(Customer.ACTIVE)),
        default=Value(Customer.INACTIVE),
        output_field=models.CharField(),
    )


def _rests_with_customer(at: At) -> Q:
    """Select active subscriptions of archived customers, which are shown as paused."""
    archived = at("customer__archived_at").name
    return Q(**{at("state").name: Subscription.State.ACTIVE, f"{archived}__isnull": False})


def _state(at: At) -> Any:
    return Case(
        When(_rests_with_customer(at), then=Value(Subscription.State.PAUSED.value)),
        default=at("state"),
        output_field=models.CharField(),
    )


def subscription_state() -> OneOf:
    """Return the field with the state of a subscription, in the words of the M2M surface."""
    return OneOf(
        _state,
        choices=Subscription.State.values,
        help_text="The state; an active subscription of an archived customer is shown as PAUSED.",
    )


def subscription_status() -> LowerCase:
    """Return the field with the state of a subscription, in the words of v1."""
    return LowerCase(
        _state,
        choices=Subscription.State.values,
        help_text="The status; an active subscription of an archived customer is shown as paused.",
    )


def _renewal_date(at: At) -> Any:
    archived = at("customer__archived_at").name
    return Case(
        When(Q(**{f"{archived}__isnull": True}), then=at("renewal_date")),
        output_field=models.DateField(),
    )


def subscription_renewal() -> Day:
    """Return the field with the day on which a subscription renews."""
    return Day(
        _renewal_date,
        allow_null=True,
        help_text="When the next period begins; null once cancelled, or while the customer is "
        "archived.",
    )


def subscription_paused_at(at: At) -> Any:
    """Return the time at which a subscription was paused, or its customer archived."""
    return Case(
        When(_rests_with_customer(at), then=at("customer__archived_at")),
        default=at("paused_at"),
        output_field=models.DateTimeField(),
    )


# --- M2M ---


class Person(Shape):
    """The customer who bought something, or for whom it was bought."""

    id = Id(Customer.id_prefix)
    type = Fixed("customer")
    firstname = Text("first_name", help_text=f"{words.FIRST_NAME} {words.BLANK}")
    lastname = Text("last_name", help_text=f"{words.LAST_NAME} {words.BLANK}")
    email = Text(help_text=f"{words.EMAIL} {words.BLANK}")


class Profile(Person):
    """A customer's own profile."""

    mobile = Text("phone", help_text=f"{words.PHONE_TYPED} {words.BLANK}")


class CustomerNote(Shape):
    """A note about a customer."""

    schema_name = "Note"

    id = Id(Note.id_prefix)
    type = Fixed("note")
    content = Text(help_text="The text of the note.")
    created_by = Text(
        "author_name",
        help_text="The name, at that time, of the staff member, API client or API key that wrote "
        "the note.",
    )
    created_at = CreatedAt()
    updated_at = UpdatedAt()


# --- v1 ---


class UserRecord(Shape):
    """A person who acts for a customer."""

    schema_name = "User"

    id = Id(CustomerUser.id_prefix)
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer whom the person acts for."
    )
    email = TextOrNull(help_text=f"{words.EMAIL} {words.NULL}")
    first_name = TextOrNull(help_text=f"The given name of the person. {words.NULL}")
    last_name = TextOrNull(help_text=f"The family name of the person. {words.NULL}")
    archived = IsSet("archived_at", help_text="Whether the user is archived.")
    created_at = CreatedAt()


def _of(stat: Callable[[str], Any]) -> Callable[[At], Any]:
    return lambda at: stat(at("pk").name)


class CustomerStats(Shape):
    """The figures of a customer: bookings, money in the smallest unit, the latest visit."""

    total_bookings = Number(
        _of(stats.counted_bookings),
        help_text="How many bookings the customer has, past and future, without cancelled ones.",
    )
    total_spent = Number(
        _of(stats.spent),
        help_text="Payments that succeeded less refunds, in the smallest unit of `currency`.",
    )
    currency = Currency("company__currency")
    last_booking_at = Instant(
        _of(stats.last_booking_at),
        allow_null=True,
        help_text="When the latest booking that is not cancelled and not in the future began; null "
        "if there is none.",
    )
    active_subscription = Flag(
        _of(stats.has_active_subscription),
        help_text="Whether the customer has an active subscription; `subscription` names its plan.",
    )


class CustomerSubscription(Shape):
    """A customer's subscription and the name of its plan: an active one if there is one."""

    id = Id(Subscription.id_prefix)
    plan = Text("plan__name", help_text="The name of the plan.")
    status = subscription_status()
    renews_on = subscription_renewal()


class CustomerSummary(Shape):
    """A customer with addresses, preferences and what they amount to."""

    schema_name = "Customer"

    id = Id(Customer.id_prefix)
    external_id = TextOrNull(help_text=f"{words.EXTERNAL_ID} {words.NULL}")
    first_name = TextOrNull(help_text=f"{words.FIRST_NAME} {words.NULL}")
    last_name = TextOrNull(help_text=f"{words.LAST_NAME} {words.NULL}")
    name = TextOrNull(help_text=f"{words.NAME} Null for a person.")
    legal_name = TextOrNull(help_text=f"{words.LEGAL_NAME} {words.NULL}")
    tax_id = TextOrNull(help_text=f"{words.TAX_ID} {words.NULL}")
    email = TextOrNull(help_text=f"{words.EMAIL} {words.NULL}")
    phone = TextOrNull(dialled("phone"), help_text=f"{words.PHONE} {words.NULL}")
    status = OneOf(
        _status,
        choices=[Customer.ACTIVE, Customer.INACTIVE, Customer.DEACTIVATED],
        help_text=words.STATUS,
    )
    addresses = Many(
        CustomerAddress,
        Address.objects.live,
        "customer_id",
        "-is_default",
        "id",
        help_text="Every address that is not archived: the default address first, then the oldest.",
    )
    preferences = Keys(help_text=words.PREFERENCES)
    tags = ListOf(
        Text(),
        help_text='Tags of the customer in the order in which they were given, `["VIP"]`; empty '
        "for none.",
    )
    birthday = TextOrNull(
        help_text="The day of birth, `1990-05-04`, or `--05-04` where the year is not known; null "
        "where nothing is known."
    )
    stats = Part(CustomerStats, help_text="Figures that are worked out when the customer is read.")
    # ACTIVE sorts before PAUSED and SUSPENDED.
    subscription = First(
        CustomerSubscription,
        Subscription.objects.live,
        "customer_id",
        "state",
        "-id",
        help_text="The customer's subscription: an active one first, then a paused and a suspended "
        "one, and of several the newest. Null if none is left.",
    )
    merged_into = merged_into_shown()
    created_at = CreatedAt()
    updated_at = UpdatedAt(
        help_text="When the customer or one of its addresses was last changed. `stats` and "
        "`subscription` change without it."
    )
