"""Invoices and payments of sample customers."""

import datetime
import json
from decimal import Decimal
from functools import cache

from billing.actions.tax import gross as gross_on
from billing.actions.tax import group_taxes, on_top, tax_on
from billing.models import InvoiceLine, Payment

from .batch import Batch, Person, new_id
from .calendar import HOUR
from .tables import escape
from .words import DISCOUNTS

_IN_PARTS, _VOID, _DISCOUNTED = 0.03, 0.01, 0.03

# A long number in a token could be mistaken for a card number.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")

# The same few prices and rates occur in all rows.
tax, gross = cache(tax_on), cache(gross_on)


def token(kind: str, id: str) -> str:
    """Return a payment processor's id for an object, made from the random part of its own id."""
    return f"{kind}_{id[-20:].translate(_LETTERS)}"


def pay(
    batch: Batch,
    person: Person,
    moment: int,
    amount: int,
    *,
    invoice: str | None = None,
    refunds: str | None = None,
    status: str = "succeeded",
) -> str:
    """Add a payment, or a refund if `refunds` names the payment; return the id of the row."""
    id = new_id(moment)
    by_card = person.method != "cash" and not refunds
    return batch.put(
        Payment,
        moment,
        id=id,
        late=invoice is not None,
        customer_id=person.id,
        kind="refund" if refunds else "payment",
        status=status,
        amount=amount,
        method=person.method,
        invoice_id=invoice,
        refunds_id=refunds,
        payment_method_id=person.card,
        reference=token("ch", id) if by_card else "",
    )


def ask(
    batch: Batch,
    person: Person,
    moment: int,
    what: str,
    price: int,
    *,
    tax_rate: Decimal,
    tax_behavior: str,
    days: int = 14,
    pays: float,
    discount: int | None = None,
) -> tuple[str, str | None]:
    """Issue an invoice that is due within `days` and paid with the probability `pays`.

    Return its id and the id of the payment that completed it.
    """
    id = new_id(moment)
    if discount is None:
        discount = price // 10 if batch.chance(_DISCOUNTED) else 0
    taxes = group_taxes([((tax_rate, tax_behavior), price)], discount=discount)
    total = price - discount + on_top(taxes)
    day = batch.calendar.dates[batch.calendar.day_of(moment)]
    voided = moment + batch.between(1, 5 * 24) * HOUR if batch.chance(_VOID) else batch.now
    payment, paid = None, None if total else moment
    if voided >= batch.now and total and batch.chance(pays):
        payment, paid = _settle(batch, person, moment, total, id, days)
    taxed = {"tax_rate": tax_rate, "tax_behavior": tax_behavior}
    columns = {"quantity": 1, "unit_price": price, "total": price, "description": escape(what)}
    columns |= taxed
    batch.put(InvoiceLine, moment, late=True, invoice_id=id, position=0, **columns)
    batch.put_invoice(
        id,
        moment,
        customer_id=person.id,
        subtotal=price,
        discount=discount,
        discount_description=batch.some(DISCOUNTS) if discount else "",
        taxes=json.dumps(taxes),
        tax=sum(one["tax"] for one in taxes),
        total=total,
        due_on=day + datetime.timedelta(days=days),
        issued_at=moment,
        paid_at=paid,
        voided_at=voided if voided < batch.now else None,
        payment_method_id=person.card if payment else None,
        **taxed,
    )
    return id, payment


def _settle(
    batch: Batch, person: Person, moment: int, total: int, invoice: str, days: int
) -> tuple[str | None, int | None]:
    """Pay an invoice, unless that would be after today; return the last payment and its moment."""
    taken = moment + batch.between(1, (days + 4) * 24) * HOUR + batch.between(0, HOUR)
    if taken >= batch.now:
        return None, None
    if total > 1 and batch.chance(_IN_PARTS):
        pay(batch, person, moment + HOUR // 2, total // 2, invoice=invoice)
        total -= total // 2
    return pay(batch, person, taken, total, invoice=invoice), taken
