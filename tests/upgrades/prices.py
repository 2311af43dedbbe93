"""What customers are to pay, in a database of the last release and in an upgraded one."""

from decimal import Decimal
from typing import Any

from billing.actions.tax import gross

type Prices = dict[tuple[str, str], int]

# Prices at which rounding matters, as they may stand in any company.
ODD = """
UPDATE bookings_service SET price = price + 33, tax_rate = 8.875;
UPDATE bookings_event SET tax_rate = 5.5
 WHERE id = (SELECT min(id::text)::uuid FROM bookings_event);
UPDATE bookings_pricingoption SET price = price + 1;
"""

# What has a price: before, with the tax that was put on it; afterwards, as its own row says.
_OFFERED = {
    "bookings_service": ("price", "tax_rate"),
    "bookings_pricingoption": (
        "price",
        "(SELECT tax_rate FROM bookings_event WHERE bookings_event.id = event_id)",
    ),
    "bookings_media": ("price", "0"),
    "billing_plan": ("price", "0"),
    "credits_passproduct": ("price", "0"),
    "credits_passpurchase": ("price", "0"),
}
# What was sold: its total, and the tax in that.
_SOLD = {
    "bookings_booking": "total, tax",
    "bookings_mediapurchase": "total, 0",
    "billing_invoice": "total, tax",
}


def prices_before(cursor: Any) -> Prices:
    """Return what is to be paid for each row, as the last release computes it."""
    found: Prices = {}
    for table, (price, rate) in _OFFERED.items():
        cursor.execute(f"SELECT id::text, {price} + billing_tax({price}, 0, {rate}) FROM {table}")
        found |= {(table, id): amount for id, amount in cursor.fetchall()}
    return found | _sold(cursor, _SOLD)


def prices_after(cursor: Any, *, behavior: str = "") -> Prices:
    """Return what is to be paid for each row, as the actions compute it now.

    If `behavior` is given, it replaces the tax behavior of every catalog row.
    """
    found: Prices = {}
    for table in _OFFERED:
        cursor.execute(f"SELECT id::text, price, tax_rate, tax_behavior FROM {table}")
        found |= {
            (table, id): gross(price, Decimal(rate), behavior or own)
            for id, price, rate, own in cursor.fetchall()
        }
    return found | _sold(cursor, _SOLD | {"bookings_mediapurchase": "total, tax"})


def _sold(cursor: Any, columns: dict[str, str]) -> Prices:
    found: Prices = {}
    for table, both in columns.items():
        cursor.execute(f"SELECT id::text, {both} FROM {table}")
        for id, total, tax in cursor.fetchall():
            found |= {(table, id): total, (f"tax of {table}", id): tax}
    return found


def untaxed(cursor: Any) -> list[tuple[Any, ...]]:
    """Return the invoices whose taxes or lines are not those of their one rate."""
    cursor.execute(
        """
        SELECT number, taxes FROM billing_invoice
         WHERE taxes IS DISTINCT FROM jsonb_build_array(jsonb_build_object(
                   'tax_rate', tax_rate, 'tax_behavior', 'exclusive',
                   'amount', subtotal - discount, 'tax', tax))
            OR EXISTS (SELECT FROM billing_invoiceline AS line
                        WHERE invoice_id = billing_invoice.id
                          AND (line.tax_rate <> billing_invoice.tax_rate
                               OR line.tax_behavior <> 'exclusive'))
        """
    )
    return list(cursor.fetchall())
