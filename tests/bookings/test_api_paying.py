"""Payments of bookings and media on the API, and how each surface shows them."""

from typing import Any

import pytest

from bookings.models import Booking, EventDate, Service
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.factories import ACredit, ACustomer, AMedium, AnEvent, AnEventDate, APass, APaymentMethod

# The total of a massage: 60.00 plus 20 % tax.
TOTAL = 7_200
CARD = {"method": "CARD", "currency": "GBP", "base100_price": TOTAL}
PAID, PENDING, FAILED = (CARD | {"status": status} for status in ("PAID", "PENDING", "FAILED"))
BY_PASS = {"method": "PASS", "currency": "CR", "credits_used": 1, "status": "PAID"}


class Till:
    """Books a massage for a customer on the API, and reads its payment."""

    def __init__(self, caller: Caller, customer: Customer, service: Service) -> None:
        self.caller, self.customer = caller, customer
        self.asked = {
            "customer_id": str(customer.id),
            "service_id": str(service.id),
            "scheduled_at": "2099-06-01T09:30Z",
        }

    def book(self, payment: dict[str, Any] | None = None, **more: Any) -> Any:
        paid = {} if payment is None else {"payment": payment}
        return self.caller.post("/v1/bookings", self.asked | paid | more)

    def pay(self, booking: dict[str, Any], **payment: Any) -> Any:
        return self.caller.post(f"/v1/bookings/{booking['id']}/payments", payment)

    def cancel(self, booking: dict[str, Any], **how: Any) -> Any:
        return self.caller.post(f"/v1/bookings/{booking['id']}/cancel", how)

    @property
    def shown(self) -> dict[str, Any]:
        """The payment of the newest appointment."""
        listed = self.caller.get(f"/customer/{self.customer.id}/appointments").body["data"]
        return listed[0]["payment"]

    @property
    def spent(self) -> int:
        stats = self.caller.get(f"/v1/customers/{self.customer.id}").body["stats"]
        return stats["total_spent"]

    @property
    def held(self) -> dict[str, int]:
        balance = self.caller.get(f"/v1/customers/{self.customer.id}/credits/balance").body
        return {name: balance[name] for name in ("amount", "single_use", "visits")}


@pytest.fixture
def till(integrator: Caller, customer: Customer, service: Service) -> Till:
    return Till(integrator, customer, service)


# --- Money ---


def test_money_is_pending_failed_or_paid(till: Till) -> None:
    booking = till.book().body
    assert (till.shown, till.spent) == (PENDING, 0)
    assert till.pay(booking, method="card", status="failed").status == 200
    assert (till.shown, till.spent) == (FAILED, 0)
    paid = till.pay(booking, method="card")
    money = {"method": "card", "amount": TOTAL, "currency": "GBP", "covered_amount": 0}
    payment = money | {
        "pass_id": None,
        "credit_id": None,
        "payment_id": paid.body["payment"]["payment_id"],
    }
    since = {"amount_paid": TOTAL, "payment_status": "paid", "payment": payment}
    assert (paid.status, paid.body) == (
        200,
        booking | since | {"updated_at": paid.body["updated_at"]},
    )
    assert (till.shown, till.spent) == (PAID, TOTAL)
    assert refusal(till.pay(booking, method="card")) == (409, "already_paid", None)
    assert till.spent == TOTAL


def test_money_comes_in_every_way(till: Till, studio: Company) -> None:
    held = APaymentMethod(company=studio, customer=till.customer)
    ways = ("card", "cash", "bank_transfer", "direct_debit", "other")
    payments = [{"method": way, "reference": "pi_7"} for way in ways]
    payments.append({"payment_method_id": f"pm_{held.id.hex}"})
    for number, payment in enumerate(payments, 1):
        assert till.book(payment).status == 201, payment
        assert (till.shown, till.spent) == (PAID, TOTAL * number), payment


# --- Passes and credits ---


def test_a_visit_or_a_credit_for_the_very_thing_pays_for_it(till: Till, studio: Company) -> None:
    bought = APass(company=studio, customer=till.customer, visits=2)
    booking = till.book({"pass_id": f"pkg_{bought.id.hex}"}).body
    assert (till.shown, till.spent, till.held["visits"]) == (BY_PASS, 0, 1)
    assert booking["pricing"]["total"] == TOTAL
    uses = f"/v1/customers/{till.customer.id}/passes/{bought.id}/uses"
    (use,) = till.caller.get(uses).body["data"]
    assert (use["visits"], use["reference"]) == (1, booking["id"])
    assert refusal(till.pay(booking, method="cash")) == (409, "already_paid", None)
    till.cancel(booking, refund=False)
    assert (till.shown, till.held["visits"]) == (BY_PASS, 2), "visits go back in any case"
    credit = ACredit(company=studio, customer=till.customer)
    booking = till.book({"credit_id": f"crd_{credit.id.hex}"}).body
    assert (till.shown, till.held["single_use"]) == (BY_PASS, 0)
    till.cancel(booking)
    assert till.held["single_use"] == 1


# --- Invoices ---


def test_an_invoice_asks_for_it_and_names_the_booking(till: Till) -> None:
    booking = till.book({"invoice": True, "due_on": "2099-01-31"}, discount=1_000).body
    assert till.shown == PENDING | {"base100_price": 6_000}
    (invoice,) = till.caller.get(f"/v1/customers/{till.customer.id}/invoices").body["data"]
    facts = ("booking_id", "status", "subtotal", "discount", "tax", "total", "line_items")
    line = {"description": "Massage", "quantity": 1, "unit_price": 6_000, "total": 6_000}
    line |= {"tax_rate": 20, "tax_behavior": "exclusive", "subscription_id": None}
    line |= {"period_starts_on": None, "next_period_starts_on": None}
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
    assert refusal(till.pay(booking, method="card")) == (409, "already_paid", None)
    till.cancel(booking)
    void = till.caller.get(f"/v1/invoices/{invoice['id']}").body
    assert (void["status"], void["booking_id"], till.spent) == ("void", booking["id"], 0)
    assert till.shown["status"] == "PAID"


def test_v1_tells_how_a_booking_is_paid(till: Till, studio: Company) -> None:
    own: dict[str, Any] = {"company": studio, "customer": till.customer}
    bought, money = APass(**own), ACredit(**own, amount=2_000)

    def told(booking: Any) -> list[Any]:
        shown = till.caller.get(f"/v1/bookings/{booking['id']}").body
        payment = shown["payment"] or {}
        names = ("method", "amount", "covered_amount", "pass_id", "credit_id")
        return [
            *(shown[name] for name in ("payment_status", "amount_paid")),
            *(payment.get(name) for name in names),
        ]

    pass_id, credit_id = f"pkg_{bought.id.hex}", f"crd_{money.id.hex}"
    booking = till.book().body
    assert told(booking) == ["unpaid", 0, None, None, None, None, None]
    till.pay(booking, method="card", status="failed")
    assert told(booking) == ["failed", 0, "card", TOTAL, 0, None, None]
    till.cancel(booking)
    assert told(booking)[:2] == ["not_due", 0]

    booking = till.book({"credit_id": credit_id}).body
    assert told(booking) == ["partly_paid", 2_000, "credit", 2_000, 2_000, None, credit_id]
    till.pay(booking, method="cash")
    assert told(booking) == ["paid", TOTAL, "cash", TOTAL - 2_000, 2_000, None, credit_id]
    till.cancel(booking)
    assert told(booking)[:2] == ["refunded", TOTAL]

    booking = till.book({"pass_id": pass_id}).body
    assert told(booking) == ["paid", TOTAL, "pass", TOTAL, TOTAL, pass_id, None]

    booking = till.book({"invoice": True}).body
    assert told(booking) == ["unpaid", 0, "invoice", TOTAL, 0, None, None]
    invoice = f"/v1/invoices/{booking['invoice_id']}"
    till.caller.post(f"{invoice}/payments", {"amount": 1_000, "method": "cash"})
    assert told(booking) == ["partly_paid", 1_000, "invoice", TOTAL, 0, None, None]
    till.pay(booking, method="card")
    assert told(booking) == ["paid", TOTAL, "card", TOTAL, 0, None, None]
    assert till.caller.get(invoice).body["booking_id"] == booking["id"]

    free = till.book(subtotal=0).body
    assert told(free) == ["not_due", 0, None, None, None, None, None]


# --- Places ---


def place_of(
    caller: Caller, customer: Customer, date: Any, payment: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """Buy a place and return it as the M2M surface shows it."""
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id), "payment": payment}
    booking = caller.post("/v1/bookings", asked | more).body["id"]
    path = f"/customer/{customer.id}/booking/booking_{booking.removeprefix('bk_')}"
    return caller.get(path).body["data"]


def test_a_place_takes_the_visits_of_its_option_for_each_space(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    date = AnEventDate(company=studio, event=AnEvent(company=studio, price=0, visits=2))
    bought = APass(company=studio, customer=customer, visits=10)
    place = place_of(integrator, customer, date, {"pass_id": str(bought.id)}, spaces=3)
    assert place["payment"] == {"method": "PASS", "currency": "CR", "credits_used": 6}
    path = f"/customer/{customer.id}/packages"
    assert integrator.get(path).body["data"][0]["credits_remaining"] == 4
    integrator.post(f"/v1/bookings/{place['id'].removeprefix('booking_')}/cancel")
    assert integrator.get(path).body["data"][0]["credits_remaining"] == 10
    after = integrator.get(f"/customer/{customer.id}/booking/{place['id']}").body["data"]
    assert after == place | {"is_cancelled": True, "is_refunded": True}
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id)}
    refused = integrator.post("/v1/bookings", asked | {"payment": {"method": "cash"}})
    assert refusal(refused) == (409, "already_paid", None), "nothing is left to pay"


def test_a_refund_marks_the_place(integrator: Caller, customer: Customer, date: EventDate) -> None:
    money = {"base100gross_price": 1_500, "base100net_price": 1_500}
    for how, refunded in (({}, True), ({"refund": True}, True), ({"refund": False}, False)):
        place = place_of(integrator, customer, date, {"method": "card"})
        assert (place["is_cancelled"], place["is_refunded"]) == (False, False)
        assert place["payment"] == {"method": "CARD", "currency": "GBP"} | money
        integrator.post(f"/v1/bookings/{place['id'].removeprefix('booking_')}/cancel", how)
        after = integrator.get(f"/customer/{customer.id}/booking/{place['id']}").body["data"]
        assert after == place | {"is_cancelled": True, "is_refunded": refunded}, how


# --- Media ---


def test_a_medium_is_paid_each_way(integrator: Caller, studio: Company, customer: Customer) -> None:
    medium = AMedium(company=studio)
    held = APass(company=studio, customer=customer, visits=1)
    named = ACredit(company=studio, customer=customer, offering="Morning stretch")
    money = ACredit(company=studio, customer=customer, amount=5_000)
    card = {"method": "CARD", "currency": "GBP", "base100_price": 900}
    visit = {"method": "PASS", "currency": "CR", "credits_used": 1}
    path = f"/v1/customers/{customer.id}/media-purchases"
    for payment, shown, method in (
        (None, card, None),
        ({"method": "card"}, card, "card"),
        ({"credit_id": str(money.id)}, card, "credit"),
        ({"pass_id": str(held.id)}, visit, "pass"),
        ({"credit_id": str(named.id)}, visit, "credit"),
    ):
        body = {"media_id": str(medium.id)} | ({"payment": payment} if payment else {})
        bought = integrator.post(path, body)
        facts = ("status", "payment_status", "amount_paid")
        paid = ("active", "paid", 900) if payment else ("active", "unpaid", 0)
        assert (bought.status, tuple(bought.body[name] for name in facts)) == (201, paid)
        assert (bought.body["payment"] or {}).get("method") == method
        before = integrator.get(f"/customer/{customer.id}/videos").body["data"][0]
        assert before["payment"] == shown
        cancelled = integrator.post(f"{path}/{bought.body['id']}/cancel", {"reason": "Twice"})
        after = bought.body | {
            "status": "cancelled",
            "payment_status": "refunded" if payment else "not_due",
            "cancelled_at": cancelled.body["cancelled_at"],
            "cancellation_reason": "Twice",
            "updated_at": cancelled.body["updated_at"],
        }
        assert (cancelled.status, cancelled.body) == (200, after)
        told = {"is_cancelled": True, "is_refunded": payment is not None}
        assert integrator.get(f"/customer/{customer.id}/videos").body["data"][0] == before | told
        again = integrator.post(f"{path}/{bought.body['id']}/cancel")
        assert refusal(again) == (409, "purchase_cancelled", None)
    asked = {"media_id": str(medium.id), "payment": {"invoice": True}}
    bought = integrator.post(path, asked).body
    assert (bought["payment_status"], bought["payment"]["method"]) == ("unpaid", "invoice")


# --- Invalid means of payment ---

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
    ({"method": "cash", "amount": 5}, (400, "unknown_field", "amount")),
]


def test_what_pays_for_nothing_is_refused(till: Till, studio: Company) -> None:
    other, own = ACustomer(company=studio), {"company": studio, "customer": till.customer}
    gone = ACredit(**own, amount=500)
    till.caller.delete(f"/customers/customers/{till.customer.id}/credits/{gone.id}")
    used = APass(**own, visits=1)
    till.caller.post(
        f"/v1/customers/{till.customer.id}/passes/{used.id}/uses", {"reference": "till"}
    )
    theirs = APaymentMethod(company=studio, customer=other)
    for kind, row, expected in (
        ("pass_id", APass(company=studio, customer=other), (422, "not_their_holding", None)),
        ("credit_id", ACredit(company=studio, customer=other), (422, "not_their_holding", None)),
        ("pass_id", APass(**own, offerings=["Facial"]), (409, "other_offering", None)),
        ("credit_id", ACredit(**own, offering="Facial"), (409, "other_offering", None)),
        ("pass_id", used, (409, "used_up", None)),
        ("credit_id", gone, (409, "revoked", None)),
        ("payment_method_id", theirs, (422, "not_theirs", "payment.payment_method_id")),
    ):
        answer = till.book({kind: str(row.id)})
        assert refusal(answer) == expected, expected
        if expected[1] == "other_offering":
            told = "This is good for “Facial”, not for “Massage”. Use another credit or pass."
            assert answer.body["error"]["message"] == told
    assert till.caller.get("/v1/bookings").body["data"] == [], "a refusal leaves no trace"


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
        assert integrator.post(refunds, {"amount": 1_499, "reason": "Ill"}).status == 201
        assert integrator.get(path).body["data"] == place, "not while some of it is kept"
        assert integrator.post(refunds, {"amount": 1, "reason": "Ill"}).status == 201
        after = integrator.get(path).body["data"]
        assert after == place | {"is_refunded": True}


def test_what_is_no_way_to_pay_is_refused(till: Till, studio: Company) -> None:
    theirs = APaymentMethod(company=studio, customer=ACustomer(company=studio))
    refused = till.book({"payment_method_id": str(theirs.id)})
    assert refusal(refused) == (422, "not_theirs", "payment.payment_method_id")
    for payment, (status, code, name) in NO_WAY:
        nested = ".".join(filter(None, ("payment", name)))
        assert refusal(till.book(payment)) == (status, code, nested), payment
    for wrong in (None, "cash", 5, [], [{"method": "cash"}], True):
        refused = till.caller.post("/v1/bookings", till.asked | {"payment": wrong})
        assert refusal(refused) == (422, "invalid", "payment"), wrong
    assert till.caller.get("/v1/bookings").body["data"] == [], "a refusal leaves no trace"
    booking = till.book().body
    for payment, (status, code, name) in NO_WAY:
        assert refusal(till.pay(booking, **payment)) == (status, code, name or None), payment
    assert (till.shown, till.spent) == (PENDING, 0)


def test_a_cancellation_that_cannot_be_is_refused(
    integrator: Caller, studio: Company, booking: Booking, date: EventDate
) -> None:
    media = f"/v1/customers/{booking.customer_id}/media-purchases"
    bought = integrator.post(media, {"media_id": str(AMedium(company=studio).id)}).body["id"]
    for how, expected in (
        ({"refund": "yes"}, (422, "invalid", "refund")),
        ({"refund": None}, (422, "invalid", "refund")),
        ({"reason": 5}, (422, "invalid", "reason")),
        ({"reason": "x" * 501}, (422, "invalid", "reason")),
        ({"reason": "x\x00"}, (422, "invalid", "reason")),
        ({"reason": "4111 1111 1111 1111"}, (422, "card_number", "reason")),
        ({"status": "cancelled"}, (400, "unknown_field", "status")),
    ):
        for path in (
            f"/v1/bookings/{booking.id}",
            f"{media}/{bought}",
            f"/v1/events/{date.event_id}/dates/{date.id}",
        ):
            assert refusal(integrator.post(f"{path}/cancel", how)) == expected, (path, how)
    assert integrator.get(f"/v1/bookings/{booking.id}").body["status"] == "confirmed"
