"""The history of a row in the back-office is what the database recorded of it."""

from typing import Any

import pytest

from config.access.actors import Actor
from config.access.models import Company, Staff
from config.access.tenancy import acting_for
from config.admin.history import EACH
from config.changes.kinds import KINDS, TYPES
from config.changes.models import Change
from config.changes.words import VERBS, what_happened
from customers.actions import update_customer
from tests.backoffice import Browser, page_of, staff_changes
from tests.callers import Caller
from tests.factories import ACredit, ACustomer, AnAppointment, ANote, APlan, AUser
from tests.statements import listed, recorded


def history_of(row: Any) -> str:
    return page_of(row).replace("/change/", "/history/")


def entries(browser: Browser, row: Any, **query: Any) -> list[Any]:
    answer = browser.get(history_of(row), **query)
    assert answer.status_code == 200
    return list(answer.context["entries"])


def test_it_tells_who_did_what_from_what_to_what_and_why(
    browser: Browser, studio: Company, integrator: Caller
) -> None:
    user = AUser(company=studio, customer=ACustomer(company=studio), first_name="Ursla")
    answer = browser.send(page_of(user), first_name="Ursula")
    page = browser.get(history_of(user)).text
    assert "User changed" in page
    assert "by Olive Owner (staff)" in page
    assert answer["Request-Id"] in page
    changed, created = entries(browser, user)
    assert [(one.label, one.before, one.after) for one in changed.fields] == [
        ("First name", "Ursla", "Ursula")
    ]
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


def test_values_are_told_as_people_read_them(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio, customer=ACustomer(company=studio, first_name="Ana"))
    [created] = entries(browser, booking)
    told = {field.label: field.after for field in created.fields}
    assert told["Service"] == "Massage"
    assert told["Customer"].startswith("Ana ")
    assert told["Begins"] == "1 Jun 2099, 10:30 a.m."
    assert told["Total"] == "£72.00"
    assert told["Status"] == "confirmed"


def test_a_reason_of_a_button_stands_in_the_record(browser: Browser, studio: Company) -> None:
    credit = ACredit(company=studio, amount=500)
    form = browser.get(page_of(credit).replace("change", "revoke"))
    assert form.status_code == 200
    browser.send(page_of(credit).replace("change", "revoke"), reason="Issued twice")
    reasons = {change.reason for change in staff_changes()}
    assert reasons == {"Issued twice"}
    assert "Issued twice" in browser.get(history_of(credit)).text


def test_it_is_paged_and_takes_as_many_statements_for_many_changes(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    customer = ACustomer(company=studio)
    entries(browser, customer)  # which puts the company into the session
    with recorded() as few:
        entries(browser, customer)
    with acting_for(studio.id):
        for number in range(EACH):
            update_customer(customer, changes={"last_name": f"N{number}"}, actor=actor)
    with recorded() as many:
        newest = entries(browser, customer)
    assert len(many) == len(few) <= 12, listed(many)
    assert len(newest) == EACH
    [oldest] = entries(browser, customer, before=newest[-1].change.id)
    assert oldest.what == "Customer created"
    assert f"?before={newest[-1].change.id}" in browser.get(history_of(customer)).text


@pytest.mark.parametrize("before", ["x", "-1", "²", "9" * 30, "\x00", "1"])
def test_a_page_that_is_none_is_no_error(before: str, browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio)
    assert browser.get(history_of(customer), before=before).status_code == 200


def test_another_companys_history_is_not_there(
    browser: Browser, rival: Company, owner: Staff
) -> None:
    answer = browser.get(history_of(ACustomer(company=rival, first_name="Secret")))
    assert answer.status_code == 302
    assert "Secret" not in answer.text


def test_a_refusal_leaves_no_history(browser: Browser, studio: Company) -> None:
    plan = APlan(company=studio)
    with acting_for(studio.id):
        before = Change.objects.count()
    answer = browser.send(page_of(plan), name="")
    assert answer.status_code == 200
    with acting_for(studio.id):
        assert Change.objects.count() == before
    assert "plan changed" not in browser.get(history_of(plan)).text


def test_every_type_has_words() -> None:
    types = {type for kind in KINDS.values() for type in kind.types}
    assert types >= set(TYPES)
    assert {type.partition(".")[2] for type in types} == VERBS.keys()
    assert what_happened("pass_purchase.used")
