"""Shapes of customers and what hangs on them, on M2M and v1 (contract, sections 1 and 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Case, Func, Q, Value, When

from billing.models import Subscription
from config.api.nested_shapes import First
from config.api.shapes import (
    At,
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

from ..models import Address, ContactPoint, Customer, CustomerUser, Note, Zone
from . import stats
from .merges import merged_into_shown


def _status(at: At) -> Any:
    return Case(
        When(Q(**{at("archived_at").name + "__isnull": False}), then=Value(Customer.DEACTIVATED)),
        When(Q(**{at("is_active").name: True}), then=Value(Customer.ACTIVE)),
        default=Value(Customer.INACTIVE),
        output_field=models.CharField(),
    )


def _rests_with_customer(at: At) -> Q:
    """Choose active subscriptions of archived customers, which rest as paused ones do."""
    archived = at("customer__archived_at").name
    return Q(**{at("state").name: Subscription.State.ACTIVE, f"{archived}__isnull": False})


def _state(at: At) -> Any:
    return Case(
        When(_rests_with_customer(at), then=Value(Subscription.State.PAUSED.value)),
        default=at("state"),
        output_field=models.CharField(),
    )


def subscription_state() -> OneOf:
    """Return the field of the state of a subscription, as the M2M surface words it."""
    return OneOf(
        _state,
        choices=Subscription.State.values,
        help_text="The state; an active subscription of an archived customer is shown as PAUSED.",
    )


def subscription_status() -> LowerCase:
    """Return the field of the state of a subscription, as v1 words it."""
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
    """Return the field of the day on which a subscription renews."""
    return Day(
        _renewal_date,
        allow_null=True,
        help_text="When the next period begins; null once cancelled, or while the customer is "
        "archived.",
    )


def subscription_paused_at(at: At) -> Any:
    """Return when a subscription was paused, by itself or with its customer."""
    return Case(
        When(_rests_with_customer(at), then=at("customer__archived_at")),
        default=at("paused_at"),
        output_field=models.DateTimeField(),
    )


def dialled(typed: str) -> Callable[[At], Any]:
    """The number in E.164, with its extension, where it is known; as typed elsewhere."""

    def number(at: At) -> Any:
        columns = map(at, (typed, "phone_e164", "phone_national"))
        return Func(*columns, function="customers_dialled", output_field=models.CharField())

    return number


# --- M2M ---


class Person(Shape):
    """The customer who bought something, or for whom it was bought."""

    id = Id(Customer.id_prefix)
    type = Fixed("customer")
    firstname = Text("first_name")
    lastname = Text("last_name")
    email = Text()


class Profile(Person):
    """A customer's own profile."""

    mobile = Text("phone")


class CustomerNote(Shape):
    """A note about a customer."""

    schema_name = "Note"

    id = Id(Note.id_prefix)
    type = Fixed("note")
    content = Text()
    created_by = Text("author_name")
    created_at = Instant()
    updated_at = UpdatedAt()


# --- v1 ---


class CustomerAddress(Shape):
    """An address of a customer."""

    id = Id(Address.id_prefix)
    label = TextOrNull()  # type: ignore[assignment]
    street = TextOrNull()
    sub_premise = TextOrNull(help_text="The flat, floor or unit within the building.")
    city = TextOrNull()
    state = TextOrNull()
    zip = TextOrNull("postal_code")
    country = TextOrNull(help_text="As typed: a name or an ISO 3166-1 code.")
    access_notes = TextOrNull()
    is_default = Flag()


class AddressRecord(CustomerAddress):
    """An address of a customer, archived or not."""

    schema_name = "Address"

    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who lives there.")
    archived = IsSet("archived_at", help_text="Whether the address is archived.")
    created_at = Instant(help_text="When the address was added.")


class ContactPointRecord(Shape):
    """A further way to reach a customer, besides the customer's own e-mail address and phone."""

    schema_name = "ContactPoint"

    id = Id(ContactPoint.id_prefix)
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer who is reached there."
    )
    kind = OneOf(
        choices=ContactPoint.Kind.values, help_text="Whether `value` is an e-mail address or phone."
    )
    value = Text(
        dialled("value"),
        help_text="The e-mail address as typed, or the phone number in E.164 where it can be read, "
        "`+442079460018`; as typed elsewhere.",
    )
    label = TextOrNull(  # type: ignore[assignment]
        help_text="What the contact point is for, `work` say, in the company's own words."
    )
    archived = IsSet("archived_at", help_text="Whether the contact point is archived.")
    created_at = Instant(help_text="When the contact point was added.")


class UserRecord(Shape):
    """A person who acts for a customer."""

    schema_name = "User"

    id = Id(CustomerUser.id_prefix)
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer whom the person acts for."
    )
    email = TextOrNull(help_text="The e-mail address, as typed.")
    first_name = TextOrNull(help_text="The given name.")
    last_name = TextOrNull(help_text="The family name.")
    archived = IsSet("archived_at", help_text="Whether the user is archived.")
    created_at = Instant(help_text="When the user was added.")


def _of(stat: Callable[[str], Any]) -> Callable[[At], Any]:
    return lambda at: stat(at("pk").name)


class CustomerStats(Shape):
    """The figures of a customer: bookings, money in the smallest unit, the latest visit."""

    total_bookings = Number(_of(stats.counted_bookings))
    total_spent = Number(
        _of(stats.spent),
        help_text="Payments that succeeded less refunds, in the smallest unit of `currency`.",
    )
    currency = Currency("company__currency")
    last_booking_at = Instant(_of(stats.last_booking_at), allow_null=True)
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
    external_id = TextOrNull(help_text="The customer's id in the integrator's own system.")
    first_name = TextOrNull()
    last_name = TextOrNull()
    name = TextOrNull(
        help_text="The name of an organisation; null for a person. The person to talk to stands in "
        "`first_name` and `last_name`."
    )
    legal_name = TextOrNull(help_text="The organisation's name as it is registered.")
    tax_id = TextOrNull(help_text="The number under which the customer pays tax, as typed.")
    email = TextOrNull()
    phone = TextOrNull(dialled("phone"))
    status = OneOf(_status, choices=[Customer.ACTIVE, Customer.INACTIVE, Customer.DEACTIVATED])
    addresses = Many(CustomerAddress, Address.objects.live, "customer_id", "-is_default", "id")
    preferences = Keys()
    tags = ListOf(
        Text(),
        help_text='Tags of the customer in the order in which they were given, `["VIP"]`; empty '
        "for none.",
    )
    birthday = TextOrNull(
        help_text="The day of birth, `1990-05-04`, or `--05-04` where the year is not known; null "
        "where nothing is known."
    )
    stats = Part(CustomerStats)
    # ACTIVE sorts before PAUSED and SUSPENDED.
    subscription = First(
        CustomerSubscription, Subscription.objects.live, "customer_id", "state", "-id"
    )
    merged_into = merged_into_shown()
    created_at = Instant()
    updated_at = UpdatedAt(
        help_text="When the customer or one of its addresses was last changed. `stats` and "
        "`subscription` change without it."
    )


class ServiceZone(Shape):
    """A service zone and the postal codes that it covers."""

    schema_name = "Zone"

    id = Id(Zone.id_prefix)
    name = Text()
    postal_codes = ListOf(Text())
    archived = IsSet("archived_at")
    created_at = Instant()
