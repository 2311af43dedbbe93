"""Shapes of the accounts surface, and of the list that M2M shares (contract, sections 3 and 5)."""

from typing import Any

from django.db.models import OuterRef, Subquery

from billing.models import PaymentMethod
from config.api.shapes import At, Fixed, Id, Instant, IsSet, Shape, Text, TextOrNull

from ..models import Customer, CustomerUser


def _default_payment_method(at: At) -> Any:
    default = PaymentMethod.objects.default().filter(customer_id=OuterRef(at("pk").name))
    return Subquery(default.values("id")[:1])


class CustomerAccount(Shape):
    """A business account; the flat address is the default one."""

    needs = ("with_default_address",)

    id = Id(Customer.id_prefix)
    name = TextOrNull("display_name")
    legal_name = TextOrNull()
    email = TextOrNull()
    ein = TextOrNull("tax_id")
    external_id = TextOrNull()
    default_payment_method_id = Id(
        PaymentMethod.id_prefix, _default_payment_method, allow_null=True
    )
    street_address = TextOrNull("home__street")
    sub_premise = TextOrNull("home__sub_premise")
    city = TextOrNull("home__city")
    state = TextOrNull("home__state")
    postal_code = TextOrNull("home__postal_code")
    country = TextOrNull("home__country")
    created_at = Instant()
    archived = IsSet("archived_at")


class AccountUser(Shape):
    """A person who acts for a customer."""

    id = Id(CustomerUser.id_prefix)
    email = TextOrNull()
    first_name = TextOrNull()
    last_name = TextOrNull()
    created_at = Instant()


class CustomerRecord(CustomerAccount):
    """A customer as two documents describe it; what they share is "" where it is absent."""

    type = Fixed("customer")
    firstname = Text("first_name")
    lastname = Text("last_name")
    email = Text()  # type: ignore[assignment]
    mobile = Text("phone")
