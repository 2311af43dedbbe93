"""Videos and other media of a customer on the M2M surface, and on v1 where they are sold."""

import datetime
from typing import Any

import pytest

from bookings.actions import book_places
from bookings.models import Booking, EventDate, Transaction
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.factories import (
    ACustomer,
    AMediaPurchase,
    AMedium,
)

UTC = datetime.UTC


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Zoë", last_name="Ng", email="zoe@b.example")


def bought(customer: Customer, date: EventDate, at: datetime.datetime) -> str:
    """Buy a place at a moment; return the transaction's id."""
    company = Company.objects.get(pk=customer.company_id)
    with acting_for(company.id):
        purchase = Transaction(customer=customer, purchased_at=at)
        place = Booking(customer=customer, event_date=date)
        book_places(purchase, places=[place], actor=Actor.command(company))
    return f"txn_{purchase.id.hex}"


def ids(caller: Caller, path: str) -> list[str]:
    answer = caller.get(path)
    assert answer.status == 200, answer
    return [one["id"] for one in answer.body["data"]]


def test_a_medium_is_answered_in_full_under_both_names(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    medium = AMedium(company=studio)
    path = f"/v1/customers/{customer.id}/media"
    asked = {"media_id": f"media_{medium.id.hex}", "expires_on": "2099-12-31"}
    made = integrator.post(path, asked)
    purchase = made.body
    assert (made.status, purchase) == (
        201,
        {
            "id": purchase["id"],
            "type": "video_purchase",
            "media": {"id": f"media_{medium.id.hex}", "type": "media", "name": "Morning stretch"},
            "created": purchase["created"],
            "expires_on": "2099-12-31",
            "is_cancelled": False,
            "is_refunded": False,
            "is_expired": False,
            "payment": {"method": "CARD", "currency": "GBP", "base100_price": 900},
        },
    )
    assert purchase["id"].startswith("media_")
    assert purchase["created"].endswith("Z")
    listed = {"data": [purchase], "total": 1, "page": 0, "pageSize": 30}
    for name in ("videos", "media"):
        answer = integrator.get(f"/customer/{customer.id}/{name}")
        assert (answer.status, answer.body) == (200, listed)
    page = {"page": 1, "per_page": 25, "total": 1, "total_pages": 1}
    assert integrator.get(path).body == {"data": [purchase], "pagination": page}


def test_a_medium_lasts_as_long_as_it_is_sold_to(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    for valid_for in ("", "P30D"):
        medium = AMedium(company=studio, valid_for=valid_for)
        asked = {"media_id": str(medium.id), "expires_on": None}
        purchase = integrator.post(f"/v1/customers/{customer.id}/media", asked).body
        assert (purchase["expires_on"] is None) == (valid_for == "")


@pytest.mark.parametrize(
    ("change", "status", "code", "param"),
    [
        ({"media_id": None}, 422, "invalid", "media_id"),
        ({"media_id": "nonsense"}, 422, "invalid", "media_id"),
        ({"expires_on": "soon"}, 422, "invalid", "expires_on"),
        ({"expires_on": 5}, 422, "invalid", "expires_on"),
        ({"expires_on": "2020-01-01"}, 422, "last_day_past", "expires_on"),
        ({"payment": {"method": "cheque"}}, 422, "invalid", "payment.method"),
        ({"total": 5}, 400, "bad_request", "total"),
    ],
)
def test_a_medium_that_cannot_be_sold_is_refused(
    integrator: Caller,
    studio: Company,
    customer: Customer,
    change: dict[str, Any],
    status: int,
    code: str,
    param: str,
) -> None:
    asked = {"media_id": str(AMedium(company=studio).id)}
    answer = integrator.post(f"/v1/customers/{customer.id}/media", asked | change)
    error = answer.body["error"]
    assert (answer.status, error["code"], error["param"]) == (status, code, param)
    assert ids(integrator, f"/customer/{customer.id}/media") == []


def test_an_archived_medium_is_sold_no_more_and_nobody_archived_buys(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    medium = AMedium(company=studio)
    path = f"/v1/customers/{customer.id}/media"
    missing = integrator.post(path, {})
    assert (missing.status, missing.body["error"]["param"]) == (400, "media_id")
    integrator.post(f"/v1/media/{medium.id}/archive")
    refused = integrator.post(path, {"media_id": str(medium.id)}).body["error"]
    assert (refused["code"], refused["param"]) == ("media_archived", "media_id")
    purchase = AMediaPurchase(company=studio, customer=customer)
    integrator.delete(f"/customers/{customer.id}")
    for answer in (
        integrator.post(path, {"media_id": str(purchase.media_id)}),
        integrator.post(f"{path}/{purchase.id}/cancel"),
    ):
        assert (answer.status, answer.body["error"]["code"]) == (409, "customer_archived")
    assert len(ids(integrator, f"/customer/{customer.id}/videos")) == 1


def test_a_purchase_of_somebody_else_is_a_404(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    purchase = AMediaPurchase(company=studio)
    path = f"/v1/customers/{customer.id}/media/{purchase.id}/cancel"
    assert integrator.post(path).status == 404
