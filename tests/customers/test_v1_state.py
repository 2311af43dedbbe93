"""`GET /v1/customers/{id}/state`: a customer with all parts in one answer."""

import json
from typing import Any

import pytest
from django.db import connection

from config.access.scopes import SCOPES
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller, call_as
from tests.factories import (
    AContactPoint,
    ACredit,
    ACustomer,
    AMediaPurchase,
    AnAddress,
    AnAppointment,
    AnEventDate,
    AnInvoice,
    ANote,
    APass,
    APaymentMethod,
    APlace,
    ASubscription,
    AUser,
)

# The scope that each part needs in addition to the scope of the endpoint.
PARTS = {
    "customer": "customers:read",
    "contact_points": "customers:read",
    "users": "users:read",
    "notes": "notes:read",
    "payment_methods": "payment-methods:read",
    "subscriptions": "subscription-mandates:read",
    "invoices": "invoices:read",
    "payments": "invoices:read",
    "credits": "credits:read",
    "redemptions": "credits:read",
    "passes": "packages:read",
    "pass_uses": "packages:read",
    "bookings": "bookings:read",
    "transactions": "bookings:read",
    "media_purchases": "videos:read",
}


def members(text: str) -> dict[str, str]:
    """Return the members of a JSON object as raw text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, value::text FROM json_each(%s::json)", [text])
        return dict(cursor.fetchall())


def items(text: str) -> list[str]:
    """Return the items of a JSON list as raw text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value::text FROM json_array_elements(%s::json)", [text])
        return [item for (item,) in cursor.fetchall()]


class Surfaces:
    """The raw answers of the other endpoints about one customer."""

    def __init__(self, caller: Caller, customer: Customer) -> None:
        self.caller, self.id = caller, customer.id

    def read(self, path: str) -> str:
        answer = self.caller.get(path.format(self.id))
        assert answer.status == 200, answer
        return answer.raw.decode()

    def state(self) -> dict[str, str]:
        return members(self.read("/v1/customers/{}/state"))

    def many(self, path: str) -> list[str]:
        return items(members(self.read(path))["data"])

    def below(self, path: str, rows: list[str]) -> list[str]:
        """Return the nested items of each row; the rows are sorted newest first."""
        ids = [json.loads(row)["id"] for row in rows]
        return [one for row_id in ids for one in self.many(path.replace("<id>", row_id))]


@pytest.fixture
def customer(integrator: Caller, studio: Company) -> Customer:
    """A customer with at least two rows of every kind, some of them cancelled or expired."""
    customer = ACustomer(company=studio, first_name="Zoë", last_name="Ng", phone="020 7946 0000")
    friend = ACustomer(company=studio)
    theirs: dict[str, Any] = {"company": studio, "customer": customer}
    made = (AnAddress, AContactPoint, AUser, ANote, APaymentMethod, ASubscription, AMediaPurchase)
    for make in made:
        for _ in range(2):
            make(**theirs)
    AnInvoice(**theirs, draft=True)
    invoice = AnInvoice(**theirs)
    money, visits = ACredit(**theirs, amount=50_000), APass(**theirs)
    ACredit(**theirs)
    date = AnEventDate(company=studio)
    for purchased_by, whom in ((customer, customer), (customer, friend), (friend, customer)):
        APlace(company=studio, customer=whom, purchased_by=purchased_by, event_date=date)
    path = f"/v1/bookings/{AnAppointment(**theirs).id}"
    integrator.post(f"{path}/payments", {"credit_id": str(money.id)})
    integrator.post(f"{path}/cancel", {"reason": "Ill"})
    path = f"/v1/bookings/{AnAppointment(**theirs).id}"
    integrator.post(f"{path}/payments", {"pass_id": str(visits.id)})
    path = f"/v1/customers/{customer.id}"
    for reference in ("oil", "towel"):
        use = {"reference": reference, "amount": 5}
        integrator.post(f"{path}/credits/{money.id}/redemptions", use)
    integrator.post(f"{path}/passes/{visits.id}/uses", {"reference": "till"})
    paid = integrator.post(f"/v1/invoices/{invoice.id}/payments", {"amount": 900, "method": "cash"})
    integrator.post(f"/v1/payments/{paid.body['id']}/refunds", {"amount": 100, "reason": "Torn"})
    return customer


def test_each_part_is_the_text_of_its_own_address(integrator: Caller, customer: Customer) -> None:
    surfaces = Surfaces(integrator, customer)
    state = surfaces.state()
    assert list(state) == list(PARTS)
    assert state["customer"] == surfaces.read("/v1/customers/{}")
    shown = {name: items(text) for name, text in state.items() if text.startswith("[")}
    for name, path in (
        ("notes", "/v1/customers/{}/notes"),
        ("subscriptions", "/v1/customers/{}/subscriptions"),
        ("invoices", "/v1/customers/{}/invoices"),
        ("credits", "/v1/customers/{}/credits"),
        ("passes", "/v1/customers/{}/passes"),
        ("bookings", "/v1/customers/{}/bookings"),
        ("media_purchases", "/v1/customers/{}/media-purchases"),
    ):
        assert shown[name] == surfaces.many(path), name
        assert shown[name], f"there are {name}"
    for name, path in (
        ("contact_points", "/v1/customers/{}/contact-points"),
        ("users", "/v1/customers/{}/users"),
        ("payment_methods", "/v1/customers/{}/payment-methods"),
    ):
        assert shown[name] == surfaces.many(path)[::-1], "there the oldest stands first"
        assert len(shown[name]) == 2
    for name, path, rows in (
        ("payments", "/v1/invoices/<id>/payments", "invoices"),
        ("redemptions", "/v1/customers/{}/credits/<id>/redemptions", "credits"),
        ("pass_uses", "/v1/customers/{}/passes/<id>/uses", "passes"),
    ):
        assert shown[name] == surfaces.below(path, shown[rows]), name
        assert len(shown[name]) > 1, f"there are {name}"
    transactions = [json.loads(bought) for bought in shown["transactions"]]
    each = [surfaces.read(f"/v1/transactions/{bought['id']}") for bought in transactions]
    assert shown["transactions"] == each
    bought_for = {
        place["customer"]["id"] for bought in transactions for place in bought["bookings"]
    }
    assert len(bought_for) == 2, "their own, and what they bought for somebody else"
    path = f"/v1/customers/{customer.id}/subscriptions"
    for subscription in shown["subscriptions"]:
        verbs = f"{path}/{json.loads(subscription)['id']}"
        paused = integrator.post(f"{verbs}/pause", {"reason": "Away"}).raw.decode()
        assert paused in items(surfaces.state()["subscriptions"])


def test_a_part_is_null_without_its_scope(studio: Company, customer: Customer) -> None:
    path = f"/v1/customers/{customer.id}/state"
    whole = call_as(studio).get(path).body
    assert None not in whole.values()
    for scope in sorted(set(PARTS.values()) - {"customers:read"}):
        others = call_as(studio, [one for one in SCOPES if one != scope], f"no {scope}").get(path)
        hidden = {name: None for name, needed in PARTS.items() if needed == scope}
        assert (others.status, others.body) == (200, whole | hidden), scope
    least = call_as(studio, ["customers:read"], "least").get(path).body
    own = {name: whole[name] for name, scope in PARTS.items() if scope == "customers:read"}
    assert least == dict.fromkeys(PARTS) | own


def test_the_state_of_somebody_archived_is_told(integrator: Caller, customer: Customer) -> None:
    path = f"/v1/customers/{customer.id}/state"
    before = integrator.get(path).body
    integrator.delete(f"/customers/{customer.id}")
    after = integrator.get(path)
    changed = {name for name in before if before[name] != after.body[name]}
    assert (after.status, changed) == (200, {"customer", "subscriptions"})
    for subscription in after.body["subscriptions"]:
        assert (subscription["status"] != "active", subscription["renews_on"]) == (True, None)
    assert after.body["customer"]["status"] == "deactivated"


def test_somebody_new_has_nothing_yet(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    state = integrator.get(f"/v1/customers/cust_{customer.id.hex}/state").body
    lists = {name: part for name, part in state.items() if isinstance(part, list)}
    assert set(PARTS) - set(lists) == {"customer"}
    assert lists == {name: [] for name in lists}
