"""The history of a row in the back-office shows the changes that the database recorded."""

import re
from typing import Any

from config.admin.history import EACH
from config.changes.descriptions import VERBS, event_text
from config.changes.event_types import RECORDED, TYPES
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import update_customer
from tests.backoffice import Browser, page_of, staff_changes
from tests.callers import Caller
from tests.factories import ACredit, ACustomer, AnAppointment, ANote, AUser


def history_of(row: Any) -> str:
    return page_of(row).replace("/change/", "/history/")


def entries(browser: Browser, row: Any, **query: Any) -> list[Any]:
    answer = browser.get(history_of(row), **query)
    assert answer.status_code == 200
    return list(answer.context["entries"])


def test_it_tells_who_did_what_from_what_to_what(browser: Browser, studio: Company) -> None:
    user = AUser(company=studio, customer=ACustomer(company=studio), first_name="Ursla")
    answer = browser.send(page_of(user), first_name="Ursula")
    page = browser.get(history_of(user)).text
    assert "User changed" in page
    assert "by Olive Owner (staff)" in page
    assert answer["Request-Id"] in page
    changed, created = entries(browser, user)
    [field] = changed.fields
    assert (field.label, field.before, field.after) == ("First name", "Ursla", "Ursula")
    assert created.what == "User created"
    assert created.by == "manage.py (command)"


def test_a_customers_history_has_all_that_is_theirs_with_the_reason(
    browser: Browser, studio: Company, integrator: Caller
) -> None:
    customer = ACustomer(company=studio)
    ANote(company=studio, customer=customer)
    integrator.patch(
        f"/v1/customers/{customer.id}", {"last_name": "New"}, X_Reason="Married on <b>Sunday</b>"
    )
    whats = [entry.what for entry in entries(browser, customer)]
    assert whats == ["Customer changed", "Note created", "Customer created"]
    page = browser.get(history_of(customer)).text
    assert "Married on &lt;b&gt;Sunday&lt;/b&gt;" in page
    assert "by tests (API key)" in page
    assert history_of(customer) in browser.get(page_of(customer)).text
    credit = ACredit(company=studio, customer=customer, amount=500)
    browser.send(page_of(credit).replace("change", "revoke"), reason="Issued twice")
    assert {change.reason for change in staff_changes()} == {"Issued twice"}
    assert "Issued twice" in browser.get(history_of(credit)).text


def test_values_are_told_as_people_read_them(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio, customer=ACustomer(company=studio, first_name="Ana"))
    [created] = entries(browser, booking)
    told = {field.label: field.after for field in created.fields}
    assert told["Service"] == "Massage"
    assert told["Customer"].startswith("Ana ")
    assert told["Begins"] == "Mon 1 Jun 2099, 10:30"
    assert told["Total"] == "£72.00"
    assert told["Status"] == "confirmed"


def test_it_is_paged(browser: Browser, studio: Company, actor: Actor) -> None:
    customer = ACustomer(company=studio)
    with acting_for(studio.id):
        for number in range(EACH):
            update_customer(customer, changes={"last_name": f"N{number}"}, actor=actor)
    newest = entries(browser, customer)
    assert len(newest) == EACH
    [oldest] = entries(browser, customer, skip=EACH)
    assert oldest.what == "Customer created"
    page = browser.get(history_of(customer)).text
    # The ids of changes count those of all companies.
    assert re.findall(r'href="\?(.*?)"', page) == [f"skip={EACH}"]
    for nonsense in ("x", "-1", "²", "9" * 9, "9" * 30, "\x00", "1"):
        entries(browser, customer, skip=nonsense)


def test_every_type_has_words() -> None:
    types = {type for recorded in RECORDED.values() for type in recorded.types}
    assert types >= set(TYPES)
    assert {type.partition(".")[2] for type in types} == VERBS.keys()
    assert event_text("pass.sold") == "Pass sold"
    assert event_text("pass.*") == "Every event of passes sold"
    assert event_text("media_purchase.cancelled") == "Media purchase cancelled"
