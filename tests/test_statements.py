"""However many rows there are, an answer takes as many statements (issue 4, done when 4)."""

import datetime
from typing import Any

import pytest

from billing.models import Invoice, Plan
from bookings.models import Event
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from config.changes.actions.endpoints import MOST_ENDPOINTS
from config.changes.models import WebhookEndpoint
from credits.actions import create_rule, redeem_credit, use_pass
from credits.models import Coupon, Credit, CreditRule, PassPurchase
from customers.actions import save_zone
from customers.models import Customer, Zone
from tests.callers import Caller
from tests.contract import operations
from tests.factories import (
    MORNING,
    ACoupon,
    ACredit,
    ACustomer,
    ADelivery,
    AFacilitator,
    AMediaPurchase,
    AnAddress,
    AnAppointment,
    AnEvent,
    AnEventDate,
    AnInvoice,
    ANote,
    APass,
    APayment,
    APaymentMethod,
    APlace,
    APlan,
    AService,
    ASubscription,
    AUser,
    AWebhook,
)
from tests.slots import fill, make_rows
from tests.statements import Ran, listed, recorded

MANY = 50
# A company has so many of these and no more, and one is there already.
BOUNDED = {"/v1/webhooks": MOST_ENDPOINTS}
SIZES = ("pageSize", "per_page", "limit")

READS = [(path, operation) for path, method, operation in operations() if method == "GET"]
LISTS = {path for path, operation in READS if operation["operationId"].endswith("_list")}


def sizes_of(operation: dict[str, Any]) -> list[str]:
    """Return the queries that ask for a page of one and of many, "" where there are no pages."""
    named = [one["name"] for one in operation.get("parameters", []) if one["name"] in SIZES]
    return [f"?{name}={size}" for name in named for size in (1, 100)]


def grow(company: Company, ids: dict[str, str], number: int) -> None:
    """Add one more of everything to the customer, and below every row that has rows below it."""
    customer, actor = Customer(pk=ids["customer"], company=company), Actor.command(company)
    theirs = {"company": company, "customer": customer}
    later = MORNING + number * datetime.timedelta(hours=2)
    for make in (AnAddress, ANote, AUser, APaymentMethod, AnInvoice, ACredit, APass):
        make(**theirs)
    for make in (ACustomer, ACoupon, AnEvent, AFacilitator):
        make(company=company)
    plan, event = Plan(pk=ids["plan"]), Event(pk=ids["event"])
    APayment(company=company, invoice=Invoice(pk=ids["invoice"], customer=customer), amount=10)
    ASubscription(**theirs, plan=APlan(company=company))
    AnAppointment(**theirs, service=AService(company=company), starts_at=later)
    AMediaPurchase(**theirs)
    date = AnEventDate(company=company, event=event, starts_at=later)
    APlace(**theirs, event_date=date)
    if number < MOST_ENDPOINTS - 1:
        AWebhook(company=company)
    ADelivery(company=company, endpoint=WebhookEndpoint(pk=ids["webhook"], company=company))
    with acting_for(company.id):
        save_zone(Zone(name=f"Zone {number}", postal_codes=["E1"]), actor=actor)
        rule = CreditRule(plan=plan, coupon=Coupon(pk=ids["coupon"]), every="P1M")
        create_rule(rule, actor=actor)
        reference = f"use {number}"
        credit = Credit.objects.get(pk=ids["credit"])
        redeem_credit(credit, amount=1, reference=reference, actor=actor)
        use_pass(PassPurchase.objects.get(pk=ids["purchase"]), reference=reference, actor=actor)


def statements_of(caller: Caller, path: str) -> tuple[list[Ran], Any]:
    """Return the statements that an answer took, and its body."""
    with recorded() as ran:
        answer = caller.get(path)
    assert answer.status == 200, answer
    return ran, answer.body


def check_same_number(path: str, few: list[Ran], many: list[Ran]) -> None:
    """Raise AssertionError, with the statements, where more rows took another number of them."""
    told = (
        f"{path} took {len(few)} statements:\n{listed(few)}\nand now {len(many)}:\n{listed(many)}"
    )
    assert len(few) == len(many), told


@pytest.fixture
def ids(studio: Company) -> dict[str, str]:
    # Visits and money enough to be used once more for each row that is added.
    ids = make_rows(studio)
    customer = Customer(pk=ids["customer"], company=studio)
    ids["purchase"] = str(APass(company=studio, customer=customer, visits=1_000).pk)
    return ids


def test_every_answer_takes_as_many_statements_for_many_rows_as_for_one(
    integrator: Caller, studio: Company, ids: dict[str, str]
) -> None:
    assert len(LISTS) > 30
    asked = {
        fill(path, ids) + query: path in LISTS
        for path, operation in READS
        for query in sizes_of(operation) or [""]
    }
    state = f"/v1/customers/{ids['customer']}/state"
    integrator.get("/v1/services")  # notes that the key is in use
    few = {path: statements_of(integrator, path) for path in asked}
    for number in range(MANY):
        grow(studio, ids, number)
    for path, is_list in asked.items():
        many, body = statements_of(integrator, path)
        check_same_number(path, few[path][0], many)
        shown = [sql for sql, _ in many if "json_build_object" in sql]
        assert len(shown) <= 1, f"{path} is rendered by one statement:\n{listed(many)}"
        most = BOUNDED.get(path.partition("?")[0], MANY)
        least = 1 if path.endswith("=1") else min(most, MANY)
        assert not is_list or len(body["data"]) >= least, f"{path} has rows"
        if path == state:
            check_grown(few[path][1], body)


def check_grown(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise AssertionError unless each part of a customer's state has become longer."""
    parts = {name: part for name, part in after.items() if isinstance(part, list)}
    assert len(parts) > 15
    grown = {name: len(part) - len(before[name]) for name, part in parts.items()}
    assert min(grown.values()) == MANY, grown


def test_everybody_is_streamed_by_one_statement_for_each_thousand(
    integrator: Caller, studio: Company
) -> None:
    ACustomer(company=studio)
    integrator.get("/customers")
    few, _ = statements_of(integrator, "/customers")
    for _ in range(MANY):
        ACustomer(company=studio)
    many, body = statements_of(integrator, "/customers")
    assert len(body["data"]) == MANY + 1
    check_same_number("/customers", few, many)


def test_the_counter_counts(integrator: Caller, studio: Company) -> None:
    made = [ACustomer(company=studio) for _ in range(3)]

    def one_by_one(number: int) -> list[Ran]:
        with acting_for(studio.id), recorded() as ran:
            for customer in made[:number]:
                Customer.objects.get(pk=customer.pk)
        return ran

    assert len(one_by_one(3)) == 3
    check_same_number("/equal", one_by_one(2), one_by_one(2))
    with pytest.raises(AssertionError, match=r"took 1 statements:\n +1\. SELECT"):
        check_same_number("/loop", one_by_one(1), one_by_one(3))
    with recorded() as ran:
        integrator.get(f"/v1/customers/{made[0].id}")
    assert len([sql for sql, _ in ran if "json_build_object" in sql]) == 1
