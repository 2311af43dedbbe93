"""The current company of a staff session, and how staff switch it."""

import pytest
from django.test import Client

from config.access.actions import archive_company, create_staff
from config.access.models import Membership, Staff
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.backoffice import Browser, count, said, staff_changes
from tests.factories import PASSWORD, ACustomer, make_company, make_staff

CUSTOMERS = "/admin/customers/customer/"


@pytest.fixture
def both(studio: Company, rival: Company) -> Staff:
    """A staff member of both the studio and its rival."""
    return make_staff(studio, rival, email="both@studio.example")


@pytest.fixture
def people(studio: Company, rival: Company) -> None:
    ACustomer(company=studio, first_name="Stella", last_name="Studio")
    ACustomer(company=rival, first_name="Rita", last_name="Rival")


def shown(browser: Browser) -> list[str]:
    text = browser.get(CUSTOMERS).text
    return [name for name in ("Stella Studio", "Rita Rival") if name in text]


def test_one_signs_in_by_e_mail_without_regard_to_case_and_with_nothing_else(owner: Staff) -> None:
    client = Client(SERVER_NAME="localhost")
    credentials = {"username": "OLIVE@studio.example", "password": PASSWORD}
    for wrong in ({"password": "wrong"}, {"username": "no\x00body"}):
        assert client.post("/admin/login/?next=/admin/", credentials | wrong).status_code == 200
        assert "_auth_user_id" not in client.session
    answer = client.post("/admin/login/?next=/admin/", credentials)
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert "You are logged out" in client.post("/admin/logout/").text
    assert client.get("/admin/").status_code == 302


def test_staff_see_one_of_their_companies_at_a_time(
    owner: Staff, both: Staff, studio: Company, rival: Company, people: None
) -> None:
    root = make_staff(studio, email="root@studio.example", superuser=True)
    assert shown(Browser(owner)) == ["Stella Studio"]
    assert "Rival Spa" not in Browser(owner).get("/admin/").text
    browser = Browser(both)
    assert shown(browser) == ["Rita Rival"]
    assert f'value="{rival.pk}"' not in browser.get("/admin/").text
    answer = browser.switch_to(studio)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert said(answer) == ["You now work in Studio Nine."]
    assert shown(browser) == ["Stella Studio"]
    assert f'value="{rival.pk}"' in browser.get("/admin/").text, "there one may switch to"
    browser = Browser(root, studio)
    assert shown(browser) == ["Stella Studio"]
    browser.switch_to(rival)
    assert shown(browser) == ["Rita Rival"], "a superuser may work in every company"


def test_who_switches_stays_at_the_list_if_they_may_see_it(studio: Company, rival: Company) -> None:
    staff = make_staff(studio, email="both@studio.example")
    Membership.objects.create(staff=staff, company=rival, role="manager")
    for seen, then in (
        (CUSTOMERS, CUSTOMERS),
        (f"{CUSTOMERS}01a211c8-7321-76e0-a7ed-8e64b4b0ba13/change/", CUSTOMERS),
        ("/admin/access/apikey/", "/admin/"),
        ("/admin/", "/admin/"),
        ("/admin/nothing/", "/admin/"),
        ("https://elsewhere.example/admin/", "/admin/"),
        ("\x00", "/admin/"),
    ):
        browser = Browser(staff, studio)
        assert f'name="from" value="{CUSTOMERS}"' in browser.get(CUSTOMERS).text
        answer = browser.post("/admin/company/", **{"company": rival.pk, "from": seen})
        assert answer["Location"] == then, seen
        assert browser.get(then).status_code == 200, seen


def test_one_switches_only_to_an_open_company_of_ones_own(
    owner: Staff, studio: Company, rival: Company, people: None
) -> None:
    closed = make_company("Closed")
    Membership.objects.create(staff=owner, company=closed, role="owner")
    archive_company(closed, actor=Actor.command(closed))
    browser = Browser(owner)
    for key in (rival.pk, closed.pk, "", "no-id"):
        assert browser.post("/admin/company/", company=key).status_code == 404, key
        assert shown(browser) == ["Stella Studio"]
    assert browser.get("/admin/company/").status_code == 405
    assert "Closed" not in browser.get("/admin/").text


def test_a_session_leaves_a_company_that_is_lost_and_no_other(
    both: Staff, studio: Company, rival: Company, people: None
) -> None:
    left, archived = Browser(both, studio), Browser(both, rival)
    gained = make_company("A Company That Sorts First")
    create_staff(Staff(email=both.email), company=gained, actor=Actor.command(gained))
    assert shown(left) == ["Stella Studio"], "one that is gained meanwhile is not entered"
    both.memberships.filter(company=gained).delete()
    both.memberships.filter(company=studio).delete()
    assert shown(left) == ["Rita Rival"]
    Membership.objects.create(staff=both, company=studio, role="owner")
    archive_company(rival, actor=Actor.command(rival))
    assert shown(archived) == ["Stella Studio"]
    archive_company(studio, actor=Actor.command(studio))
    assert archived.get(CUSTOMERS).status_code == 403


def test_staff_without_a_company_are_told_so_and_can_change_their_password() -> None:
    browser = Browser(make_staff(email="nowhere@studio.example"))
    for path in ("", "customers/customer/", "access/apikey/add/", "nothing/"):
        answer = browser.get(f"/admin/{path}")
        assert answer.status_code == 403, path
        assert "You do not work in any company yet" in answer.text
        assert "/admin/customers/" not in answer.text
    new = "an even longer passphrase"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert browser.get("/admin/password_change/").status_code == 200
    answer = browser.post("/admin/password_change/", **fields)
    assert answer["Location"] == "/admin/password_change/done/"
    assert browser.get(answer["Location"]).status_code == 200
    assert "You are logged out" in browser.post("/admin/logout/").text


def test_a_form_of_another_company_is_refused(both: Staff, studio: Company, rival: Company) -> None:
    browser = Browser(both, studio)
    form = browser.form(f"{CUSTOMERS}add/")
    browser.switch_to(rival)
    answer = browser.post(f"{CUSTOMERS}add/", **form.values | {"first_name": "Lost"})
    assert (answer.status_code, "Nothing was saved" in answer.text) == (409, True)
    assert count(Customer, studio) == count(Customer, rival) == 0
    assert staff_changes() == []


def test_what_was_done_is_not_named_elsewhere(both: Staff, studio: Company, rival: Company) -> None:
    browser = Browser(both, studio)
    browser.send(f"{CUSTOMERS}add/", first_name="Secret", last_name="Studiocustomer")
    browser.get("/admin/")  # this page shows the message
    browser.switch_to(rival)
    assert "Studiocustomer" in str([change.after for change in staff_changes()])
    assert "Studiocustomer" not in browser.get("/admin/").text


def test_times_are_shown_by_the_companys_clock(both: Staff, rival: Company, people: None) -> None:
    with acting_for(rival.id):
        Customer.objects.update(created_at="2026-01-02T03:00:00Z")
        customer = Customer.objects.get()
    browser = Browser(both, rival)
    assert "1 Jan 2026" in browser.get(CUSTOMERS).text
    assert "1 Jan 2026" in browser.get(f"{CUSTOMERS}{customer.pk}/change/").text
