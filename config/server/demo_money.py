"""What the demo company's customers have signed up for, what they pay with, and what they owe."""

import datetime
from dataclasses import dataclass
from typing import Any

from billing.actions import (
    add_payment_method,
    cancel_subscription,
    create_invoice,
    create_plan,
    issue_invoice,
    pause_subscription,
    refund_payment,
    subscribe,
    take_payment,
    void_invoice,
)
from billing.models import Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription
from config.access.actors import Actor
from config.access.days import local_day
from config.access.models import Company
from customers.models import Customer

# At ten London's day is that of UTC, in summer and in winter.
OPENS = datetime.time(10)
TAX_RATE = 20


@dataclass(frozen=True)
class DemoSubscription:
    """Who has been on which plan for how many months, and whether it is paused or cancelled.

    The month turns on the day on which the demo is made, or so many days `later`.
    """

    who: str
    plan: str
    months: int
    later: int = 0
    then: str = ""


@dataclass(frozen=True)
class DemoInvoice:
    """What somebody was asked for, before tax, and how much of it was paid.

    It was issued `days_ago`, never where None; `due` and `paid_after` count days from then on.
    What was not paid `by` something is paid with the customer's default payment method.
    """

    who: str
    what: str
    price: int
    days_ago: int | None = None
    due: int = 0
    quantity: int = 1
    discount: int = 0
    discount_description: str = ""
    paid: int = 0
    paid_after: int = 0
    by: str = ""
    then: str = ""


PLANS: dict[str, dict[str, Any]] = {
    "Monthly membership": {"price": 7_800, "billing_period": "P1M", "minimum_periods": 3},
    "Yearly membership": {"price": 78_000, "billing_period": "P1Y", "grace_days": 14},
    "Massage at your office": {"price": 36_000, "billing_period": "P1M", "grace_days": 30},
}

SUBSCRIPTIONS = [
    DemoSubscription("Zoë Abara", "Monthly membership", months=14),
    DemoSubscription("Oliver Whitcombe", "Monthly membership", months=5),
    DemoSubscription("Priya Raman", "Monthly membership", months=3),
    DemoSubscription("Hannah Pemberton", "Monthly membership", months=8, later=3),
    DemoSubscription("Amelia Thornbury", "Monthly membership", months=11, then="paused"),
    DemoSubscription("Nguyễn Thị Mai", "Monthly membership", months=9, then="cancelled"),
    DemoSubscription("Grace Adeyemi", "Yearly membership", months=7),
    DemoSubscription("Castle & Vale LLP", "Massage at your office", months=6, later=11),
]

# The first one of each person is the default. Cards last until two years after the demo is made.
PAYMENT_METHODS: dict[str, list[dict[str, Any]]] = {
    "Zoë Abara": [
        {"type": "card", "brand": "visa", "last4": "4242", "exp_month": 9},
        {"type": "direct_debit", "bank_name": "Thameside Bank", "last4": "0117"},
    ],
    "Oliver Whitcombe": [{"type": "direct_debit", "bank_name": "Lantern Bank", "last4": "2208"}],
    "Priya Raman": [{"type": "card", "brand": "mastercard", "last4": "4444", "exp_month": 3}],
    "Hannah Pemberton": [{"type": "card", "brand": "visa", "last4": "1881", "exp_month": 12}],
    "Grace Adeyemi": [{"type": "card", "brand": "amex", "last4": "0005", "exp_month": 6}],
    "Nguyễn Thị Mai": [{"type": "other", "brand": "Wallet on her phone"}],
    "Castle & Vale LLP": [
        {"type": "bank_account", "bank_name": "Thameside Bank", "last4": "6819"},
    ],
}

# Oldest first, as their numbers are.
INVOICES = [
    DemoInvoice(
        *("Grace Adeyemi", "Yearly membership", 65_000, 212), due=14, paid=78_000, paid_after=2
    ),
    DemoInvoice(
        *("Castle & Vale LLP", "Chair massage", 2_500, 96),
        quantity=12,
        due=30,
        paid=36_000,
        paid_after=19,
    ),
    DemoInvoice("Fatima El Amrani", "Ten classes", 10_000, 80, paid=12_000, by="cash"),
    DemoInvoice(
        "Tideway Pilots Rowing Club", "Stretching after training", 6_000, 64, due=30, quantity=4
    ),
    DemoInvoice("Lambeth Hospice", "Massage, one hour", 5_500, 45, due=30, quantity=3),
    DemoInvoice("Zoë Abara", "Monthly membership", 6_500, 31, due=7, paid=7_800, paid_after=1),
    DemoInvoice(
        "Oliver Whitcombe", "Monthly membership", 6_500, 31, due=7, paid=7_800, paid_after=5
    ),
    DemoInvoice(
        "Nguyễn Thị Mai", "Workshop: hips and shoulders", 4_500, 24, paid=5_400, then="refunded"
    ),
    DemoInvoice(
        *("Hannah Pemberton", "Ten classes", 10_000, 20),
        discount=1_000,
        discount_description="Birthday treat, 10%",
        paid=10_800,
    ),
    DemoInvoice(
        *("Castle & Vale LLP", "Chair massage", 2_500, 12),
        quantity=12,
        due=30,
        paid=20_000,
        paid_after=8,
    ),
    DemoInvoice("Priya Raman", "Monthly membership", 6_500, 6, due=7, then="void"),
    DemoInvoice("Priya Raman", "Massage, one hour", 5_500, 5, due=14),
    DemoInvoice("Castle & Vale LLP", "Chair massage", 2_500, quantity=12),
]


def add_money(people: dict[str, Customer], company: Company, actor: Actor) -> dict[str, Plan]:
    """Sign people up, and ask for what they owe; return the plans by their names."""
    today = local_day(company.id)
    plans = {
        name: create_plan(Plan(name=name, **terms), actor=actor) for name, terms in PLANS.items()
    }
    for mandate in SUBSCRIPTIONS:
        _sign_up(people[mandate.who], plans[mandate.plan], mandate, today, actor)
    for who, methods in PAYMENT_METHODS.items():
        for fields in methods:
            _keep(people[who], fields, today, actor)
    defaults = {one.customer_id: one for one in PaymentMethod.objects.visible_to(actor).default()}
    for entry in INVOICES:
        invoice = _draft(people[entry.who], entry, actor)
        if entry.days_ago is not None:
            issued_on = today - datetime.timedelta(days=entry.days_ago)
            _ask(invoice, entry, issued_on, defaults.get(invoice.customer_id), actor)
    return plans


def _sign_up(
    customer: Customer, plan: Plan, entry: DemoSubscription, today: datetime.date, actor: Actor
) -> None:
    turns_on = today + datetime.timedelta(days=entry.later)
    subscription = subscribe(
        Subscription(
            customer=customer, plan=plan, anchor_date=months_before(turns_on, entry.months)
        ),
        actor=actor,
    )
    if entry.then == "paused":
        pause_subscription(subscription, actor=actor)
    if entry.then == "cancelled":
        cancel_subscription(subscription, actor=actor)


def months_before(day: datetime.date, count: int) -> datetime.date:
    """Return the same day of a month at least so many months before.

    A month that has no such day does not count: from there on, the months would turn otherwise.
    """
    month = day.year * 12 + day.month - 1 - count
    while True:
        try:
            return day.replace(year=month // 12, month=month % 12 + 1)
        except ValueError:
            month -= 1


def _keep(customer: Customer, fields: dict[str, Any], today: datetime.date, actor: Actor) -> None:
    token = f"demo_{fields['type']}_{customer.id.hex[-8:]}"
    expiry = {"exp_year": today.year + 2} if "exp_month" in fields else {}
    method = PaymentMethod(customer=customer, token=token, **fields, **expiry)
    add_payment_method(method, actor=actor)


def _draft(customer: Customer, entry: DemoInvoice, actor: Actor) -> Invoice:
    line = InvoiceLine(description=entry.what, quantity=entry.quantity, unit_price=entry.price)
    invoice = Invoice(
        customer=customer,
        tax_rate=TAX_RATE,
        discount=entry.discount,
        discount_description=entry.discount_description,
    )
    return create_invoice(invoice, lines=[line], actor=actor)


def _ask(
    invoice: Invoice,
    entry: DemoInvoice,
    day: datetime.date,
    method: PaymentMethod | None,
    actor: Actor,
) -> None:
    """Issue an invoice on a day, and let happen to it what the entry says."""
    due_on = day + datetime.timedelta(days=entry.due)
    invoice = issue_invoice(invoice, due_on=due_on, at=_opening(day), actor=actor)
    if entry.then == "void":
        void_invoice(invoice, actor=actor)
    if not entry.paid:
        return
    payment = Payment(
        invoice=invoice,
        amount=entry.paid,
        method=entry.by,
        payment_method=None if entry.by else method,
        taken_at=_opening(day + datetime.timedelta(days=entry.paid_after)),
    )
    payment = take_payment(payment, actor=actor)
    if entry.then == "refunded":
        refund_payment(Payment(refunds=payment, reference="Workshop called off"), actor=actor)


def _opening(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, OPENS, datetime.UTC)
