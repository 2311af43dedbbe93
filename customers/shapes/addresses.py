"""Addresses, contact points and zones of customers, on the v1 surface."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Func

from config.api.input_fields import Accepted, ChoiceIn, FlagIn, ListIn, TextField
from config.api.shapes import At, CreatedAt, Flag, Id, IsSet, ListOf, OneOf, Shape, Text, TextOrNull

from ..models import Address, ContactPoint, Customer, Zone
from . import words

_ZONE_NAME = "What staff call the zone, such as `North London`."


def dialled(typed: str) -> Callable[[At], Any]:
    """The number in E.164 with its extension, or as typed if it could not be read."""

    def number(at: At) -> Any:
        columns = map(at, (typed, "phone_e164", "phone_national"))
        return Func(*columns, function="customers_dialled", output_field=models.CharField())

    return number


# --- Outputs ---


class CustomerAddress(Shape):
    """An address of a customer."""

    id = Id(Address.id_prefix)
    label = TextOrNull(help_text=f"{words.LABEL} {words.NULL}")  # type: ignore[assignment]
    street = TextOrNull(help_text=f"{words.STREET} {words.NULL}")
    sub_premise = TextOrNull(help_text=f"{words.SUB_PREMISE} {words.NULL}")
    city = TextOrNull(help_text=f"{words.CITY} {words.NULL}")
    state = TextOrNull(help_text=f"{words.STATE} {words.NULL}")
    zip = TextOrNull("postal_code", help_text=f"{words.POSTAL_CODE} {words.NULL}")
    country = TextOrNull(help_text=f"{words.COUNTRY} {words.NULL}")
    access_notes = TextOrNull(help_text=f"{words.ACCESS_NOTES} {words.NULL}")
    is_default = Flag(
        help_text="Whether this is the customer's default address. A customer has at most one."
    )


class AddressRecord(CustomerAddress):
    """An address of a customer, archived or not."""

    schema_name = "Address"

    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who lives there.")
    archived = IsSet("archived_at", help_text="Whether the address is archived.")
    created_at = CreatedAt()


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
    created_at = CreatedAt()


class ServiceZone(Shape):
    """A service zone and the postal codes that it covers."""

    schema_name = "Zone"

    id = Id(Zone.id_prefix)
    name = Text(help_text=_ZONE_NAME)
    postal_codes = ListOf(
        Text(),
        help_text="Every postal code that the zone covers, as typed. Codes are compared without "
        "spaces and case.",
    )
    archived = IsSet("archived_at", help_text="Whether the zone is archived.")
    created_at = CreatedAt()


# --- Inputs ---


class NewAddress(Accepted):
    """An address of a customer."""

    label = TextField(  # type: ignore[assignment]
        Address.label.field, help_text=words.LABEL
    )
    street = TextField(Address.street.field, help_text=words.STREET)
    sub_premise = TextField(Address.sub_premise.field, help_text=words.SUB_PREMISE)
    city = TextField(Address.city.field, help_text=words.CITY)
    state = TextField(Address.state.field, help_text=words.STATE)
    zip = TextField(Address.postal_code.field, source="postal_code", help_text=words.POSTAL_CODE)
    country = TextField(
        Address.country.field,
        help_text="A name or an ISO 3166-1 code, kept as typed. Phone numbers without a country "
        "code are read as numbers of this country.",
    )
    access_notes = TextField(Address.access_notes.field, help_text=words.ACCESS_NOTES)
    is_default = FlagIn(
        required=False,
        help_text="true makes this the default address in place of the present one. The first "
        "address is always the default. To replace the default, make another address the default.",
    )


class ChangedAddress(NewAddress):
    """Fields of an address; what is left out stays."""


_VALUE = (
    "An e-mail address, or a phone number of up to 60 characters, kept as typed: "
    "`office@example.com`, `+44 20 7946 0018`. The customer has it once, ignoring case."
)


class ChangedContactPoint(Accepted):
    """Fields of a contact point; what is left out stays."""

    value = TextField(
        ContactPoint.value.field, allow_blank=False, allow_null=False, help_text=_VALUE
    )
    label = TextField(  # type: ignore[assignment]
        ContactPoint.label.field,
        help_text="Its purpose, such as `work`: your own text of up to 60 characters.",
    )


class NewContactPoint(ChangedContactPoint):
    """A further way to reach a customer, besides the customer's own e-mail address and phone."""

    kind = ChoiceIn(
        ContactPoint.Kind.values, help_text="Whether `value` is an e-mail address or a phone."
    )
    value = TextField(ContactPoint.value.field, required=True, help_text=_VALUE)


class ChangedZone(Accepted):
    """The name of a zone, and every postal code that it covers."""

    name = TextField(Zone.name.field, allow_blank=False, allow_null=False, help_text=_ZONE_NAME)
    postal_codes = ListIn(
        child=TextField(required=True, max_length=30),
        required=False,
        max_length=10_000,
        help_text="Every postal code that the zone covers, in place of those that it has. Codes "
        "are compared without spaces and case.",
    )


class NewZone(ChangedZone):
    """A service zone: a name and the postal codes that it covers."""

    name = TextField(Zone.name.field, required=True, help_text=_ZONE_NAME)
