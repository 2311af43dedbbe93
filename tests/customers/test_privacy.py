"""All data about a person: exported through the API and the back-office, and declared."""

import json
from typing import Any

import pytest

from config.changes.models import Change, DataExport
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import show_id
from config.tenancy.models import TenantModel
from config.tenancy.permissions import Role
from config.tenancy.personal import NOBODYS, Personal, undeclared
from config.tenancy.scoping import acting_for
from customers.models import Customer, Note
from customers.privacy.exporting import columns_of, name_of
from customers.privacy.registry import (
    every_column_is_declared,
    paths_to_customer,
    people_of,
    personal_tables,
)
from tests.backoffice import Browser, said
from tests.callers import Caller, call_as
from tests.factories import ACustomer, AnErasure, ANote, make_staff
from tests.personal import every_word, known_customer

# --- The registry ---


def test_every_personal_column_is_declared() -> None:
    assert every_column_is_declared() == []


def test_a_column_that_nobody_declared_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Note, "personal", Personal(impersonal=("author_name",)))
    (error,) = every_column_is_declared()
    assert error.msg.startswith("customers.Note.content may hold something about a person")
    assert undeclared(Note) == ["content"]
    # The declaration of another model does not count: each model needs its own.
    monkeypatch.delattr(Note, "personal")
    assert undeclared(Note) == ["content", "author_name"]


def test_every_table_with_a_way_to_a_customer_is_registered() -> None:
    known = {one.model for one in personal_tables()}
    for model in TenantModel.__subclasses__():
        if not model._meta.abstract and paths_to_customer(model):
            assert model in known, model
            assert model.personal is not NOBODYS, model
    assert Customer in known
    assert Change in known


# --- The file ---


def test_a_person_is_handed_over_whole(integrator: Caller, studio: Company, actor: Actor) -> None:
    customer = known_customer(studio)
    with acting_for(studio.id):
        people = people_of(customer, actor=actor)
    other = ACustomer(company=studio, first_name="Somebody else")
    answer = integrator.get(f"/v1/customers/cust_{customer.pk.hex}/export")
    assert answer.headers["Content-Type"] == "application/json"
    assert f'filename="cust_{customer.pk.hex}.json"' in answer.headers["Content-Disposition"]
    body = json.loads(answer.raw)
    assert body["customer_id"] == f"cust_{customer.pk.hex}"
    assert {one["field"] for one in body["kept_after_an_erasure"]} >= {"number", "description"}
    told = answer.raw.decode()
    secret = {word for word in every_word() if word not in told}
    assert secret == {"zqbillingpaymentmethodtokenqz"}
    assert other.first_name not in told
    for table in personal_tables():
        rows = body["records"][name_of(table)]
        with acting_for(studio.id):
            count = table.rows_of(people).count()
        # This export has added a row to the log of data exports.
        assert len(rows) == count or table.model is DataExport, table.table
        names = {field.attname for field in columns_of(table)}
        assert all(row.keys() == names for row in rows), table.table
    both = {row["id"] for row in body["records"]["customer"]}
    assert len(both) == 2, "with the record that was merged into it"
    assert both == {show_id("cust_", one) for one in people}


def test_a_person_can_read_it(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, first_name="<b>Ana</b>", tags=["VIP"])
    ANote(company=studio, customer=customer, content="Likes <i>tea</i>.")
    answer = integrator.get(f"/v1/customers/{customer.pk}/export?format=html")
    page = answer.raw.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h2>Notes</h2>" in page
    assert "Likes &lt;i&gt;tea&lt;/i&gt;." in page
    assert "<dt>First name</dt><dd>&lt;b&gt;Ana&lt;/b&gt;</dd>" in page
    assert "<dt>Tags</dt><dd>VIP</dd>" in page
    assert integrator.get(f"/v1/customers/{customer.pk}/export?format=pdf").status == 400


def test_an_export_needs_its_scope(studio: Company, customer: Customer) -> None:
    path = f"/v1/customers/{customer.pk}/export"
    assert call_as(studio, ["customers:read"], "reader").get(path).status == 403
    assert call_as(studio, ["privacy:read"], "officer").get(path).status == 200


# --- Erasures over the API ---


def test_an_erasure_is_requested_previewed_read_and_cancelled(
    integrator: Caller, customer: Customer
) -> None:
    path = f"/v1/customers/cust_{customer.pk.hex}/erasures"
    shown = integrator.post(f"{path}?dry_run=true")
    assert shown.headers["Dry-Run-Events"] == "", "customer.erased follows when it is done"
    preview = shown.body
    counted = {"rows": 1, "fields": {"first_name": 1, "last_name": 1, "email": 1}}
    assert preview["report"] == {"erased": {"customers_customer": counted}, "kept": {}}
    assert integrator.get(path).body["data"] == []
    made = integrator.post(path, {"waiting_days": 10})
    assert (made.status, made.body["status"]) == (201, "waiting")
    assert made.headers["Location"] == f"{path}/{made.body['id']}"
    again = integrator.post(path)
    assert (again.status, again.body["error"]["code"]) == (409, "erasure_waiting")
    assert integrator.get(f"{path}/{made.body['id']}").body == made.body
    ended = integrator.post(f"{path}/{made.body['id']}/cancel").body
    assert (ended["status"], ended["cancelled_by"]) == ("cancelled", "tests")
    twice = integrator.post(f"{path}/{made.body['id']}/cancel")
    assert (twice.status, twice.body["error"]["code"]) == (409, "erasure_over")


@pytest.mark.parametrize("days", [6, 31])
def test_an_erasure_waits_no_shorter_than_the_company_says(
    integrator: Caller, customer: Customer, days: int
) -> None:
    asked = integrator.post(f"/v1/customers/{customer.pk}/erasures", {"waiting_days": days})
    assert (asked.status, asked.body["error"]["code"]) == (422, "erasure_too_soon")
    assert asked.body["error"]["param"] == "waiting_days"


# --- The back-office ---


def page(customer: Customer, name: str = "personal-data") -> str:
    return f"/admin/customers/customer/{customer.pk}/{name}/"


def test_an_owner_hands_over_and_erases(browser: Browser, customer: Customer) -> None:
    shown = browser.get(page(customer)).content.decode()
    assert "Personal data of Ana Díaz" in shown
    assert "first name (1), last name (1), e-mail (1)" in shown
    file = browser.get(page(customer), format="html")
    assert "Ana" in b"".join(file.streaming_content).decode()
    asked = browser.get(page(customer, "erase")).content.decode()
    assert "It waits for 7 days, in which it can be cancelled." in asked
    answer = browser.post(page(customer, "erase"))
    assert said(answer) == ["The erasure is requested. Cancel it on its page while it waits."]
    with acting_for(customer.company_id):
        erasure: Any = customer.erasures.get()
    shown = browser.get(f"/admin/customers/erasure/{erasure.pk}/change/").content.decode()
    assert "To be erased, as of the request" in shown
    answer = browser.post(f"/admin/customers/erasure/{erasure.pk}/cancel/")
    assert said(answer) == ["The erasure of Ana Díaz is cancelled."]


def test_front_desk_neither_hands_over_nor_erases(studio: Company, customer: Customer) -> None:
    desk = Browser(make_staff(studio, email="noor@studio.example", role=Role.FRONT_DESK))
    erasure = AnErasure(company=studio, customer=customer)
    for address in (
        page(customer), f"{page(customer)}?format=json", page(customer, "erase"),
        f"/admin/customers/erasure/{erasure.pk}/change/", "/admin/changes/dataexport/",
    ):  # fmt: skip
        assert desk.get(address).status_code == 403, address
    shown = desk.get(f"/admin/customers/customer/{customer.pk}/change/").content.decode()
    assert "personal-data" not in shown
