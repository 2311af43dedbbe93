"""How bookings and media are paid over the API, and how each surface tells it afterwards."""

from typing import Any

import pytest

from config.access.models import Company
from customers.models import Customer
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.factories import (
    ACredit,
    ACustomer,
    AMedium,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APass,
    APaymentMethod,
    APlace,
)

from .till import Till

# What a massage of 60.00 comes to, with a fifth of tax on it.
TOTAL = 7_200
CARD = {"method": "CARD", "currency": "GBP", "base100_price": TOTAL}
PAID, PENDING, FAILED = (CARD | {"status": status} for status in ("PAID", "PENDING", "FAILED"))
BY_PASS = {"method": "PASS", "currency": "CR", "credits_used": 1, "status": "PAID"}


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio)


@pytest.fixture
def till(integrator: Caller, studio: Company, customer: Customer) -> Till:
    return Till(integrator, studio, customer)


# --- Money ---


def test_what_nothing_has_paid_is_pending(till: Till) -> None:
    assert till.book().status == 201
    assert (till.shown, till.spent) == (PENDING, 0)


@pytest.mark.parametrize("method", ["card", "cash", "bank_transfer", "direct_debit", "other"])
def test_money_that_came_in_is_paid(till: Till, method: str) -> None:
    booking = till.book({"method": method, "reference": "pi_7"}).body
    assert (till.shown, till.spent) == (PAID, TOTAL)
    again = till.pay(booking, method=method)
    assert refusal(again) == (409, "already_paid", None)
    assert till.spent == TOTAL


def test_a_payment_method_says_how_it_was_paid(till: Till, studio: Company) -> None:
    held = APaymentMethod(company=studio, customer=till.customer)
    assert till.book({"payment_method_id": f"pm_{held.id.hex}"}).status == 201
    assert (till.shown, till.spent) == (PAID, TOTAL)
    other = APaymentMethod(company=studio, customer=ACustomer(company=studio))
    refused = till.book({"payment_method_id": str(other.id)})
    assert refusal(refused) == (422, "not_theirs", "payment.payment_method_id")


def test_an_attempt_that_failed_can_be_made_good(till: Till) -> None:
    booking = till.book({"method": "card", "status": "failed"}).body
    assert (till.shown, till.spent) == (FAILED, 0)
    assert till.pay(booking, method="card", status="failed").status == 200
    paid = till.pay(booking, method="card")
    assert (paid.status, paid.body) == (200, booking | {"updated_at": paid.body["updated_at"]})
    assert (till.shown, till.spent) == (PAID, TOTAL)


def test_cancelling_gives_money_back_unless_told_not_to(till: Till) -> None:
    for how, spent in (({}, 0), ({"refund": True}, 0), ({"refund": False}, TOTAL)):
        booking = till.book({"method": "cash"}).body
        assert till.spent == TOTAL
        assert till.cancel(booking, **how).body["status"] == "cancelled"
        assert (till.shown, till.spent) == (PAID, spent)


# --- Passes and credits ---


def test_a_visit_of_a_pass_pays_for_an_appointment(till: Till, studio: Company) -> None:
    bought = APass(company=studio, customer=till.customer, visits=2)
    booking = till.book({"pass_id": f"pkg_{bought.id.hex}"}).body
    assert (till.shown, till.spent, till.held["visits"]) == (BY_PASS, 0, 1)
    assert booking["pricing"]["total"] == TOTAL
    (use,) = till.caller.get(f"/v1/customers/{till.customer.id}/passes/{bought.id}/uses").body[
        "data"
    ]
    assert (use["visits"], use["reference"]) == (1, booking["id"])
    assert refusal(till.pay(booking, method="cash")) == (409, "already_paid", None)
    till.cancel(booking, refund=False)
    assert (till.shown, till.held["visits"]) == (BY_PASS, 2), "visits go back in any case"


def test_a_credit_for_the_very_thing_pays_for_it(till: Till, studio: Company) -> None:
    credit = ACredit(company=studio, customer=till.customer)
    booking = till.book({"credit_id": f"crd_{credit.id.hex}"}).body
    assert (till.shown, till.held["single_use"]) == (BY_PASS, 0)
    refused = till.book({"credit_id": str(credit.id)})
    assert refusal(refused) == (409, "used_up", None)
    till.cancel(booking)
    assert till.held["single_use"] == 1


def test_a_balance_of_money_pays_a_part_and_the_rest_is_pending(
    till: Till, studio: Company
) -> None:
    credit = ACredit(company=studio, customer=till.customer, amount=5_000)
    booking = till.book({"credit_id": str(credit.id)}).body
    assert (till.shown, till.spent, till.held["amount"]) == (PENDING, 0, 0)
    another = ACredit(company=studio, customer=till.customer, amount=9_000)
    refused = till.pay(booking, credit_id=str(another.id))
    assert refusal(refused) == (409, "already_covered", None)
    assert refusal(till.pay(booking, invoice=True)) == (409, "already_covered", None)
    assert till.pay(booking, method="card").status == 200
    assert (till.shown, till.spent, till.held["amount"]) == (PAID, TOTAL - 5_000, 9_000)
    till.cancel(booking)
    assert (till.spent, till.held["amount"]) == (0, 14_000)


def test_a_balance_that_is_enough_pays_for_all_of_it(till: Till, studio: Company) -> None:
    credit = ACredit(company=studio, customer=till.customer, amount=10_000)
    assert till.book({"credit_id": str(credit.id)}).status == 201
    assert (till.shown, till.held["amount"]) == (PAID, 2_800), "money is money, whoever held it"


def test_a_percentage_takes_its_part_off(till: Till, studio: Company) -> None:
    credit = ACredit(company=studio, customer=till.customer, percentage=25)
    booking = till.book({"credit_id": str(credit.id)}).body
    assert till.shown == PENDING
    assert till.pay(booking, method="cash").status == 200
    assert (till.shown, till.spent) == (PAID, 5_400)


@pytest.mark.parametrize("kind", ["pass_id", "credit_id"])
def test_only_what_the_customer_holds_and_what_fits_will_do(
    till: Till, studio: Company, kind: str
) -> None:
    other = ACustomer(company=studio)
    make = {"pass_id": APass, "credit_id": ACredit}[kind]
    words = {"pass_id": {"offerings": ["Facial"]}, "credit_id": {"offering": "Facial"}}[kind]
    theirs = make(company=studio, customer=other)
    refused = till.book({kind: str(theirs.id)})
    assert refusal(refused) == (422, "not_their_holding", None)
    unfit = make(company=studio, customer=till.customer, **words)
    assert refusal(till.book({kind: str(unfit.id)}))[:2] == (409, "other_offering")
    assert till.caller.get("/v1/bookings").body["data"] == [], "a refusal leaves no trace"


def test_what_has_ended_pays_for_nothing(till: Till, studio: Company) -> None:
    bought = APass(company=studio, customer=till.customer, visits=1)
    assert till.book({"pass_id": str(bought.id)}).status == 201
    assert refusal(till.book({"pass_id": str(bought.id)})) == (409, "used_up", None)
    gone = ACredit(company=studio, customer=till.customer, amount=500)
    till.caller.delete(f"/customers/customers/{till.customer.id}/credits/{gone.id}")
    assert refusal(till.book({"credit_id": str(gone.id)})) == (409, "revoked", None)


# --- Invoices ---


def test_an_invoice_asks_for_it_and_names_the_booking(till: Till) -> None:
    booking = till.book({"invoice": True, "due_on": "2099-01-31"}, discount=1_000).body
    assert till.shown == PENDING | {"base100_price": 6_000}
    (invoice,) = till.caller.get(f"/v1/customers/{till.customer.id}/invoices").body["data"]
    facts = ("booking_id", "status", "subtotal", "discount", "tax", "total", "line_items")
    line = {"description": "Massage", "quantity": 1, "unit_price": 6_000, "total": 6_000}
    assert {name: invoice[name] for name in facts} == {
        "booking_id": booking["id"],
        "status": "pending",
        "subtotal": 6_000,
        "discount": 1_000,
        "tax": 1_000,
        "total": 6_000,
        "line_items": [line],
    }
    assert till.caller.get(f"/v1/invoices/{invoice['id']}").body == invoice
    refused = till.pay(booking, invoice=True)
    assert refusal(refused) == (409, "already_invoiced", None)
    path = f"/v1/invoices/{invoice['id']}/payments"
    assert till.caller.post(path, {"amount": 2_000, "method": "cash"}).status == 201
    assert till.shown["status"] == "PENDING"
    assert till.pay(booking, method="card").status == 200, "what is left of the invoice"
    assert (till.shown["status"], till.spent) == ("PAID", 6_000)
    paid = till.caller.get(f"/v1/invoices/{invoice['id']}").body
    assert (paid["status"], paid["balance"]) == ("paid", 0)
    till.cancel(booking)
    void = till.caller.get(f"/v1/invoices/{invoice['id']}").body
    assert (void["status"], void["booking_id"], till.spent) == ("void", booking["id"], 0)
    assert till.shown["status"] == "PAID"


def test_an_invoice_that_was_voided_asks_for_nothing_more(till: Till) -> None:
    booking = till.book({"invoice": True}).body
    (invoice,) = till.caller.get("/v1/invoices").body["data"]
    assert till.caller.post(f"/v1/invoices/{invoice['id']}/void").status == 200
    assert till.pay(booking, method="cash").status == 200
    assert (till.shown, till.spent) == (PAID, TOTAL)


def test_an_invoice_of_no_booking_names_none(integrator: Caller, customer: Customer) -> None:
    line = {"description": "Mat", "unit_price": 5}
    asked = {"customer_id": str(customer.id), "line_items": [line]}
    assert integrator.post("/v1/invoices", asked).body["booking_id"] is None


# --- Places ---


def place_of(
    caller: Caller, customer: Customer, date: Any, payment: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """Buy a place and return how the M2M surface shows it."""
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id), "payment": payment}
    booking = caller.post("/v1/bookings", asked | more).body["id"]
    path = f"/customer/{customer.id}/booking/booking_{booking.removeprefix('bk_')}"
    return caller.get(path).body["data"]


def test_a_place_takes_the_visits_of_its_option_for_each_space(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    date = AnEventDate(company=studio, event=AnEvent(company=studio, visits=2))
    bought = APass(company=studio, customer=customer, visits=10)
    place = place_of(integrator, customer, date, {"pass_id": str(bought.id)}, spaces=3)
    assert place["payment"] == {"method": "PASS", "currency": "CR", "credits_used": 6}
    path = f"/customer/{customer.id}/packages"
    assert integrator.get(path).body["data"][0]["credits_remaining"] == 4
    integrator.post(f"/v1/bookings/{place['id'].removeprefix('booking_')}/cancel")
    assert integrator.get(path).body["data"][0]["credits_remaining"] == 10
    after = integrator.get(f"/customer/{customer.id}/booking/{place['id']}").body["data"]
    assert after == place | {"is_cancelled": True, "is_refunded": True}


def test_a_place_that_costs_nothing_still_takes_its_visits(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    date = AnEventDate(company=studio, event=AnEvent(company=studio, price=0))
    bought = APass(company=studio, customer=customer, visits=1)
    place = place_of(integrator, customer, date, {"pass_id": str(bought.id)})
    assert place["payment"]["credits_used"] == 1
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id)}
    refused = integrator.post("/v1/bookings", asked | {"payment": {"method": "cash"}})
    assert refusal(refused) == (409, "already_paid", None), "nothing is left to pay"


@pytest.mark.parametrize(
    ("how", "refunded"), [({}, True), ({"refund": True}, True), ({"refund": False}, False)]
)
def test_a_place_is_refunded_when_money_went_back(
    integrator: Caller, studio: Company, customer: Customer, how: dict[str, Any], refunded: bool
) -> None:
    date = AnEventDate(company=studio)
    place = place_of(integrator, customer, date, {"method": "card"})
    assert (place["is_cancelled"], place["is_refunded"]) == (False, False)
    price = {"method": "CARD", "currency": "GBP"}
    money = {"base100gross_price": 1_500, "base100net_price": 1_500}
    assert place["payment"] == price | money
    integrator.post(f"/v1/bookings/{place['id'].removeprefix('booking_')}/cancel", how)
    after = integrator.get(f"/customer/{customer.id}/booking/{place['id']}").body["data"]
    assert after == place | {"is_cancelled": True, "is_refunded": refunded}


def test_a_place_is_refunded_without_being_cancelled_when_all_the_money_went_back(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    for payment in ({"method": "card"}, {"invoice": True}):
        place = place_of(integrator, customer, AnEventDate(company=studio), payment)
        invoices = integrator.get(f"/v1/customers/{customer.id}/invoices").body["data"]
        if invoices:
            path = f"/v1/invoices/{invoices[0]['id']}/payments"
            integrator.post(path, {"amount": 1_500, "method": "card"})
        payments = integrator.get(f"/v1/customers/{customer.id}/state").body["payments"]
        refunds = f"/v1/payments/{payments[0]['id']}/refunds"
        path = f"/customer/{customer.id}/booking/{place['id']}"
        assert integrator.post(refunds, {"amount": 1_499}).status == 201
        assert integrator.get(path).body["data"] == place, "not while some of it is kept"
        assert integrator.post(refunds, {"amount": 1}).status == 201
        after = integrator.get(path).body["data"]
        assert after == place | {"is_refunded": True}


# --- Media ---


def test_a_medium_is_paid_in_each_way(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    medium = AMedium(company=studio)
    held = APass(company=studio, customer=customer, visits=1)
    named = ACredit(company=studio, customer=customer, offering="Morning stretch")
    money = ACredit(company=studio, customer=customer, amount=5_000)
    card = {"method": "CARD", "currency": "GBP", "base100_price": 900}
    visit = {"method": "PASS", "currency": "CR", "credits_used": 1}
    path = f"/v1/customers/{customer.id}/media"
    for payment, shown in (
        (None, card),
        ({"method": "card"}, card),
        ({"credit_id": str(money.id)}, card),
        ({"pass_id": str(held.id)}, visit),
        ({"credit_id": str(named.id)}, visit),
    ):
        body = {"media_id": str(medium.id)} | ({"payment": payment} if payment else {})
        bought = integrator.post(path, body)
        assert (bought.status, bought.body["payment"]) == (201, shown)
        cancelled = integrator.post(f"{path}/{bought.body['id']}/cancel", {"reason": "Twice"})
        facts = {"is_cancelled": True, "is_refunded": payment is not None}
        assert (cancelled.status, cancelled.body) == (200, bought.body | facts)
        again = integrator.post(f"{path}/{bought.body['id']}/cancel")
        assert refusal(again) == (409, "purchase_cancelled", None)
    asked = {"media_id": str(medium.id), "payment": {"invoice": True}}
    assert refusal(integrator.post(path, asked)) == (422, "not_invoiced", None)


# --- What is no way to pay ---

NO_WAY = [
    ({}, (422, "invalid", "")),
    ({"method": "cash", "invoice": True}, (422, "invalid", "")),
    ({"invoice": False}, (422, "invalid", "")),
    ({"method": "cheque"}, (422, "invalid", "method")),
    ({"method": None}, (422, "invalid", "method")),
    ({"method": ["cash"]}, (422, "invalid", "method")),
    ({"status": "failed"}, (422, "invalid_payment", "method")),
    ({"reference": "pi_7"}, (422, "invalid_payment", "method")),
    ({"method": "cash", "status": "maybe"}, (422, "invalid", "status")),
    ({"method": "cash", "reference": "x" * 256}, (422, "invalid", "reference")),
    ({"method": "cash", "reference": "4111 1111 1111 1111"}, (422, "card_number", "reference")),
    ({"method": "cash", "due_on": "2099-01-01"}, (422, "invalid", "due_on")),
    ({"invoice": "yes"}, (422, "invalid", "invoice")),
    ({"invoice": True, "due_on": "soon"}, (422, "invalid", "due_on")),
    ({"invoice": True, "due_on": "2020-01-01"}, (422, "due_before_issued", "due_on")),
    ({"pass_id": None}, (422, "invalid", "pass_id")),
    ({"pass_id": "nonsense"}, (422, "invalid", "pass_id")),
    ({"credit_id": 5}, (422, "invalid", "credit_id")),
    ({"payment_method_id": None}, (422, "invalid", "")),
    ({"payment_method_id": "nonsense"}, (422, "invalid", "payment_method_id")),
    ({"method": "cash", "amount": 5}, (400, "bad_request", "amount")),
]


@pytest.mark.parametrize(("payment", "expected"), NO_WAY)
def test_what_is_no_way_to_pay_is_refused(
    till: Till, payment: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    status, code, name = expected
    nested = ".".join(filter(None, ("payment", name)))
    assert refusal(till.book(payment)) == (status, code, nested)
    assert till.caller.get("/v1/bookings").body["data"] == [], "a refusal leaves no trace"
    booking = till.book().body
    assert refusal(till.pay(booking, **payment)) == (status, code, name or None)
    assert (till.shown, till.spent) == (PENDING, 0)


@pytest.mark.parametrize("payment", [None, "cash", 5, [], [{"method": "cash"}], True])
def test_what_pays_is_an_object(till: Till, payment: Any) -> None:
    refused = till.caller.post("/v1/bookings", till.asked | {"payment": payment})
    assert refusal(refused) == (422, "invalid", "payment")


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"refund": "yes"}, (422, "invalid", "refund")),
        ({"refund": None}, (422, "invalid", "refund")),
        ({"reason": 5}, (422, "invalid", "reason")),
        ({"reason": "x" * 501}, (422, "invalid", "reason")),
        ({"reason": "x\x00"}, (422, "invalid", "reason")),
        ({"reason": "4111 1111 1111 1111"}, (422, "card_number", "reason")),
        ({"status": "cancelled"}, (400, "bad_request", "status")),
    ],
)
def test_a_cancellation_that_cannot_be_is_refused(
    integrator: Caller,
    studio: Company,
    how: dict[str, Any],
    expected: tuple[int, str, str],
) -> None:
    booking = AnAppointment(company=studio)
    bought = integrator.post(
        f"/v1/customers/{booking.customer_id}/media", {"media_id": str(AMedium(company=studio).id)}
    ).body["id"]
    date = APlace(company=studio).event_date
    for path in (
        f"/v1/bookings/{booking.id}",
        f"/v1/customers/{booking.customer_id}/media/{bought}",
        f"/v1/events/{date.event_id}/dates/{date.id}",
    ):
        assert refusal(integrator.post(f"{path}/cancel", how)) == expected, path
    assert integrator.get(f"/v1/bookings/{booking.id}").body["status"] == "confirmed"
