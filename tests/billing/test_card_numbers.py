"""Card numbers are kept nowhere (threat 37)."""

from typing import Any

import pytest
from django.db import connections

from billing.cards import holds_card_number
from config.access.models import Company
from tests.callers import Caller
from tests.factories import ACustomer, AnInvoice, APayment

VISA = "4111111111111111"
NUMBERS = [
    VISA,
    "4222222222222",  # 13 digits
    "30569309025904",
    "378282246310005",
    "5555555555554444",
    "6304000000000000018",  # 19 digits
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111  1111\t1111 1111",
    "4111\u00a01111\u00a01111\u00a01111",
    "4111\u20111111\u20111111\u20111111",
    "paid with 4111 1111 1111 1111 today",
    "x4111111111111111x",
    "12 4111 1111 1111 1111 31",
    "٤١١١١١١١١١١١١١١١",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_card_number_is_told_however_it_is_written(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4242",
        "4111111111111112",
        "411111111111",  # 12 digits
        "41111111111111111111",  # 20 digits
        "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "20.10.2026 - 20.11.2026",
        "+44 20 7946 0000",
        "INV-2026-00042",
        "74537604221222132710945",  # a bank's reference for a refund
    ],
)
def test_other_digits_are_let_through(text: str) -> None:
    assert not holds_card_number(text)


LINE = {"description": "Ten visits", "unit_price": 9000}


def doors(studio: Company) -> list[tuple[str, dict[str, Any], str]]:
    """Return address, body and field of everything that takes text in billing."""
    customer = ACustomer(company=studio)
    invoice = AnInvoice(company=studio, customer=customer)
    payment = APayment(company=studio, invoice=invoice, amount=100)
    card = {"type": "card", "token": "tok", "brand": "visa", "last4": "4242"}
    bank = {"type": "bank_account", "token": "tok", "last4": "4242"}
    methods = f"/v1/customers/{customer.id}/payment-methods"
    asked = {"customer_id": str(customer.id), "line_items": [LINE]}
    plan = {"name": "Gold", "price": 100, "billing_period": "P1M"}
    return [
        (methods, card | {"token": VISA}, "token"),
        (methods, card | {"brand": VISA}, "brand"),
        (methods, bank | {"bank_name": VISA}, "bank_name"),
        ("/v1/plans", plan | {"name": f"Gold {VISA}"}, "name"),
        ("/v1/invoices", asked | {"discount_description": VISA}, "discount_description"),
        (
            "/v1/invoices",
            asked | {"line_items": [LINE, LINE | {"description": f"card {VISA}"}]},
            "line_items.1.description",
        ),
        (
            f"/v1/invoices/{invoice.id}/payments",
            {"amount": 5, "method": "card", "reference": VISA},
            "reference",
        ),
        (f"/v1/payments/{payment.id}/refunds", {"amount": 5, "reference": VISA}, "reference"),
    ]


def test_every_field_refuses_a_card_number_and_nothing_keeps_it(
    integrator: Caller, studio: Company
) -> None:
    for path, body, field in doors(studio):
        answer = integrator.post(path, body)
        assert (answer.status, answer.body["error"]["code"]) == (422, "card_number"), path
        assert answer.body["error"]["param"] == field
        assert VISA not in answer.raw.decode()
    last4 = {"type": "card", "token": "t", "brand": "visa", "last4": VISA}
    customer = ACustomer(company=studio)
    answer = integrator.post(f"/v1/customers/{customer.id}/payment-methods", last4)
    assert answer.status == 422
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'billing%'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%{VISA}%'")
            assert cursor.fetchone() == (0,), table
