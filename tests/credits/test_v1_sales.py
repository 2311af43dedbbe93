"""Sales and payments on v1: paid at once, in parts, or later."""

from typing import Any

import pytest

from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACredit, ACustomer, AMedium, AnAppointment, AnInvoice, APass, APlan

from .test_v1_credits import refusal


@pytest.fixture
def sell(integrator: Caller, studio: Company, customer: Customer) -> Any:
    """Sell a pass of 90.00 to the customer."""
    product = APass(company=studio, customer=ACustomer(company=studio)).product_id
    path = f"/v1/customers/{customer.id}/passes"
    return lambda **body: integrator.post(path, {"pass_product_id": str(product), **body})


def invoice_of(caller: Caller, row: Any) -> dict[str, Any]:
    found: dict[str, Any] = caller.get(f"/v1/invoices/{row['invoice_id']}").body
    return {
        name: found[name]
        for name in ("status", "total", "amount_paid", "amount_covered", "balance", "due_on")
    }


def test_a_pass_is_to_be_paid_later_unless_it_says_how_it_is_paid(
    integrator: Caller, sell: Any
) -> None:
    owed = {"status": "pending", "total": 9_000, "amount_paid": 0, "amount_covered": 0}
    for body, due_on in (({}, None), ({"pay_later": True, "due_on": "2099-01-31"}, "2099-01-31")):
        sold = sell(**body)
        assert sold.status == 201
        found = invoice_of(integrator, sold.body)
        assert found == owed | {"balance": 9_000, "due_on": due_on}
    paid = sell(payments=[{"method": "cash"}])
    assert invoice_of(integrator, paid.body) == {
        "status": "paid",
        "total": 9_000,
        "amount_paid": 9_000,
        "amount_covered": 0,
        "balance": 0,
        "due_on": None,
    }


def test_a_pass_is_paid_by_a_credit_and_in_parts(
    integrator: Caller, studio: Company, customer: Customer, sell: Any
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=5_000)
    parts = [
        {"credit_id": f"crd_{credit.id.hex}", "amount": 1_000},
        {"method": "cash", "amount": 2_000, "reference": "till 1"},
    ]
    sold = sell(payments=parts).body
    found = invoice_of(integrator, sold)
    assert (found["amount_covered"], found["amount_paid"], found["balance"]) == (
        1_000,
        2_000,
        6_000,
    )
    path = f"/v1/invoices/{sold['invoice_id']}/pay"
    paid = integrator.post(path, {"payments": [{"method": "card"}]})
    assert (paid.status, paid.body["status"], paid.body["balance"]) == (200, "paid", 0)
    assert paid.body == integrator.get(f"/v1/invoices/{sold['invoice_id']}").body
    listed = integrator.get(f"/v1/invoices/{sold['invoice_id']}/payments").body["data"]
    assert [(one["method"], one["amount"], one["reference"]) for one in listed] == [
        ("card", 6_000, None),
        ("cash", 2_000, "till 1"),
    ]


def test_too_much_is_refused_or_kept_as_a_credit(
    integrator: Caller, customer: Customer, sell: Any
) -> None:
    much = {"payments": [{"method": "cash", "amount": 9_001}]}
    assert refusal(sell(**much))[:2] == (409, "more_than_owed")
    assert integrator.get(f"/v1/customers/{customer.id}/passes").body["data"] == []
    assert sell(**much, keep_excess_as_credit=True).status == 201
    (credit,) = integrator.get(f"/v1/customers/{customer.id}/credits").body["data"]
    assert (credit["balance"], credit["revenue"]) == (1, 1)


def test_a_plan_is_sold_with_an_invoice_if_it_says_how_it_is_paid(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    path = f"/v1/customers/{customer.id}/subscriptions"
    for paying, statuses in (({}, []), ({"payments": [{"method": "card"}]}, ["paid"])):
        plan = {"plan_id": str(APlan(company=studio).id)}
        assert integrator.post(path, plan | paying).status == 201
        listed = integrator.get(f"/v1/customers/{customer.id}/invoices").body["data"]
        assert [one["status"] for one in listed] == statuses


def test_a_booking_and_a_medium_are_paid_in_parts_or_later(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    service = AnAppointment(company=studio).service_id
    booking = {
        "customer_id": str(customer.id),
        "service_id": str(service),
        "scheduled_at": "2099-06-02T09:30Z",
        "payments": [{"method": "cash", "amount": 200}],
    }
    booked = integrator.post("/v1/bookings", booking).body
    assert (booked["payment_status"], booked["amount_paid"]) == ("partly_paid", 200)
    assert booked["payment"]["method"] == "invoice"
    path = f"/v1/customers/{customer.id}/media-purchases"
    media = {"media_id": str(AMedium(company=studio).id)}
    for paying, status, paid in (
        ({}, "unpaid", 0),
        ({"pay_later": True}, "unpaid", 0),
        ({"payments": [{"method": "cash", "amount": 1}]}, "partly_paid", 1),
        ({"payments": [{"method": "cash"}]}, "paid", 900),
        ({"payment": {"method": "cash"}}, "paid", 900),
        ({"payment": {"invoice": True}}, "unpaid", 0),
    ):
        bought = integrator.post(path, media | paying).body
        assert (bought["payment_status"], bought["amount_paid"]) == (status, paid), paying


def test_a_pass_pays_for_what_it_is_good_for_among_parts(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    ten = APass(company=studio, customer=customer)
    media = {"media_id": str(AMedium(company=studio).id)}
    path = f"/v1/customers/{customer.id}/media-purchases"
    bought = integrator.post(path, media | {"payments": [{"pass_id": str(ten.id)}]}).body
    assert (bought["payment"]["method"], bought["invoice_id"]) == ("pass", None)


def test_what_is_wrong_with_parts_is_told(
    integrator: Caller, studio: Company, customer: Customer, sell: Any
) -> None:
    both = {"method": "cash", "credit_id": str(ACredit(company=studio, customer=customer).id)}
    for parts, told in (
        ([{}], (422, "invalid", "payments.0")),
        ([both], (422, "invalid", "payments.0")),
        ([{"method": "gold"}], (422, "invalid", "payments.0.method")),
        ([{"method": "cash", "amount": 0}], (422, "invalid", "payments.0.amount")),
        ([{"method": "cash", "colour": "red"}], (400, "unknown_field", "payments.0.colour")),
    ):
        assert refusal(sell(payments=parts)) == told
    media = {"media_id": str(AMedium(company=studio).id), "payment": {"method": "cash"}}
    path = f"/v1/customers/{customer.id}/media-purchases"
    answer = integrator.post(path, media | {"pay_later": True})
    assert refusal(answer)[0] == 422


def test_paying_an_invoice_twice_under_one_key_takes_the_money_once(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    invoice = AnInvoice(company=studio, customer=customer)
    path, body = f"/v1/invoices/{invoice.id}/pay", {"payments": [{"method": "cash"}]}
    answers = [integrator.post(path, body, idempotency_key="one") for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert refusal(integrator.post(path, body))[:2] == (409, "invoice_paid")
