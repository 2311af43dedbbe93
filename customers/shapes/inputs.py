"""The inputs for customers and their objects (contract, sections 1 to 3)."""

from django.core.validators import RegexValidator

from config.api.input_fields import (
    Accepted,
    EmailIn,
    FlagIn,
    KeysIn,
    ListIn,
    RelatedField,
    TextField,
)
from config.api.input_objects import ItemsIn

from ..models import Customer, CustomerMerge, CustomerUser, Note
from ..models.birthdays import BIRTHDAY, NOT_A_BIRTHDAY
from ..models.customers import MOST_TAGS, TAG_LENGTH
from . import words
from .addresses import NewAddress

END_OPEN = (
    "true: end what is open in the same step. Future bookings are cancelled and what paid for them "
    "is given back, subscriptions are cancelled, and invoices and drafts are voided unless money "
    "was kept for them. Credits and passes stay, except passes whose invoice is voided. If one of "
    "them cannot be ended, nothing is changed. Absent or false: nothing else is ended."
)
LEAVE_CLASHES = (
    "true: restore the customer even if something that ended with it cannot be restored; that "
    "stays ended. Absent or false: then nothing is restored."
)

# --- M2M ---


class ChangedProfile(Accepted):
    """A profile as its owner wants it. A mobile number that is left out stays."""

    refuses = {"password": "Passwords are not kept here.", "avatar": "Pictures are not kept here."}

    firstname = TextField(
        Customer.first_name.field, source="first_name", required=True, help_text=words.FIRST_NAME
    )
    lastname = TextField(
        Customer.last_name.field, source="last_name", required=True, help_text=words.LAST_NAME
    )
    email = EmailIn(Customer.email.field, required=True, help_text=words.EMAIL)
    mobile = TextField(
        Customer.phone.field,
        source="phone",
        help_text="The phone number, kept as typed. Absent: the number stays as it is.",
    )


# --- v1 ---


class ChangedCustomer(Accepted):
    """Fields of a customer; preferences are merged one level deep, and null removes a key."""

    external_id = TextField(
        Customer.external_id.field,
        help_text=f"{words.EXTERNAL_ID} At most one customer that is not archived has it; null "
        "removes it.",
    )
    first_name = TextField(Customer.first_name.field, help_text=words.FIRST_NAME)
    last_name = TextField(Customer.last_name.field, help_text=words.LAST_NAME)
    name = TextField(Customer.name.field, help_text=words.NAME)
    legal_name = TextField(Customer.legal_name.field, help_text=words.LEGAL_NAME)
    tax_id = TextField(Customer.tax_id.field, help_text=words.TAX_ID)
    email = EmailIn(Customer.email.field, help_text=f'{words.EMAIL} "" and null mean none.')
    phone = TextField(
        Customer.phone.field,
        help_text="A phone number, kept as typed and shown in E.164 where it can be read.",
    )
    preferences = KeysIn(
        required=False,
        help_text=f"{words.PREFERENCES} Keys that are sent are merged into the stored ones; null "
        "removes a key. At most 100 keys, 16 kB and 5 levels.",
    )
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

    address = NewAddress(
        required=False, help_text="The first address, which becomes the default address."
    )
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
        help_text=f"{words.EXTERNAL_ID} It finds the customer to change. With PUT it is a query "
        "parameter and may be left out here.",
    )
    address = NewAddress(
        required=False,
        help_text="The default address: the fields sent are changed, or the address is added if "
        "the customer has none.",
    )
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

    end_open = FlagIn(required=False, help_text=END_OPEN)


class Restoring(Accepted):
    """How to restore a customer."""

    leave_clashes = FlagIn(required=False, help_text=LEAVE_CLASHES)


class NewNote(Accepted):
    """A note about a customer."""

    content = TextField(
        Note.content.field, required=True, help_text="The text of the note, for staff to read."
    )


class ChangedUser(Accepted):
    """Fields of a person who acts for a customer; what is left out stays."""

    email = EmailIn(
        CustomerUser.email.field,
        help_text="The e-mail address, kept as typed. At most one user of a customer that is not "
        'archived has it, ignoring case; "" and null mean none.',
    )
    first_name = TextField(CustomerUser.first_name.field, help_text="The given name of the person.")
    last_name = TextField(CustomerUser.last_name.field, help_text="The family name of the person.")


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
        help_text="For fields in which the two differ, the customer whose value is used, `kept` or "
        '`merged`: `{"email": "merged"}`. A field that is not named gets the value of the kept '
        "customer, or that of the merged one if the kept one has none. Tags are united, and "
        "`marketing_opt_in` is false if it is false for one of the two.",
    )
    plan = TextField(
        CustomerMerge.plan.field,
        help_text="The `plan` that a dry run answered. If either customer, or anything of theirs, "
        "has changed since, nothing is merged and the answer is a 412.",
    )
