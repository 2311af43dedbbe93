"""The columns that are written, table by table, and what a row is made of that says nothing.

Columns that PostgreSQL generates are left to it, and so are engagements and spaces that are taken.
"""

from typing import Any

NULL = r"\N"


class Table:
    """A table and its columns; a row is a line of COPY's text format, its id first.

    `columns` must be given, `defaults` may be. Text must hold neither tabs nor backslashes.
    """

    def __init__(self, name: str, columns: str, /, **defaults: Any) -> None:
        self.name, self.defaults = name, defaults
        self.columns = [*columns.split(), *defaults]
        self._form = "\t".join(f"%({column})s" for column in self.columns) + "\n"

    def line(self, values: dict[str, Any]) -> str:
        """Return a row; raises TypeError for a column that is missing or unknown."""
        row = self.defaults | values
        if len(row) != len(self.columns):
            raise TypeError(f"{self.name}: {set(self.columns) ^ row.keys()}")
        return self._form % row


CUSTOMER = Table(
    "customers_customer",
    "id company_id created_at updated_at first_name last_name email",
    archived_at=NULL,
    name="",
    legal_name="",
    tax_id="",
    phone="",
    phone_e164="",
    phone_national="",
    external_id="",
    preferences="{}",
    is_active="t",
)
ADDRESS = Table(
    "customers_address",
    "id company_id created_at customer_id label street sub_premise city state postal_code country"
    " is_default",
    archived_at=NULL,
    access_notes="",
)
USER = Table(
    "customers_customeruser",
    "id company_id created_at customer_id email first_name last_name",
    archived_at=NULL,
)
NOTE = Table(
    "customers_note",
    "id company_id created_at updated_at customer_id content author_name",
    author_id=NULL,
)

PAYMENT_METHOD = Table(
    "billing_paymentmethod",
    "id company_id created_at customer_id type token is_default",
    archived_at=NULL,
    brand="",
    bank_name="",
    last4="",
    exp_month=NULL,
    exp_year=NULL,
)
SUBSCRIPTION = Table(
    "billing_subscription",
    "id company_id created_at customer_id plan_id billing_period anchor_date periods_turned"
    " grace_days",
    earliest_cancellation_date=NULL,
    paused_at=NULL,
    suspended_at=NULL,
    cancelled_at=NULL,
)
PAUSE = Table(
    "billing_subscriptionpause", "id company_id created_at subscription_id paused_at resumed_at"
)
INVOICE = Table(
    "billing_invoice",
    "id company_id created_at customer_id currency subtotal tax_rate tax total",
    number="",
    external_id="",
    discount=0,
    discount_description="",
    due_on=NULL,
    issued_at=NULL,
    paid_at=NULL,
    voided_at=NULL,
    payment_method_id=NULL,
)
LINE = Table(
    "billing_invoiceline",
    "id company_id created_at invoice_id position description quantity unit_price total",
)
PAYMENT = Table(
    "billing_payment",
    "id company_id created_at taken_at customer_id amount currency method",
    kind="payment",
    status="succeeded",
    invoice_id=NULL,
    refunds_id=NULL,
    payment_method_id=NULL,
    reference="",
)

PASS = Table(
    "credits_passpurchase",
    "id company_id created_at purchased_at updated_at product_id customer_id visits price currency"
    " offerings balance times_redeemed expiry_date",
    redeemed_at=NULL,
    revoked_at=NULL,
    expired_at=NULL,
)
CREDIT = Table(
    "credits_credit",
    "id company_id created_at updated_at coupon_id customer_id entitlement currency balance"
    " times_redeemed expiry_date",
    amount=NULL,
    percentage=NULL,
    offering="",
    multi_use="f",
    subscription_id=NULL,
    rule_id=NULL,
    period_start=NULL,
    revenue=NULL,
    redeemed_at=NULL,
    revoked_at=NULL,
    expired_at=NULL,
)
ENTRY = Table(
    "credits_entry",
    "id company_id created_at kind amount actor_name",
    credit_id=NULL,
    purchase_id=NULL,
    reference="",
    reason="",
    reverses_id=NULL,
)

FACILITATOR = Table(
    "bookings_facilitator", "id company_id created_at updated_at name email", archived_at=NULL
)
EVENT_DATE = Table(
    "bookings_eventdate",
    "id company_id created_at updated_at event_id facilitator_id starts_at duration capacity",
    cancelled_at=NULL,
)
TRANSACTION = Table("bookings_transaction", "id company_id created_at purchased_at customer_id")
BOOKING = Table(
    "bookings_booking",
    "id company_id created_at updated_at customer_id kind starts_at duration status currency"
    " subtotal tax_rate tax total",
    notes="",
    configuration="{}",
    service_id=NULL,
    facilitator_id=NULL,
    address_id=NULL,
    transaction_id=NULL,
    event_date_id=NULL,
    pricing_option_id=NULL,
    spaces=1,
    discount=0,
    covered=0,
    invoice_id=NULL,
    entry_id=NULL,
    payment_id=NULL,
    refund_id=NULL,
    started_at=NULL,
    completed_at=NULL,
    missed_at=NULL,
    cancelled_at=NULL,
    cancelled_by="",
    reason="",
)
MEDIA_PURCHASE = Table(
    "bookings_mediapurchase",
    "id company_id created_at updated_at purchased_at media_id customer_id total currency",
    expires_on=NULL,
    covered=0,
    entry_id=NULL,
    payment_id=NULL,
    refund_id=NULL,
    cancelled_at=NULL,
    cancelled_by="",
    reason="",
)

# In the order in which they are written: an event date is there before the places at it.
TABLES = (
    *(FACILITATOR, EVENT_DATE),
    *(CUSTOMER, ADDRESS, USER, NOTE, PAYMENT_METHOD, SUBSCRIPTION, PAUSE),
    *(PASS, CREDIT, ENTRY),
    *(TRANSACTION, BOOKING, MEDIA_PURCHASE),
    # Lines come before the invoices that they belong to, as an issued one takes no more of them;
    # payments come after them, as they are for issued ones only.
    *(LINE, INVOICE, PAYMENT),
)
