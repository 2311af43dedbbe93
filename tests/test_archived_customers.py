"""An archived customer gets no new rows and cannot be edited; open rows can be ended.

The cases come from the OpenAPI document: every operation that writes to a customer or to a row of
a customer. The server has to refuse a new operation unless `ENDS` lists it.
"""

import datetime
from typing import Any

import pytest

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer
from customers.models import Customer
from tests.api_routes import fill, make_rows, path_parameters
from tests.callers import Answer, Caller
from tests.contract import operations
from tests.factories import AnAppointment, AnInvoice
from tests.shares import undone
from tests.test_two_companies import BODIES, body_of

YESTERDAY = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)

THEIRS = {
    *("address", "contact_point", "note", "user"),
    *("booking", "credit", "customer", "invoice", "media_purchase", "payment", "payment_method"),
    *("pass", "place", "redemption", "subscription", "transaction", "use"),
}
ENDS = {
    ("/v1/bookings/{id}/cancel", "POST"),
    ("/v1/bookings/{id}/complete", "POST"),
    # A booking in the past can be completed.
    ("/v1/bookings/{id}/check-in", "POST"),
    ("/v1/bookings/{id}/no-show", "POST"),
    ("/v1/bookings/{id}/payments", "POST"),
    ("/v1/invoices/{id}/pay", "POST"),
    ("/v1/invoices/{id}/reduce", "POST"),
    ("/v1/invoices/{id}/void", "POST"),
    ("/v1/invoices/{id}/write-off", "POST"),
    ("/v1/invoices/{invoice_id}/payments", "POST"),
    ("/v1/payments/{id}/refunds", "POST"),
    ("/v1/customers/{customer_id}/subscriptions/{subscription_id}/cancel", "POST"),
    ("/v1/customers/{customer_id}/media-purchases/{id}/cancel", "POST"),
    ("/v1/customers/{customer_id}/media-purchases/{id}/payments", "POST"),
    ("/v1/customers/{customer_id}/credits/{credit_id}/redemptions/{id}/reverse", "POST"),
    ("/v1/customers/{customer_id}/passes/{pass_id}/uses/{id}/reverse", "POST"),
    # An archived customer can still ask for an erasure.
    ("/v1/customers/{customer_id}/erasures", "POST"),
    ("/v1/customers/{customer_id}/erasures/{id}/cancel", "POST"),
}
# Operations with another status in the contract.
OTHERWISE = {
    ("/customers/{id}", "DELETE"): 400,
    ("/v1/customers/{id}/archive", "POST"): 409,
    ("/v1/customers/{id}/restore", "POST"): 200,
    ("/v1/customers/{customer_id}/credits/{id}/revoke", "POST"): 409,
    ("/v1/customers/{customer_id}/passes/{pass_id}/revoke", "POST"): 409,
    ("/customers/{id}/restore", "POST"): 200,
    ("/customers/customers/{customer_id}/credits", "POST"): 422,
    ("/customers/customers/{customer_id}/credits/{id}", "DELETE"): 400,
    # The request would merge the customer in the path with that same customer.
    ("/v1/customers/{customer_id}/merge", "POST"): 422,
    # This operation only reads.
    ("/v1/customers/{id}/eligibility", "POST"): 200,
}


def is_theirs(path: str, method: str) -> bool:
    """Return whether an operation writes to a customer or to a row of a customer."""
    named = THEIRS.intersection(path_parameters(path).values())
    return method != "GET" and bool(named or "<customer>" in str(BODIES.get((path, method))))


CASES = [(path, method) for path, method, _ in operations() if is_theirs(path, method)]


@pytest.fixture
def rows(studio: Company) -> dict[str, str]:
    """One row of each kind, all of the same customer; the booking and the invoice can be ended."""
    rows = make_rows(studio)
    with acting_for(studio.id):
        customer = Customer.objects.get(pk=rows["customer"])
    booking = AnAppointment(company=studio, customer=customer, starts_at=YESTERDAY)
    invoice = AnInvoice(company=studio, customer=customer)
    return rows | {"booking": str(booking.pk), "invoice": str(invoice.pk)}


@pytest.fixture
def archived(studio: Company, actor: Actor, rows: dict[str, str]) -> dict[str, str]:
    with acting_for(studio.id):
        archive_customer(Customer.objects.get(pk=rows["customer"]), actor=actor)
    return rows


def send(caller: Caller, path: str, method: str, rows: dict[str, str]) -> Answer:
    return caller(method, fill(path, rows), body_of(path, method, rows))


def code_of(answer: Answer) -> Any:
    return answer.body.get("error", answer.body).get("code")


def test_every_case_is_an_operation() -> None:
    assert ENDS | OTHERWISE.keys() <= set(CASES)


def test_only_what_ends_something_is_allowed(
    integrator: Caller, archived: dict[str, str], subtests: pytest.Subtests
) -> None:
    for path, method in CASES:
        with subtests.test(f"{method} {path}"), undone():
            if path.endswith("/erasures"):
                send(integrator, f"{path}/{{id}}/cancel", method, archived)
            answer = send(integrator, path, method, archived)
            if (path, method) in ENDS:
                assert answer.status in (200, 201), answer
            elif (path, method) in OTHERWISE:
                assert answer.status == OTHERWISE[path, method], answer
            else:
                assert answer.status == 409, answer
                assert "is archived" in str(answer.body), answer
                assert code_of(answer) in ("customer_archived", None), "M2M has only a message"
