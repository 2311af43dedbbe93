"""What was asked for and what was paid."""

import datetime
from dataclasses import dataclass

from .batch import Batch, shown
from .calendar import HOUR
from .offers import tax_on
from .people import Person, in_letters
from .tables import LINE, NULL, PAYMENT
from .words import DISCOUNTS

# What becomes of an invoice, and how many days pass until it is paid.
_PAID, _IN_PARTS, _VOID, _DISCOUNTED = 0.94, 0.03, 0.01, 0.03
_DAYS_UNTIL_DUE = 14


@dataclass(frozen=True)
class Asked:
    """An invoice as it was made: its id, its total, and the payment that completed it."""

    id: str
    total: int
    payment: str = ""


def pay(
    batch: Batch,
    person: Person,
    moment: int,
    amount: int,
    *,
    invoice: str = "",
    status: str = "succeeded",
) -> str:
    """Take money, by card where one is kept; return the payment's id."""
    id = batch.ids.at(moment)
    by_card = person.method != "cash"
    return batch.put(
        PAYMENT,
        moment,
        id=id,
        late=bool(invoice),
        taken_at=batch.show(moment),
        customer_id=person.id,
        amount=amount,
        currency=batch.plan.currency,
        method=person.method,
        status=status,
        invoice_id=invoice or NULL,
        payment_method_id=person.card or NULL,
        reference=f"ch_{in_letters(id)}" if by_card else "",
    )


def give_money_back(
    batch: Batch, person: Person, moment: int, amount: int, payment: str, *, late: bool = False
) -> str:
    """Give back so much of a payment that was for no invoice; return the refund's id."""
    return batch.put(
        PAYMENT,
        moment,
        late=late,
        taken_at=batch.show(moment),
        customer_id=person.id,
        amount=amount,
        currency=batch.plan.currency,
        method=person.method,
        kind="refund",
        refunds_id=payment,
        payment_method_id=person.card or NULL,
    )


def ask(
    batch: Batch,
    person: Person,
    moment: int,
    lines: list[tuple[str, int, int]],
    *,
    tax_rate: int,
    discount: int | None = None,
    days: int = _DAYS_UNTIL_DUE,
    pays: float = _PAID,
) -> Asked:
    """Issue an invoice for lines of what, how many and how much each; it is paid or it is not."""
    id = batch.ids.at(moment)
    subtotal = _write_lines(batch, moment, id, lines)
    if discount is None:
        discount = subtotal // 10 if batch.chance(_DISCOUNTED) else 0
    tax = tax_on(subtotal - discount, tax_rate)
    total = subtotal - discount + tax
    day = batch.calendar.day_of(moment)
    voided = moment + batch.between(1, 5 * 24) * HOUR if batch.chance(_VOID) else None
    voided = None if voided is None or voided >= batch.now else voided
    payment, paid = "", None
    if voided is None and total:
        payment, paid = _settle(batch, person, moment, total, id, days, pays)
    batch.put_invoice(
        moment,
        year=batch.calendar.dates[day].year,
        id=id,
        customer_id=person.id,
        currency=batch.plan.currency,
        subtotal=subtotal,
        discount=discount,
        discount_description=batch.some(DISCOUNTS) if discount else "",
        tax_rate=percent(tax_rate),
        tax=tax,
        total=total,
        due_on=batch.calendar.dates[day] + datetime.timedelta(days=days),
        issued_at=batch.show(moment),
        paid_at=shown(paid, batch.calendar) if total else batch.show(moment),
        voided_at=shown(voided, batch.calendar),
        payment_method_id=person.card if paid and person.card else NULL,
    )
    return Asked(id, total, payment)


def draft(batch: Batch, person: Person, moment: int, line: tuple[str, int, int]) -> None:
    """Write an invoice that is not issued."""
    id = batch.ids.at(moment)
    subtotal = _write_lines(batch, moment, id, [line])
    batch.put_invoice(
        moment,
        year=0,
        id=id,
        customer_id=person.id,
        currency=batch.plan.currency,
        subtotal=subtotal,
        tax_rate=0,
        tax=0,
        total=subtotal,
    )


def percent(rate: int) -> str:
    """Return a rate in ten-thousandths of a percent as PostgreSQL reads a number."""
    return f"{rate // 10_000}.{rate % 10_000:04}"


def _write_lines(batch: Batch, moment: int, invoice: str, lines: list[tuple[str, int, int]]) -> int:
    for position, (what, quantity, price) in enumerate(lines):
        batch.put(
            LINE,
            moment,
            late=True,
            invoice_id=invoice,
            position=position,
            description=what,
            quantity=quantity,
            unit_price=price,
            total=quantity * price,
        )
    return sum(quantity * price for _, quantity, price in lines)


def _settle(
    batch: Batch, person: Person, moment: int, total: int, invoice: str, days: int, pays: float
) -> tuple[str, int | None]:
    """Pay an invoice, as far as that has happened; return the last payment and when it was paid."""
    taken = moment + batch.between(1, (days + 4) * 24) * HOUR + batch.between(0, HOUR)
    if taken >= batch.now or not batch.chance(pays):
        if moment + HOUR < batch.now and batch.chance(0.1):
            pay(batch, person, moment + HOUR, total, invoice=invoice, status="failed")
        return "", None
    if total > 1 and batch.chance(_IN_PARTS):
        pay(batch, person, moment + HOUR // 2, total // 2, invoice=invoice)
        total -= total // 2
    return pay(batch, person, taken, total, invoice=invoice), taken
