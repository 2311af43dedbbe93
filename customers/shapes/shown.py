"""Shapes of customers and what hangs on them, for each surface (contract, sections 1 to 3, 5)."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateTimeField,
    Field,
    JSONField,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, NullIf

from config.api.shapes import (
    At,
    Fixed,
    Flag,
    Id,
    Instant,
    Keys,
    Many,
    Number,
    OneOf,
    Part,
    Shape,
    Text,
    TextOrNull,
)

from ..models import Address, Customer

CUSTOMER, ADDRESS, USER, NOTE, ZONE = "cust_", "addr_", "usr_", "note_", "zone_"


def _status(at: At) -> Any:
    return Case(
        When(Q(**{at("archived_at").name + "__isnull": False}), then=Value(Customer.DEACTIVATED)),
        When(Q(**{at("is_active").name: True}), then=Value(Customer.ACTIVE)),
        default=Value(Customer.INACTIVE),
        output_field=CharField(),
    )


def _is_archived(at: At) -> Any:
    return Case(
        When(Q(**{at("archived_at").name + "__isnull": True}), then=Value(False)),
        default=Value(True),
        output_field=BooleanField(),
    )


def _dialled(at: At) -> Any:
    """The number in E.164 where it is known, as typed elsewhere."""
    return Coalesce(NullIf(at("phone_e164"), Value("")), at("phone"))


def _null(kind: Field[Any, Any]) -> Any:
    return lambda at: Cast(Value(None), kind)


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


class CustomerStats(Shape):
    """What a customer amounts to: bookings, money in the smallest unit, the latest visit."""

    total_bookings = Number(lambda at: Value(0))
    total_spent = Number(lambda at: Value(0))
    last_booking_at = Instant(_null(DateTimeField()), allow_null=True)
    active_subscription = TextOrNull(_null(CharField()))


class CustomerSubscription(Shape):
    """The subscription that a customer has, and what it is on."""

    id = Text()
    plan = Text()
    state = Text()
    renewal_date = TextOrNull()


class NoSubscription(Part):
    """Null: nothing in the record can be a subscription."""

    def __init__(self) -> None:
        super().__init__(CustomerSubscription, allow_null=True)

    def expression(self, at: At) -> Any:
        return Cast(Value(None), JSONField())


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
    subscription = NoSubscription()
    created_at = Instant()
    updated_at = Instant()


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
    default_payment_method_id = TextOrNull(_null(CharField()))
    street_address = TextOrNull("home__street")
    sub_premise = TextOrNull("home__sub_premise")
    city = TextOrNull("home__city")
    state = TextOrNull("home__state")
    postal_code = TextOrNull("home__postal_code")
    country = TextOrNull("home__country")
    created_at = Instant()
    archived = Flag(_is_archived)


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
