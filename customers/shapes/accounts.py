"""Shapes of the accounts surface, and of the list that M2M shares (contract, sections 3 and 5)."""

from typing import Any

from django.db.models import OuterRef, Subquery

from billing.models import PaymentMethod
from config.api.input_fields import Accepted, EmailIn, TextField
from config.api.shapes import At, CreatedAt, Fixed, Id, IsSet, Shape, Text, TextOrNull

from ..models import Address, Customer, CustomerUser
from . import words

_STREET, _SUB_PREMISE, _CITY, _STATE, _POSTAL_CODE, _COUNTRY = map(
    words.of_default_address,
    (*(words.STREET, words.SUB_PREMISE, words.CITY, words.STATE, words.POSTAL_CODE), words.COUNTRY),
)


def _default_payment_method(at: At) -> Any:
    default = PaymentMethod.objects.default().filter(customer_id=OuterRef(at("pk").name))
    return Subquery(default.values("id")[:1])


# --- Outputs ---


class CustomerAccount(Shape):
    """A business account; the flat address is the default one."""

    needs = ("with_default_address",)

    id = Id(Customer.id_prefix)
    name = TextOrNull(
        "display_name",
        help_text="The name of the organisation, or the first and the last name of the person. "
        f"{words.NULL}",
    )
    legal_name = TextOrNull(help_text=f"{words.LEGAL_NAME} {words.NULL}")
    email = TextOrNull(help_text=f"{words.EMAIL} {words.NULL}")
    ein = TextOrNull("tax_id", help_text=f"{words.TAX_ID} {words.NULL}")
    external_id = TextOrNull(help_text=f"{words.EXTERNAL_ID} {words.NULL}")
    default_payment_method_id = Id(
        PaymentMethod.id_prefix,
        _default_payment_method,
        allow_null=True,
        help_text="The payment method that is the customer's default; null if there is none.",
    )
    street_address = TextOrNull("home__street", help_text=f"{_STREET} {words.NULL}")
    sub_premise = TextOrNull("home__sub_premise", help_text=f"{_SUB_PREMISE} {words.NULL}")
    city = TextOrNull("home__city", help_text=f"{_CITY} {words.NULL}")
    state = TextOrNull("home__state", help_text=f"{_STATE} {words.NULL}")
    postal_code = TextOrNull("home__postal_code", help_text=f"{_POSTAL_CODE} {words.NULL}")
    country = TextOrNull("home__country", help_text=f"{_COUNTRY} {words.NULL}")
    created_at = CreatedAt()
    archived = IsSet(
        "archived_at",
        help_text="Whether the customer is archived. An archived customer cannot be changed until "
        "it is restored.",
    )


class AccountUser(Shape):
    """A person who acts for a customer."""

    id = Id(CustomerUser.id_prefix)
    email = TextOrNull(help_text=f"{words.EMAIL} {words.NULL}")
    first_name = TextOrNull(help_text=f"The given name of the person. {words.NULL}")
    last_name = TextOrNull(help_text=f"The family name of the person. {words.NULL}")
    created_at = CreatedAt()


class CustomerRecord(CustomerAccount):
    """A customer as two documents describe it; what they share is "" where it is absent."""

    type = Fixed("customer")
    firstname = Text("first_name", help_text=f"{words.FIRST_NAME} {words.BLANK}")
    lastname = Text("last_name", help_text=f"{words.LAST_NAME} {words.BLANK}")
    email = Text(help_text=f"{words.EMAIL} {words.BLANK}")  # type: ignore[assignment]
    mobile = Text("phone", help_text=f"{words.PHONE_TYPED} {words.BLANK}")


# --- Inputs ---


class ChangedAccount(Accepted):
    """Fields of a business account; the address fields are those of the default address."""

    refuses = {
        "email": "The e-mail address cannot be changed here.",
        "external_id": "The external id cannot be changed here.",
    }

    city = TextField(Address.city.field, source="address.city", help_text=_CITY)
    country = TextField(Address.country.field, source="address.country", help_text=_COUNTRY)
    ein = TextField(Customer.tax_id.field, source="tax_id", help_text=words.TAX_ID)
    legal_name = TextField(Customer.legal_name.field, help_text=words.LEGAL_NAME)
    name = TextField(Customer.name.field, help_text="The name that the business is known by.")
    postal_code = TextField(
        Address.postal_code.field, source="address.postal_code", help_text=_POSTAL_CODE
    )
    state = TextField(Address.state.field, source="address.state", help_text=_STATE)
    street_address = TextField(Address.street.field, source="address.street", help_text=_STREET)
    sub_premise = TextField(
        Address.sub_premise.field, source="address.sub_premise", help_text=_SUB_PREMISE
    )


class NewAccount(ChangedAccount):
    """A business account; a name or one of the two ids is needed to tell it from others."""

    needs_one_of = (("name",), ("legal_name",), ("email",), ("external_id",))

    email = EmailIn(Customer.email.field, help_text=words.EMAIL)
    external_id = TextField(
        Customer.external_id.field,
        help_text=f"{words.EXTERNAL_ID} At most one customer that is not archived has it.",
    )
