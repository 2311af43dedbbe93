"""The inputs for payment methods, plans, subscriptions, invoices and payments."""

from config.api.input_fields import (
    Accepted,
    ChoiceIn,
    DayIn,
    FlagIn,
    RelatedField,
    TextField,
    WholeIn,
)
from customers.models import Customer

from ..actions.invoices import MOST_LINES, MOST_PIECES
from ..models import CreditNote, Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription
from .descriptions import BILLING_PERIOD, DUE_ON, GRACE_DAYS, MINIMUM_PERIODS, NAME, NEW_PRICE
from .money_inputs import DueOnIn, MethodIn, MethodOfMoneyIn, MoneyIn, PaymentStatusIn, ReferenceIn
from .prices import BEHAVIOR, BehaviorIn, TaxRateIn


class NewPaymentMethod(Accepted):
    """A masked reference to a processor's record. A card number is refused in every field."""

    refuses = dict.fromkeys(
        ("number", "card_number", "cvc", "cvv"),
        "Card numbers and their codes are not kept here: send the processor's token.",
    )

    type = ChoiceIn(
        PaymentMethod.Type.choices,
        help_text="What kind of payment method it is; it decides which other fields are allowed.",
    )
    token = TextField(
        PaymentMethod.token.field,
        required=True,
        help_text="The processor's id of the payment method. It is stored and never shown.",
    )
    brand = TextField(
        PaymentMethod.brand.field,
        help_text="The brand of the card, such as `Visa`. Required for a card.",
    )
    last4 = TextField(
        PaymentMethod.last4.field,
        help_text="The last four digits of the card or account number. Required for a card, a "
        "bank account and a direct debit.",
    )
    exp_month = WholeIn(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=12,
        help_text="The month in which the card expires. Only a card has it; send it with "
        "`exp_year` or leave out both.",
    )
    exp_year = WholeIn(
        required=False,
        allow_null=True,
        min_value=2000,
        max_value=2099,
        help_text="The year in which the card expires. Only a card has it; send it with "
        "`exp_month` or leave out both.",
    )
    bank_name = TextField(
        PaymentMethod.bank_name.field,
        help_text="The name of the bank. Only a bank account and a direct debit have it.",
    )
    is_default = FlagIn(
        required=False,
        help_text="Whether it becomes the default payment method of the customer. Default: false, "
        "but a customer's first payment method always becomes the default.",
    )


class NewPlan(Accepted):
    """A plan to offer, in the company's currency unless another is given."""

    name = TextField(Plan.name.field, required=True, help_text=NAME)
    price = MoneyIn(help_text=f"The price of each period, {NEW_PRICE}")
    tax_rate = TaxRateIn()
    tax_behavior = BehaviorIn()
    currency = TextField(
        Plan.currency.field,
        help_text="The currency of `price`, an ISO 4217 code. A new plan has the company's "
        "currency by default.",
    )
    billing_period = ChoiceIn(Plan.Period.choices, help_text=BILLING_PERIOD)
    grace_days = WholeIn(
        required=False,
        min_value=0,
        max_value=366,
        help_text=f"{GRACE_DAYS} A new plan has 0 by default.",
    )
    minimum_periods = WholeIn(
        required=False,
        min_value=0,
        max_value=120,
        help_text=f"{MINIMUM_PERIODS} A new plan has 0 by default.",
    )


class ChangedPlan(NewPlan):
    """Terms of a plan, for subscriptions that are made from now on."""


class PlanWanted(Accepted):
    """A plan to subscribe a customer to, from today or from an earlier day."""

    plan_id = RelatedField(
        Plan.objects,
        source="plan",
        help_text="The plan to subscribe to, which must not be archived.",
    )
    starts_on = DayIn(
        required=False,
        allow_null=True,
        source="anchor_date",
        help_text="The day on which the first period began, today or before by the company's "
        "calendar; today by default. Periods before the present one are never invoiced.",
    )


class Pausing(Accepted):
    """Why a subscription is paused, and until which day."""

    resumes_on = DayIn(
        source="until",
        required=False,
        allow_null=True,
        help_text="The day on which the subscription resumes, after today by the company's "
        "calendar. Absent or null: it is paused until a request resumes it.",
    )
    reason = TextField(
        Subscription.pause_reason.field, required=True, help_text="Why the subscription is paused."
    )


class NewLineItem(Accepted):
    """A line of a new invoice: a number of pieces at a price each."""

    description = TextField(
        InvoiceLine.description.field,
        required=True,
        help_text="What is sold, in the words of the invoice.",
    )
    quantity = WholeIn(
        required=False,
        min_value=1,
        max_value=MOST_PIECES,
        help_text="How many pieces are sold. Default: 1.",
    )
    unit_price = MoneyIn(help_text=f"The price of one piece, {NEW_PRICE}")
    tax_rate = TaxRateIn(
        help_text="The tax on the price, in percent. Default: the `tax_rate` of the invoice."
    )
    tax_behavior = BehaviorIn(help_text=f"{BEHAVIOR} Default: the `tax_behavior` of the invoice.")


class NewInvoice(Accepted):
    """An invoice to a customer. It is issued at once, unless it is a `draft`."""

    customer_id = RelatedField(
        Customer.objects, source="customer", help_text="The customer who is to pay."
    )
    line_items = NewLineItem(
        many=True,
        allow_empty=False,
        max_length=MOST_LINES,  # type: ignore[call-arg]
        help_text=f"What is sold, in the order of the invoice: 1 to {MOST_LINES} lines.",
    )
    discount = MoneyIn(
        required=False,
        help_text="What is taken off the sum of the lines, in the smallest unit of the currency; "
        "at most that sum. Default: 0.",
    )
    discount_description = TextField(
        Invoice.discount_description.field, help_text="What the discount is for."
    )
    tax_rate = TaxRateIn(
        help_text="The tax of lines without a `tax_rate`, in percent. Default: the company's."
    )
    tax_behavior = BehaviorIn(
        help_text=f"{BEHAVIOR} It is used for lines without a `tax_behavior`. Default: the "
        "company's."
    )
    due_on = DueOnIn()
    payment_method_id = MethodIn(
        "The payment method that the invoice names, one of the customer's that is not archived. "
        "No money is collected from it."
    )
    draft = FlagIn(
        required=False,
        help_text="Whether the invoice stays a draft, which has no number and is issued later. "
        "Default: false.",
    )


class IssuedInvoice(Accepted):
    """The last day on which a draft that is issued can be paid in time."""

    due_on = DueOnIn(help_text=f"{DUE_ON} Absent or null: the draft keeps the day that it has.")


class Reduction(Accepted):
    """A reduction of an invoice: of an amount, by default of its whole balance."""

    amount = MoneyIn(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="How much is taken off, in the smallest unit of the invoice's currency; at most "
        "the balance of the invoice. Absent or null: the whole balance.",
    )
    reason = TextField(
        CreditNote.reason.field,
        required=True,
        help_text="Why less is to be paid; the credit note shows it.",
    )


class NewPayment(Accepted):
    """Money that came in for an invoice, or an attempt that failed.

    `method` is needed unless `payment_method_id` is given.
    """

    needs_one_of = (("method",), ("payment_method_id",))

    amount = MoneyIn(
        min_value=1,
        help_text="How much came in, or was attempted, in the smallest unit of the invoice's "
        "currency. A payment that succeeded is at most the balance of the invoice.",
    )
    method = MethodOfMoneyIn(
        label="Means of payment",
        help_text="How the money was paid. Required without `payment_method_id`.",
    )
    payment_method_id = MethodIn()
    reference = ReferenceIn()
    status = PaymentStatusIn()


class NewRefund(Accepted):
    """Why a payment is given back, and how much: all that is left, unless an amount is named."""

    amount = MoneyIn(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="How much is given back, in the smallest unit of the payment's currency; at "
        "most what is left of the payment. Absent or null: all that is left.",
    )
    method = MethodOfMoneyIn(
        help_text="How the money goes back. Default: the `method` of the payment."
    )
    reference = ReferenceIn()
    reason = TextField(
        Payment.reason.field,
        required=True,
        help_text="Why the money is given back; the credit note shows it.",
    )
