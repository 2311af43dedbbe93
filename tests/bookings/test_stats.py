"""The stats of a customer, after every booking, payment and refund."""

import datetime
from typing import Any

import pytest
from django.db import connection, connections

from bookings.models import EventDate
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.factories import MORNING, ACustomer, AnAppointment, APlan, ASubscription
from tests.statements import recorded

MANY = 2_000
NOTHING = {
    "total_bookings": 0,
    "total_spent": 0,
    "currency": "GBP",
    "last_booking_at": None,
    "active_subscription": False,
}


class Stats:
    """Reads a customer's stats on every endpoint that shows them."""

    def __init__(self, caller: Caller, customer: Customer) -> None:
        self.caller, self.customer = caller, customer

    def __call__(self) -> dict[str, Any]:
        body = self.caller.get(f"/v1/customers/{self.customer.id}").body
        assert body in self.caller.get("/v1/customers").body["data"]
        assert body == self.caller.get(f"/v1/customers/{self.customer.id}/state").body["customer"]
        return body["stats"]


@pytest.fixture
def stats(integrator: Caller, customer: Customer) -> Stats:
    return Stats(integrator, customer)


def shown(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_stats_follow_a_booking_through_its_life(
    integrator: Caller, studio: Company, customer: Customer, stats: Stats
) -> None:
    assert stats() == NOTHING
    booking = AnAppointment(company=studio, customer=customer)
    path = f"/v1/bookings/{booking.id}"
    expected = NOTHING | {"total_bookings": 1}
    assert stats() == expected, "it is counted, and still to come"
    integrator.post(f"{path}/payments", {"method": "card", "status": "failed"})
    assert stats() == expected, "an attempt is no money"
    integrator.post(f"{path}/payments", {"method": "card"})
    expected |= {"total_spent": 7_200}
    assert stats() == expected
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    integrator.patch(path, {"scheduled_at": yesterday.isoformat()})
    expected |= {"last_booking_at": shown(yesterday)}
    assert stats() == expected, "it has begun"
    for verb in ("start", "complete"):
        integrator.post(f"{path}/{verb}")
        assert stats() == expected
    payment = integrator.get(f"/v1/customers/{customer.id}/state").body["payments"][0]["id"]
    integrator.post(f"/v1/payments/{payment}/refunds", {"amount": 200, "reason": "Ill"})
    assert stats() == expected | {"total_spent": 7_000}


def test_what_is_cancelled_counts_no_more_and_who_did_not_come_was_booked_all_the_same(
    integrator: Caller, studio: Company, customer: Customer, stats: Stats
) -> None:
    first, second = (
        AnAppointment(company=studio, customer=customer, starts_at=MORNING.replace(year=year))
        for year in (2020, 2021)
    )
    path = f"/v1/bookings/{second.id}"
    integrator.post(f"{path}/payments", {"method": "cash"})
    both = {"total_bookings": 2, "total_spent": 7_200, "last_booking_at": shown(second.starts_at)}
    assert stats() == NOTHING | both
    integrator.post(f"{path}/cancel")
    one = {"total_bookings": 1, "last_booking_at": shown(first.starts_at)}
    assert stats() == NOTHING | one
    integrator.post(f"/v1/bookings/{first.id}/no-show")
    assert stats() == NOTHING | one


def test_a_place_is_a_booking_of_who_comes_and_paid_by_who_buys(
    integrator: Caller, studio: Company, customer: Customer, date: EventDate, stats: Stats
) -> None:
    friend = ACustomer(company=studio)
    asked = {"customer_id": str(friend.id), "purchased_by_id": str(customer.id), "spaces": 3}
    payment = {"event_date_id": str(date.id), "payment": {"method": "card"}}
    made = integrator.post("/v1/bookings", asked | payment).body["id"]
    theirs = Stats(integrator, friend)
    assert stats() == NOTHING | {"total_spent": 4_500}
    assert theirs() == NOTHING | {"total_bookings": 1}
    integrator.patch(
        f"/v1/events/{date.event_id}/dates/{date.id}", {"starts_at": "2020-06-01T09:30Z"}
    )
    assert theirs()["last_booking_at"] == "2020-06-01T09:30:00.000000Z", "moved with its date"
    integrator.post(f"/v1/bookings/{made}/cancel")
    assert (stats(), theirs()) == (NOTHING, NOTHING)


def test_an_active_subscription_is_true_and_any_other_is_false(
    integrator: Caller, studio: Company, customer: Customer, stats: Stats
) -> None:
    plan = APlan(company=studio, name="Gold")
    mandate = ASubscription(company=studio, customer=customer, plan=plan)
    assert stats() == NOTHING | {"active_subscription": True}
    path = f"/v1/customers/{customer.id}/subscriptions/{mandate.id}"
    for verb, is_active in (("pause", False), ("resume", True), ("cancel", False)):
        body = {"reason": "Away"} if verb == "pause" else None
        assert integrator.post(f"{path}/{verb}", body).status == 200
        assert stats() == NOTHING | {"active_subscription": is_active}


# --- Many ---


@pytest.fixture
def regular(studio: Company, customer: Customer) -> Customer:
    """A customer with 2,000 bookings and payments, mixed with those of 99 smaller customers."""
    others = [ACustomer(company=studio) for _ in range(99)]
    numbers = {customer.id: MANY - 1, **dict.fromkeys((one.id for one in others), 20)}
    booking = AnAppointment(company=studio, customer=customer, starts_at=MORNING.replace(year=2000))
    with connections["owner"].cursor() as cursor:
        values = {"of": booking.id, "to": list(numbers), "numbers": list(numbers.values())}
        # VACUUM marks pages as all-visible, for index-only scans, only after commits are flushed.
        cursor.execute("SET synchronous_commit = on")
        for statement in (COPIES, PAID):
            cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE bookings_booking, billing_payment, customers_customer")
        cursor.execute("RESET synchronous_commit")
    return customer


COPIES = """
INSERT INTO bookings_booking (
    id, company_id, customer_id, service_id, kind, starts_at, duration, status, notes,
    configuration, spaces, subtotal, discount, tax_rate, tax, total, currency, covered,
    cancelled_by, reason, updated_at)
SELECT gen_random_uuid(), company_id, whose, service_id, kind, starts_at + day * interval '1 day',
       duration, status, notes, configuration, spaces, subtotal, discount, tax_rate, tax, total,
       currency, covered, cancelled_by, reason, updated_at
  FROM bookings_booking, unnest(%(to)s::uuid[], %(numbers)s::int[]) many (whose, number),
       generate_series(1, number) day
 WHERE id = %(of)s ORDER BY random()
"""
PAID = """
INSERT INTO billing_payment (
    id, company_id, customer_id, kind, status, amount, currency, method, reference)
SELECT gen_random_uuid(), company_id, id, 'payment', 'succeeded', 100, 'GBP', 'cash', ''
  FROM unnest(%(to)s::uuid[], %(numbers)s::int[]) many (whose, number)
  JOIN customers_customer ON id = whose, generate_series(1, number) ORDER BY random()
"""


def plan_of(caller: Caller, company: Company, path: str) -> list[dict[str, Any]]:
    """Return every node of the query plan of the statement behind an address."""
    with recorded() as ran:
        assert caller.get(path).status == 200
    (shown,) = ((sql, params) for sql, params in ran if "total_bookings" in sql)
    with acting_for(company.id), connection.cursor() as cursor:
        cursor.execute("SELECT row_security_active('bookings_booking')")
        assert cursor.fetchone() == (True,), "behind both fences"
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {shown[0]}", shown[1])
        return list(nodes(cursor.fetchone()[0][0]["Plan"]))


def nodes(plan: dict[str, Any]) -> Any:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def read_through(plan: list[dict[str, Any]]) -> set[str]:
    """Return the tables of bookings and payments that a plan scans sequentially."""
    read = {one["Relation Name"] for one in plan if one["Node Type"] == "Seq Scan"}
    return read & {"bookings_booking", "billing_payment"}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_2000_bookings_are_counted_by_their_index_alone_and_no_table_is_read_through(
    integrator: Caller, studio: Company, regular: Customer
) -> None:
    plan = plan_of(integrator, studio, f"/v1/customers/{regular.id}")
    counted = [one for one in plan if one.get("Index Name") == "booking_counted"]
    assert [(one["Node Type"], one["Actual Rows"]) for one in counted] == [
        ("Index Only Scan", MANY),
        ("Index Only Scan", 1),
    ], "one counts them, the other stops at the latest"
    assert {one["Heap Fetches"] for one in counted} == {0}
    (paid,) = (one for one in plan if one.get("Index Name") == "payment_of_customer")
    assert (paid["Node Type"], paid["Heap Fetches"]) == ("Index Only Scan", 0)
    assert not read_through(plan), plan
    plan = plan_of(integrator, studio, "/v1/customers?per_page=100")
    assert not read_through(plan), plan
    page = integrator.get("/v1/customers?per_page=100").body["data"]
    numbers = {one["id"]: one["stats"]["total_bookings"] for one in page}
    assert numbers.pop(f"cust_{regular.id.hex}") == MANY
    assert set(numbers.values()) == {20}
