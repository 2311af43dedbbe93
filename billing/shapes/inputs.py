"""The inputs for payment methods, plans, subscriptions, invoices and payments."""

from typing import Any

from config.api.input_fields import (
    Accepted,
    ChoiceIn,
    DayIn,
    FlagIn,
    RelatedField,
    TextField,
    WholeIn,
)
from config.tenancy.money_fields import MOST
from customers.models import Customer

from ..actions.invoices import MOST_LINES, MOST_PIECES
from ..models import CreditNote, Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription
from .prices import BehaviorIn, TaxRateIn


class MoneyIn(WholeIn):
    """Money in the currency's smallest unit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MOST, **kwargs})

    def _allowed(self) -> str:
        return f"{super()._allowed()}, in the smallest unit of the currency"


class MethodIn(RelatedField):
    """Something that the customer pays with, by its id."""

    def __init__(self) -> None:
        super().__init__(
            PaymentMethod.objects.live(), source="payment_method", required=False, allow_null=True
        )


class NewPaymentMethod(Accepted):
    """A masked reference to a processor's record. A card number is refused in every field."""

    refuses = dict.fromkeys(
        ("number", "card_number", "cvc", "cvv"),
        "Card numbers and their codes are not kept here: send the processor's token.",
    )

    type = ChoiceIn(PaymentMethod.Type.choices)
    token = TextField(PaymentMethod.token.field, required=True)
    brand = TextField(PaymentMethod.brand.field)
    last4 = TextField(PaymentMethod.last4.field)
    exp_month = WholeIn(required=False, allow_null=True, min_value=1, max_value=12)
    exp_year = WholeIn(required=False, allow_null=True, min_value=2000, max_value=2099)
    bank_name = TextField(PaymentMethod.bank_name.field)
    is_default = FlagIn(required=False)


class NewPlan(Accepted):
    """Something to sign up for, in the company's currency unless another is named."""

    name = TextField(Plan.name.field, required=True)
    price = MoneyIn(help_text="For each period, with tax or without: see `tax_behavior`.")
    tax_rate = TaxRateIn()
    tax_behavior = BehaviorIn()
    currency = TextField(Plan.currency.field)
    billing_period = ChoiceIn(Plan.Period.choices)
    grace_days = WholeIn(required=False, min_value=0, max_value=366)
    minimum_periods = WholeIn(required=False, min_value=0, max_value=120)


class ChangedPlan(NewPlan):
    """Terms of a plan, for subscriptions that are made from now on."""


class PlanWanted(Accepted):
    """A plan to subscribe a customer to, from today unless it has begun before."""

    plan_id = RelatedField(Plan.objects, source="plan")
    starts_on = DayIn(required=False, allow_null=True, source="anchor_date")


class Pausing(Accepted):
    """Until when a subscription rests, and why: without a day, until it is resumed."""

    resumes_on = DayIn(
        source="until",
        required=False,
        allow_null=True,
        help_text="The day on which the subscription goes on, after today by the company's "
        "calendar. Left out or null, it rests until it is resumed.",
    )
    reason = TextField(
        Subscription.pause_reason.field, required=True, help_text="Why it is paused."
    )


class NewLineItem(Accepted):
    """So many pieces of something, at a price each."""

    description = TextField(InvoiceLine.description.field, required=True)
    quantity = WholeIn(required=False, min_value=1, max_value=MOST_PIECES)
    unit_price = MoneyIn(help_text="Of one piece, with tax or without: see `tax_behavior`.")
    tax_rate = TaxRateIn(
        help_text="The tax on the price, in percent; the invoice's unless it is given."
    )
    tax_behavior = BehaviorIn()


class NewInvoice(Accepted):
    """An invoice to a customer. It is issued at once, unless it is a `draft`."""

    customer_id = RelatedField(Customer.objects, source="customer")
    line_items = NewLineItem(
        many=True,
        allow_empty=False,
        max_length=MOST_LINES,  # type: ignore[call-arg]
    )
    discount = MoneyIn(required=False)
    discount_description = TextField(Invoice.discount_description.field)
    tax_rate = TaxRateIn(
        help_text="The tax of lines that name none, in percent; the company's unless it is given."
    )
    tax_behavior = BehaviorIn()
    due_on = DayIn(required=False, allow_null=True)
    payment_method_id = MethodIn()
    draft = FlagIn(required=False)


class IssuedInvoice(Accepted):
    """When a draft that is issued is due, where that is not what it says."""

    due_on = DayIn(required=False, allow_null=True)


class Reduction(Accepted):
    """A reduction of an invoice: of an amount, by default of its whole balance."""

    amount = MoneyIn(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="Up to the balance of the invoice, which it is if it is not named.",
    )
    reason = TextField(
        CreditNote.reason.field, required=True, help_text="Why; shown on the credit note."
    )


class NewPayment(Accepted):
    """Money that came in for an invoice, or an attempt that failed.

    `method` is needed unless `payment_method_id` is given.
    """

    needs_one_of = (("method",), ("payment_method_id",))

    amount = MoneyIn(min_value=1)
    method = ChoiceIn(Payment.Method.choices, required=False, label="Means of payment")
    payment_method_id = MethodIn()
    reference = TextField(Payment.reference.field)
    status = ChoiceIn(Payment.Status.choices, required=False)


class NewRefund(Accepted):
    """Why a payment is given back, and how much: all that is left, unless an amount is named."""

    amount = MoneyIn(min_value=1, required=False, allow_null=True)
    method = ChoiceIn(
        Payment.Method.choices, required=False, help_text="That of the payment unless it is named."
    )
    reference = TextField(Payment.reference.field)
    reason = TextField(
        Payment.reason.field,
        required=True,
        help_text="Why it is given back; shown on the credit note.",
    )
