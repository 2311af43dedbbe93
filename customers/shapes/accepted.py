"""What is accepted for customers and what hangs on them (contract, sections 1 to 3)."""

from typing import Any

from rest_framework import serializers

from config.api.accepting import Accepted, EmailIn, FlagIn, KeysIn, TextIn

from ..models import Address, Customer, CustomerUser, Note, Zone


def _of(model: Any, name: str) -> Any:
    return model._meta.get_field(name)


# --- M2M ---


class ChangedProfile(Accepted):
    """A profile as its owner wants it. A mobile number that is left out stays."""

    refuses = {
        "password": "Passwords are not kept here.",
        "avatar": "Pictures are not kept here.",
    }

    firstname = TextIn(_of(Customer, "first_name"), source="first_name", required=True)
    lastname = TextIn(_of(Customer, "last_name"), source="last_name", required=True)
    email = EmailIn(_of(Customer, "email"), required=True)
    mobile = TextIn(_of(Customer, "phone"), source="phone")


# --- v1 ---


class NewAddress(Accepted):
    """An address of a customer."""

    label = TextIn(_of(Address, "label"))  # type: ignore[assignment]
    street = TextIn(_of(Address, "street"))
    city = TextIn(_of(Address, "city"))
    state = TextIn(_of(Address, "state"))
    zip = TextIn(_of(Address, "postal_code"), source="postal_code")
    access_notes = TextIn(_of(Address, "access_notes"))
    is_default = FlagIn(required=False)


class ChangedCustomer(Accepted):
    """Fields of a customer; preferences are merged one level deep, and null removes a key."""

    first_name = TextIn(_of(Customer, "first_name"))
    last_name = TextIn(_of(Customer, "last_name"))
    email = EmailIn(_of(Customer, "email"))
    phone = TextIn(_of(Customer, "phone"))
    preferences = KeysIn(required=False)


class NewCustomer(ChangedCustomer):
    """Somebody to take on and to invite."""

    address = NewAddress(required=False)


class NewNote(Accepted):
    """What is to be known about a customer."""

    content = TextIn(_of(Note, "content"), required=True)


class ChangedZone(Accepted):
    """The name of a zone, and every postal code that it covers."""

    name = TextIn(_of(Zone, "name"), allow_blank=False, allow_null=False)
    postal_codes = serializers.ListField(
        child=TextIn(required=True, max_length=30), required=False, max_length=10_000
    )


class NewZone(ChangedZone):
    """A service zone: a name and the postal codes that it covers."""

    name = TextIn(_of(Zone, "name"), required=True)


# --- Accounts ---


class ChangedAccount(Accepted):
    """Fields of a business account; those of its address are the default address's."""

    refuses = {
        "email": "The e-mail address cannot be changed here.",
        "external_id": "The external id cannot be changed here.",
    }

    city = TextIn(_of(Address, "city"), source="address.city")
    country = TextIn(_of(Address, "country"), source="address.country")
    ein = TextIn(_of(Customer, "tax_id"), source="tax_id")
    legal_name = TextIn(_of(Customer, "legal_name"))
    name = TextIn(_of(Customer, "name"))
    postal_code = TextIn(_of(Address, "postal_code"), source="address.postal_code")
    state = TextIn(_of(Address, "state"), source="address.state")
    street_address = TextIn(_of(Address, "street"), source="address.street")
    sub_premise = TextIn(_of(Address, "sub_premise"), source="address.sub_premise")


class NewAccount(ChangedAccount):
    """A business account."""

    email = EmailIn(_of(Customer, "email"))
    external_id = TextIn(_of(Customer, "external_id"))


class NewUser(Accepted):
    """A person who acts for a customer; one of the three is needed."""

    email = EmailIn(_of(CustomerUser, "email"))
    first_name = TextIn(_of(CustomerUser, "first_name"))
    last_name = TextIn(_of(CustomerUser, "last_name"))
