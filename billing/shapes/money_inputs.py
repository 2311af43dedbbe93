"""The input fields for amounts and for how they are paid."""

from typing import Any

from config.api.input_fields import ChoiceIn, DayIn, RelatedField, TextField, WholeIn
from config.tenancy.money_fields import MOST

from ..models import Payment, PaymentMethod
from .descriptions import DUE_ON, NEVER_DUE, REFERENCE


class MoneyIn(WholeIn):
    """An amount in the currency's smallest unit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MOST, **kwargs})

    def _allowed(self) -> str:
        return f"{super()._allowed()}, in the smallest unit of the currency"


class MethodIn(RelatedField):
    """The id of one of the customer's payment methods."""

    def __init__(
        self,
        help_text: str = "The payment method that was used, one of the customer's that is not "
        "archived. Without `method`, its type decides how the money was paid.",
    ) -> None:
        super().__init__(
            PaymentMethod.objects.live(),
            source="payment_method",
            required=False,
            allow_null=True,
            help_text=help_text,
        )


class MethodOfMoneyIn(ChoiceIn):
    """The method of a payment, such as cash or card."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"required": False, "help_text": "How the money was paid."}
        super().__init__(Payment.Method.choices, **defaults | kwargs)


class ReferenceIn(TextField):
    """The processor's reference of a payment."""

    def __init__(self) -> None:
        super().__init__(Payment.reference.field, help_text=REFERENCE)


class PaymentStatusIn(ChoiceIn):
    """Whether a payment succeeded or failed."""

    def __init__(self) -> None:
        super().__init__(
            Payment.Status.choices,
            required=False,
            help_text="`succeeded`, which is the default, or `failed` for an attempt that moved "
            "no money.",
        )


class DueOnIn(DayIn):
    """The last day on which a payment is in time."""

    def __init__(self, help_text: str = f"{DUE_ON} {NEVER_DUE}") -> None:
        super().__init__(required=False, allow_null=True, help_text=help_text)
