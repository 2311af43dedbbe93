"""The inputs for customers and their objects (contract, sections 1 to 3)."""

from django.core.validators import RegexValidator

from config.api.input_fields import (
    Accepted,
    ChoiceIn,
    EmailIn,
    FlagIn,
    KeysIn,
    ListIn,
    RelatedField,
    TextField,
)
from config.api.input_objects import ItemsIn

from ..models import Address, ContactPoint, Customer, CustomerMerge, CustomerUser, Note, Zone
from ..models.birthdays import BIRTHDAY, NOT_A_BIRTHDAY
from ..models.customers import MOST_TAGS, TAG_LENGTH

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
    sub_premise = TextField(
        Address.sub_premise.field, help_text="The flat, floor or unit within the building."
    )
    city = TextField(Address.city.field)
    state = TextField(Address.state.field)
    zip = TextField(Address.postal_code.field, source="postal_code")
    country = TextField(
        Address.country.field,
        help_text="A name or an ISO 3166-1 code, kept as typed. Phone numbers without a country "
        "code are read as numbers of this country.",
    )
    access_notes = TextField(Address.access_notes.field)
    is_default = FlagIn(
        required=False,
        help_text="Make it the default in place of the present one. The first address is the "
        "default whatever is sent, and only another address takes that over.",
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
        help_text="What the contact point is for, `work` say, in up to 60 characters of your own.",
    )


class NewContactPoint(ChangedContactPoint):
    """A further way to reach a customer, besides the customer's own e-mail address and phone."""

    kind = ChoiceIn(
        ContactPoint.Kind.values, help_text="Whether `value` is an e-mail address or a phone."
    )
    value = TextField(ContactPoint.value.field, required=True, help_text=_VALUE)


class ChangedCustomer(Accepted):
    """Fields of a customer; preferences are merged one level deep, and null removes a key."""

    external_id = TextField(
        Customer.external_id.field,
        help_text="The customer's id in your own system. At most one customer that is not archived "
        "has it; null takes it away.",
    )
    first_name = TextField(Customer.first_name.field)
    last_name = TextField(Customer.last_name.field)
    name = TextField(
        Customer.name.field,
        help_text="The name of an organisation. The person to talk to stands in `first_name` and "
        "`last_name`, and both are null where there is none.",
    )
    legal_name = TextField(
        Customer.legal_name.field, help_text="The organisation's name as it is registered."
    )
    tax_id = TextField(
        Customer.tax_id.field,
        help_text="The number under which the customer pays tax, kept as typed.",
    )
    email = EmailIn(Customer.email.field)
    phone = TextField(
        Customer.phone.field,
        help_text="A phone number, kept as typed and shown in E.164 where it can be read.",
    )
    preferences = KeysIn(required=False)
    tags = ListIn(
        child=TextField(required=True, max_length=TAG_LENGTH),
        required=False,
        max_length=MOST_TAGS,
        help_text='Every tag of the customer, `["VIP", "Mornings"]`: up to 50 of 1 to 60 '
        "characters each, in place of those that there are; an empty list takes them away. Tags "
        "are trimmed, and of those that differ only by case the first is kept.",
    )
    birthday = TextField(
        Customer.birthday.field,
        validators=[RegexValidator(BIRTHDAY, NOT_A_BIRTHDAY)],
        help_text="The day of birth, `1990-05-04`, which must not be in the future, or `--05-04` "
        "where the year is not known; null takes it away.",
    )


class NewCustomer(ChangedCustomer):
    """A customer to create and to invite; `address` is its default address."""

    address = NewAddress(required=False)
    send_invitation = FlagIn(
        required=False,
        help_text="Whether to send an invitation to the company's portal to the e-mail address; "
        "true unless it is sent. A company without a portal sends none.",
    )


class UpsertedCustomer(ChangedCustomer):
    """A customer to create, or the fields to change where there is one already.

    A field that is left out stays as it is. `address` is the default address: its fields are
    changed, or it is added where there is none.
    """

    shown_as = {"address": "addresses"}

    external_id = TextField(
        Customer.external_id.field,
        help_text="The customer's id in your own system, by which an existing customer is found. "
        "With PUT the parameter has it, and it may be left out here.",
    )
    address = NewAddress(required=False)
    send_invitation = FlagIn(
        required=False,
        help_text="Whether to invite the customer by e-mail if the request creates it; false "
        "unless it is sent.",
    )


class CustomerBatch(Accepted):
    """Customers to create or to change."""

    customers = ItemsIn(
        UpsertedCustomer,
        most=100,
        help_text="Up to 100 customers. One whose `external_id` a customer has changes that "
        "customer; any other is created.",
    )


class Archiving(Accepted):
    """How to archive a customer."""

    end_open = FlagIn(
        required=False,
        help_text="End what is open in the same step: cancel the bookings to come and give back "
        "what they took, cancel subscriptions, void invoices and drafts that no money is kept for. "
        "Credits and passes stay, except passes whose invoice is voided. If one of them cannot be "
        "ended, nothing is changed.",
    )


class Restoring(Accepted):
    """How to restore a customer."""

    leave_clashes = FlagIn(
        required=False,
        help_text="Restore the rest although something that ended with the customer cannot come "
        "back, and leave that ended. Otherwise nothing is restored.",
    )


class NewNote(Accepted):
    """A note about a customer."""

    content = TextField(Note.content.field, required=True)


class ChangedZone(Accepted):
    """The name of a zone, and every postal code that it covers."""

    name = TextField(Zone.name.field, allow_blank=False, allow_null=False)
    postal_codes = ListIn(
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


class ChangedUser(Accepted):
    """Fields of a person who acts for a customer; what is left out stays."""

    email = EmailIn(
        CustomerUser.email.field,
        help_text='At most one live user of a customer has it, ignoring case; "" and null mean '
        "none.",
    )
    first_name = TextField(CustomerUser.first_name.field)
    last_name = TextField(CustomerUser.last_name.field)


class NewUser(ChangedUser):
    """A person who acts for a customer; one of the three is needed."""

    needs_one_of = (("email",), ("first_name",), ("last_name",))


class NewMerge(Accepted):
    """Which customer is merged into that of the path, and what of it stays."""

    merged_customer_id = RelatedField(
        Customer.objects,
        source="merged",
        help_text="The customer who is merged: everything moves to the customer of the path, and "
        "the id means that one from now on.",
    )
    choices = KeysIn(
        required=False,
        help_text="Of fields in which the two differ, whose value stays, `kept` or `merged`: "
        '`{"email": "merged"}`. Without it the value of the customer who stays does, or else that '
        "of the other one. Tags are united, and of `preferences.marketing_opt_in` false stays.",
    )
    plan = TextField(
        CustomerMerge.plan.field,
        help_text="`plan` of the answer to a dry run: if either customer has changed since, or "
        "what they have, nothing is merged and the answer is a 412.",
    )
