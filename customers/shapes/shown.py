"""Shapes of customers and what hangs on them, for each surface (contract, sections 1 to 3, 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Case, CharField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf

from billing.models import PaymentMethod, Subscription
from config.api.shapes import (
    At,
    Day,
    First,
    Fixed,
    Flag,
    Id,
    Instant,
    Keys,
    ListOf,
    Many,
    Number,
    OneOf,
    Part,
    Shape,
    Text,
    TextOrNull,
    is_set,
)

from ..models import Address, Customer
from . import stats

CUSTOMER, ADDRESS, USER, NOTE, ZONE = "cust_", "addr_", "usr_", "note_", "zone_"
METHOD, MANDATE = "pm_", "mandate_"


def _status(at: At) -> Any:
    return Case(
        When(Q(**{at("archived_at").name + "__isnull": False}), then=Value(Customer.DEACTIVATED)),
        When(Q(**{at("is_active").name: True}), then=Value(Customer.ACTIVE)),
        default=Value(Customer.INACTIVE),
        output_field=CharField(),
    )


def _dialled(at: At) -> Any:
    """The number in E.164 where it is known, as typed elsewhere."""
    return Coalesce(NullIf(at("phone_e164"), Value("")), at("phone"))


# --- M2M ---


class Profile(Shape):
    """A customer's own profile."""

    id = Id(CUSTOMER)
    type = Fixed("customer")
    firstname = Text("first_name")
    lastname = Text("last_name")
    email = Text()
    mobile = Text("phone")


class CustomerNote(Shape):
    """What somebody wrote about a customer."""

    id = Id(NOTE)
    type = Fixed("note")
    content = Text()
    created_by = Text("author_name")
    created_at = Instant()
    updated_at = Instant()


# --- v1 ---


class CustomerAddress(Shape):
    """An address of a customer."""

    id = Id(ADDRESS)
    label = TextOrNull()  # type: ignore[assignment]
    street = TextOrNull()
    city = TextOrNull()
    state = TextOrNull()
    zip = TextOrNull("postal_code")
    access_notes = TextOrNull()
    is_default = Flag()


def _of(stat: Callable[[str], Any]) -> Callable[[At], Any]:
    return lambda at: stat(at("pk").name)


def _default_payment_method(at: At) -> Any:
    default = PaymentMethod.objects.default().filter(customer_id=OuterRef(at("pk").name))
    return Subquery(default.values("id")[:1])


class CustomerStats(Shape):
    """What a customer amounts to: bookings, money in the smallest unit, the latest visit."""

    total_bookings = Number(_of(stats.counted_bookings))
    total_spent = Number(_of(stats.spent))
    last_booking_at = Instant(_of(stats.last_booking_at), allow_null=True)
    active_subscription = TextOrNull(_of(stats.active_plan))


class CustomerSubscription(Shape):
    """The subscription that a customer has, and the name of the plan that it is on."""

    id = Id(MANDATE)
    plan = Text("plan__name")
    state = OneOf(choices=Subscription.State.values)
    renewal_date = Day(allow_null=True)


class CustomerSummary(Shape):
    """A customer with addresses, preferences and what they amount to."""

    id = Id(CUSTOMER)
    first_name = TextOrNull()
    last_name = TextOrNull()
    email = TextOrNull()
    phone = TextOrNull(_dialled)
    status = OneOf(_status, choices=[Customer.ACTIVE, Customer.INACTIVE, Customer.DEACTIVATED])
    addresses = Many(CustomerAddress, Address.objects.live, "customer_id", "-is_default", "id")
    preferences = Keys()
    stats = Part(CustomerStats)
    subscription = First(CustomerSubscription, Subscription.objects.live, "customer_id", "-id")
    created_at = Instant()
    updated_at = Instant()


class ServiceZone(Shape):
    """A service zone and the postal codes that it covers."""

    id = Id(ZONE)
    name = Text()
    postal_codes = ListOf(Text())
    archived = Flag(lambda at: is_set(at("archived_at")))
    created_at = Instant()


# --- Accounts ---


class CustomerAccount(Shape):
    """A business account; the flat address is the default one."""

    needs = ("with_default_address",)

    id = Id(CUSTOMER)
    name = TextOrNull("display_name")
    legal_name = TextOrNull()
    email = TextOrNull()
    ein = TextOrNull("tax_id")
    external_id = TextOrNull()
    default_payment_method_id = Id(METHOD, _default_payment_method, allow_null=True)
    street_address = TextOrNull("home__street")
    sub_premise = TextOrNull("home__sub_premise")
    city = TextOrNull("home__city")
    state = TextOrNull("home__state")
    postal_code = TextOrNull("home__postal_code")
    country = TextOrNull("home__country")
    created_at = Instant()
    archived = Flag(lambda at: is_set(at("archived_at")))


class AccountUser(Shape):
    """A person who acts for a customer."""

    id = Id(USER)
    email = TextOrNull()
    first_name = TextOrNull()
    last_name = TextOrNull()
    created_at = Instant()


# --- Both documents of GET /customers ---


class CustomerRecord(CustomerAccount):
    """A customer as two documents describe it; what they share is "" where it is absent."""

    type = Fixed("customer")
    firstname = Text("first_name")
    lastname = Text("last_name")
    email = Text()  # type: ignore[assignment]
    mobile = Text("phone")
