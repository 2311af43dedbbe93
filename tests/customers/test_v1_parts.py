"""The parts of a customer on v1: created, read, changed, archived and restored."""

from typing import Any

import pytest

from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.factories import (
    ACustomer,
    AnAppointment,
    AnInvoice,
    ANote,
    APaymentMethod,
    ASubscription,
)
from tests.refusals import refusal, whole_refusal

PARTS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    # The sent fields, the further fields of the answer, and the changed fields.
    "addresses": (
        {
            "label": "Work",
            "street": "2 Mill Lane",
            "sub_premise": "Flat 3",
            "city": "Leeds",
            "state": "West Yorkshire",
            "zip": "LS1 4DY",
            "country": "GB",
            "access_notes": "Ring twice.",
        },
        {"is_default": True},
        {"city": "York", "zip": None},
    ),
    "contact-points": (
        {"kind": "phone", "value": "020 7946 0018", "label": "work"},
        {"value": "+442079460018"},
        {"label": None},
    ),
    "users": (
        {"email": "Zoë@Ng.example", "first_name": "Zoë", "last_name": "Ng"},
        {},
        {"email": None, "last_name": "Lee"},
    ),
}
# Unique values for a second part of the same customer.
OTHER = {"users": {"email": "b@c.example"}, "contact-points": {"value": "020 7946 0019"}}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_made_read_changed_archived_and_restored(
    part: str, integrator: Caller, customer: Customer
) -> None:
    sent, more, change = PARTS[part]
    where = f"/v1/customers/{customer.id}/{part}"
    made = integrator.post(where, sent)
    here = f"{where}/{made.body['id']}"
    assert (made.status, made.headers["Location"]) == (201, here)
    shown = sent | more | {name: made.body[name] for name in ("id", "created_at")}
    shown |= {"customer_id": f"cust_{customer.id.hex}", "archived": False}
    assert made.body == integrator.get(here).body == shown
    other = integrator.post(where, sent | OTHER.get(part, {}))
    pages = {"page": 1, "per_page": 25, "total": 2, "total_pages": 1}
    listed = {"data": [shown, other.body], "pagination": pages}
    assert integrator.get(where).body == listed, "the oldest stands first"
    changed = integrator.patch(here, change)
    assert (changed.status, changed.body) == (200, shown | change)
    assert integrator.patch(here, changed.body).body == changed.body, "it can be sent back whole"
    archived = integrator.post(f"{here}/archive")
    gone = {"archived": True} | ({"is_default": False} if part == "addresses" else {})
    assert (archived.status, archived.body) == (200, shown | change | gone)
    assert integrator.get(here).body == archived.body
    assert [one["id"] for one in integrator.get(where).body["data"]] == [other.body["id"]]
    assert integrator.get(f"{where}?archived=true").body["data"] == [archived.body]
    again = (409, "already_archived", "This is archived already.")
    assert whole_refusal(integrator.post(f"{here}/archive")) == again
    assert refusal(integrator.patch(here, change))[:2] == (409, "already_archived")
    restored = integrator.post(f"{here}/restore")
    assert (restored.status, restored.body) == (200, archived.body | {"archived": False})
    neither = (409, "not_archived", "This is not archived.")
    assert whole_refusal(integrator.post(f"{here}/restore")) == neither


def test_an_address_becomes_the_default_in_place_of_another(
    integrator: Caller, customer: Customer
) -> None:
    where = f"/v1/customers/{customer.id}/addresses"
    first, second = (integrator.post(where, {"label": label}).body["id"] for label in "ab")

    def defaults() -> list[str]:
        listed = integrator.get(where).body["data"]
        return [one["id"] for one in listed if one["is_default"]]

    assert integrator.patch(f"{where}/{second}", {"is_default": True}).body["is_default"] is True
    assert defaults() == [second]
    kept = integrator.patch(f"{where}/{second}", {"is_default": False}).body
    assert kept["is_default"] is True, "only another address takes that over"
    integrator.post(f"{where}/{second}/archive")
    assert defaults() == [first]


def test_an_email_stands_once_among_the_live_users(integrator: Caller, customer: Customer) -> None:
    where = f"/v1/customers/{customer.id}/users"
    first = integrator.post(where, {"email": "a@b.example"}).body["id"]
    second = integrator.post(where, {"first_name": "Bo"}).body["id"]
    taken = (409, "user_email_taken", "email")
    assert refusal(integrator.patch(f"{where}/{second}", {"email": "A@b.example"})) == taken
    nobody = integrator.patch(f"{where}/{second}", {"first_name": None})
    assert refusal(nobody) == (422, "user_identifies_nobody", None)
    integrator.post(f"{where}/{first}/archive")
    assert integrator.patch(f"{where}/{second}", {"email": "A@b.example"}).status == 200
    assert refusal(integrator.post(f"{where}/{first}/restore")) == taken


def test_notes_are_listed_newest_first_and_stay_as_they_were_written(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    where = f"/v1/customers/{customer.id}/notes"
    older = ANote(company=studio, customer=customer)
    made = integrator.post(where, {"content": "Likes tea."})
    here = f"{where}/{made.body['id']}"
    assert (made.status, made.headers["Location"]) == (201, here)
    assert integrator.get(here).body == made.body
    listed = integrator.get(where).body["data"]
    assert [one["id"] for one in listed] == [made.body["id"], f"note_{older.id.hex}"]
    for method in ("PATCH", "DELETE"):
        assert integrator(method, here).status == 405


def test_a_customer_is_archived_and_restored(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    theirs: dict[str, Any] = {"company": studio, "customer": customer}
    AnAppointment(**theirs)
    AnInvoice(**theirs)
    ASubscription(**theirs)
    path = f"/v1/customers/{customer.id}"
    before = integrator.get(path).body
    archived = integrator.post(f"{path}/archive")
    assert (archived.status, archived.body["status"]) == (200, "deactivated")
    assert archived.headers["Open-Items"] == "bookings=1, subscriptions=1, invoices=1"
    assert archived.body == integrator.get(path).body
    again = (409, "customer_already_archived", "This customer is archived already.")
    assert whole_refusal(integrator.post(f"{path}/archive", {})) == again
    restored = integrator.post(f"{path}/restore")
    since = {"updated_at": restored.body["updated_at"]}
    assert (restored.status, restored.body) == (200, before | since)
    neither = (409, "customer_not_archived", "This customer is not archived.")
    assert whole_refusal(integrator.post(f"{path}/restore")) == neither
    ended = integrator.post(f"{path}/archive", {"end_open": True})
    assert (ended.status, "Open-Items" in ended.headers) == (200, False)
    assert ended.body["stats"]["total_bookings"] == 0
    assert refusal(integrator.post(f"{path}/archive", {"end_open": "yes"}))[0] == 422


def test_subscriptions_and_payment_methods_are_read(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    theirs: dict[str, Any] = {"company": studio, "customer": customer}
    for part, make, prefix in (
        ("subscriptions", ASubscription, "mandate_"),
        ("payment-methods", APaymentMethod, "pm_"),
    ):
        made = [make(**theirs) for _ in range(2)]
        where = f"/v1/customers/{customer.id}/{part}"
        ids = [f"{prefix}{one.id.hex}" for one in made]
        listed = integrator.get(where).body
        assert listed["pagination"]["total"] == 2
        newest_first = part == "subscriptions"
        assert [one["id"] for one in listed["data"]] == (ids[::-1] if newest_first else ids)
        for one in listed["data"]:
            assert integrator.get(f"{where}/{one['id']}").body == one
    plan = integrator.get(f"/v1/customers/{customer.id}/subscriptions").body["data"][0]["plan"]
    made = integrator.post(
        f"/v1/customers/{ACustomer(company=studio).id}/subscriptions", {"plan_id": plan["id"]}
    )
    assert integrator.get(made.headers["Location"]).body == made.body
