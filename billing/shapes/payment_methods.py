"""Shapes of payment methods (contract, section 3)."""

from collections.abc import Callable

from django.db.models import Q

from config.api.nested_shapes import PartIf
from config.api.shapes import At, CreatedAt, Flag, Id, IsSet, Number, OneOf, Shape, TextOrNull
from customers.models import Customer

from ..models import PaymentMethod
from .descriptions import BRAND, EXP_MONTH, EXP_YEAR, LAST4, own_id


def _of_type(*types: str) -> Callable[[At], Q]:
    return lambda at: Q(**{f"{at('type').name}__in": types})


class CardFacts(Shape):
    """The masked details of a card."""

    brand = TextOrNull(help_text=BRAND)
    last4 = TextOrNull(help_text=LAST4)
    exp_month = Number(allow_null=True, help_text=EXP_MONTH)
    exp_year = Number(allow_null=True, help_text=EXP_YEAR)


class BankAccountFacts(Shape):
    """The masked details of a bank account."""

    bank_name = TextOrNull(help_text="The name of the bank; null if it is not known.")
    last4 = TextOrNull(help_text=LAST4)


class MaskedPaymentMethod(Shape):
    """A payment method of a customer; `card` or `bank_account` has the details, by its type."""

    id = own_id(PaymentMethod)
    type = OneOf(
        choices=PaymentMethod.Type.values,
        help_text="`card` has details in `card`; `bank_account` and `direct_debit` have them in "
        "`bank_account`; `other` has none.",
    )
    card = PartIf(
        CardFacts,
        _of_type(PaymentMethod.Type.CARD),
        help_text="The masked details of a card; null for every other type.",
    )
    bank_account = PartIf(
        BankAccountFacts,
        _of_type(*PaymentMethod.OF_BANKS),
        help_text="The masked details of the account; null unless the type is `bank_account` or "
        "`direct_debit`.",
    )
    is_default = Flag(
        help_text="Whether it is the default payment method of the customer; a customer has at "
        "most one."
    )
    created_at = CreatedAt()


class PaymentMethodRecord(MaskedPaymentMethod):
    """A payment method of a customer, archived or not."""

    schema_name = "PaymentMethod"

    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who pays with it.")
    archived = IsSet("archived_at", help_text="Whether the payment method is archived.")
