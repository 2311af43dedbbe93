"""The inputs for customers and their objects (contract, sections 1 to 3)."""

from rest_framework import serializers

from config.api.input_fields import Accepted, EmailIn, FlagIn, KeysIn, TextField

from ..models import Address, Customer, CustomerUser, Note, Zone

# --- M2M ---


class ChangedProfile(Accepted):
    """A profile as its owner wants it. A mobile number that is left out stays."""

    refuses = {"password": "Passwords are not kept here.", "avatar": "Pictures are not kept here."}

    firstname = TextField(Customer.first_name.field, source="first_name", required=True)
    lastname = TextField(Customer.last_name.field, source="last_name", required=True)
    email = EmailIn(Customer.email.field, required=True)
    mobile = TextField(Customer.phone.field, source="phone")


# --- v1 ---


class NewAddress(Accepted):
    """An address of a customer."""

    label = TextField(Address.label.field)  # type: ignore[assignment]
    street = TextField(Address.street.field)
    city = TextField(Address.city.field)
    state = TextField(Address.state.field)
    zip = TextField(Address.postal_code.field, source="postal_code")
    access_notes = TextField(Address.access_notes.field)
    is_default = FlagIn(required=False)


class ChangedCustomer(Accepted):
    """Fields of a customer; preferences are merged one level deep, and null removes a key."""

    first_name = TextField(Customer.first_name.field)
    last_name = TextField(Customer.last_name.field)
    email = EmailIn(Customer.email.field)
    phone = TextField(Customer.phone.field)
    preferences = KeysIn(required=False)


class NewCustomer(ChangedCustomer):
    """Somebody to take on and to invite."""

    address = NewAddress(required=False)


class NewNote(Accepted):
    """A note about a customer."""

    content = TextField(Note.content.field, required=True)


class ChangedZone(Accepted):
    """The name of a zone, and every postal code that it covers."""

    name = TextField(Zone.name.field, allow_blank=False, allow_null=False)
    postal_codes = serializers.ListField(
        child=TextField(required=True, max_length=30), required=False, max_length=10_000
    )


class NewZone(ChangedZone):
    """A service zone: a name and the postal codes that it covers."""

    name = TextField(Zone.name.field, required=True)


# --- Accounts ---


class ChangedAccount(Accepted):
    """Fields of a business account; those of its address are the default address's."""

    refuses = {
        "email": "The e-mail address cannot be changed here.",
        "external_id": "The external id cannot be changed here.",
    }

    city = TextField(Address.city.field, source="address.city")
    country = TextField(Address.country.field, source="address.country")
    ein = TextField(Customer.tax_id.field, source="tax_id")
    legal_name = TextField(Customer.legal_name.field)
    name = TextField(Customer.name.field)
    postal_code = TextField(Address.postal_code.field, source="address.postal_code")
    state = TextField(Address.state.field, source="address.state")
    street_address = TextField(Address.street.field, source="address.street")
    sub_premise = TextField(Address.sub_premise.field, source="address.sub_premise")


class NewAccount(ChangedAccount):
    """A business account; a name or one of the two ids is needed to tell it from others."""

    needs_one_of = (("name",), ("legal_name",), ("email",), ("external_id",))

    email = EmailIn(Customer.email.field)
    external_id = TextField(Customer.external_id.field)


class NewUser(Accepted):
    """A person who acts for a customer; one of the three is needed."""

    needs_one_of = (("email",), ("first_name",), ("last_name",))

    email = EmailIn(CustomerUser.email.field)
    first_name = TextField(CustomerUser.first_name.field)
    last_name = TextField(CustomerUser.last_name.field)
