"""Bookings and media paid in parts and by several means on the API."""

from typing import Any

import pytest

from bookings.models import Service
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.factories import ACredit, AMedium, APass

from .test_api_paying import PENDING, TOTAL, Till


@pytest.fixture
def till(integrator: Caller, customer: Customer, service: Service) -> Till:
    return Till(integrator, customer, service)


def test_a_booking_is_paid_in_parts_and_by_several_means(till: Till, studio: Company) -> None:
    own: dict[str, Any] = {"company": studio, "customer": till.customer}
    credit_id = f"crd_{ACredit(**own, amount=1_000).id.hex}"
    booking = till.book().body
    parts = [{"method": "cash", "amount": 2_000}, {"credit_id": credit_id}]
    paid = till.pay(booking, payments=parts, due_on="2099-01-31")
    assert paid.status == 200
    assert (paid.body["payment_status"], paid.body["amount_paid"]) == ("partly_paid", 3_000)
    invoice = till.caller.get(f"/v1/invoices/{paid.body['invoice_id']}").body
    assert (invoice["balance"], invoice["due_on"]) == (TOTAL - 3_000, "2099-01-31")
    rest = [{"method": "card", "amount": TOTAL}]
    refused = till.pay(booking, payments=rest)
    assert refusal(refused)[:2] == (409, "more_than_owed")
    paid = till.pay(booking, payments=rest, keep_excess_as_credit=True)
    assert (paid.body["payment_status"], till.held["amount"]) == ("paid", 3_000)
    booking, bought = till.book().body, APass(**own)
    paid = till.pay(booking, payments=[{"pass_id": f"pkg_{bought.id.hex}"}])
    assert (paid.body["payment_status"], paid.body["payment"]["method"]) == ("paid", "pass")


def test_what_a_credit_left_of_a_booking_is_paid_in_parts(till: Till, studio: Company) -> None:
    credit = ACredit(company=studio, customer=till.customer, amount=1_000)
    booking = till.book({"credit_id": f"crd_{credit.id.hex}"}).body
    paid = till.pay(booking, payments=[{"method": "cash", "amount": 200}, {"method": "card"}])
    shown = {name: paid.body[name] for name in ("payment_status", "amount_paid")}
    assert shown == {"payment_status": "paid", "amount_paid": TOTAL}
    payment = {name: paid.body["payment"][name] for name in ("method", "amount", "covered_amount")}
    assert payment == {"method": "invoice", "amount": TOTAL - 1_000, "covered_amount": 1_000}


def test_an_unpaid_medium_is_paid_by_one_means_or_in_parts(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    medium = AMedium(company=studio, price=900)
    path = f"/v1/customers/{customer.id}/media-purchases"
    for body in (
        {"method": "cash"},
        {"payments": [{"method": "cash", "amount": 400}, {"method": "card"}]},
    ):
        bought = integrator.post(path, {"media_id": str(medium.id)}).body
        paid = integrator.post(f"{path}/{bought['id']}/payments", body)
        assert (paid.status, paid.body["payment_status"]) == (200, "paid")
        assert paid.body["amount_paid"] == 900
        again = integrator.post(f"{path}/{bought['id']}/payments", body)
        assert refusal(again) == (409, "already_paid", None)
        integrator.post(f"{path}/{bought['id']}/cancel")
        gone = integrator.post(f"{path}/{bought['id']}/payments", body)
        assert refusal(gone) == (409, "purchase_cancelled", None)


def test_parts_and_one_means_are_not_mixed(till: Till) -> None:
    booking, parts = till.book().body, [{"method": "cash"}]
    for sent, field in (
        ({"payments": parts, "method": "cash"}, "method"),
        ({"payments": parts, "invoice": True}, "invoice"),
        ({"method": "cash", "keep_excess_as_credit": True}, "keep_excess_as_credit"),
        ({"payments": []}, "payments"),
        ({"payments": [{"amount": 5}]}, "payments.0"),
        ({"payments": [{"method": "cheque"}]}, "payments.0.method"),
    ):
        refused = till.pay(booking, **sent)
        assert refusal(refused)[0::2] == (422, field), sent
    assert (till.shown, till.spent) == (PENDING, 0)
