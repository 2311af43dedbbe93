"""One company at a time: which one a staff session works for, and how it is switched."""

from typing import Any

import pytest
from django.test import Client

from config.access.actions import archive_company, create_staff
from config.access.models import Company, Membership, Staff
from config.access.tenancy import acting_for
from customers.models import Customer
from tests.backoffice import Browser, said, staff_changes
from tests.factories import PASSWORD, ACustomer, make_company, make_staff

CUSTOMERS = "/admin/customers/customer/"


@pytest.fixture
def both(studio: Company, rival: Company) -> Staff:
    """Somebody who works for the studio and for its rival."""
    return make_staff(studio, rival, email="both@studio.example")


@pytest.fixture
def people(studio: Company, rival: Company) -> None:
    ACustomer(company=studio, first_name="Stella", last_name="Studio")
    ACustomer(company=rival, first_name="Rita", last_name="Rival")


def shown(browser: Browser) -> list[str]:
    text = browser.get(CUSTOMERS).text
    return [name for name in ("Stella Studio", "Rita Rival") if name in text]


def test_one_signs_in_by_e_mail_without_regard_to_case(owner: Staff) -> None:
    client = Client(SERVER_NAME="localhost")
    credentials = {"username": "OLIVE@studio.example", "password": PASSWORD}
    answer = client.post("/admin/login/?next=/admin/", credentials)
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert "You are logged out" in client.post("/admin/logout/").text
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"username": "no\x00body"}])
def test_nobody_signs_in_with_what_is_not_theirs(change: dict[str, str], owner: Staff) -> None:
    credentials = {"username": owner.email, "password": PASSWORD} | change
    client = Client(SERVER_NAME="localhost")
    assert client.post("/admin/login/?next=/admin/", credentials).status_code == 200
    assert "_auth_user_id" not in client.session


def test_staff_see_their_company_only(owner: Staff, people: None) -> None:
    assert shown(Browser(owner)) == ["Stella Studio"]


def test_staff_of_two_companies_see_one_at_a_time(
    both: Staff, studio: Company, rival: Company, people: None
) -> None:
    browser = Browser(both)
    assert shown(browser) == ["Rita Rival"]
    answer = browser.switch_to(studio)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert said(answer) == ["You now work in Studio Nine."]
    assert shown(browser) == ["Stella Studio"]


@pytest.mark.parametrize(
    ("seen", "then"),
    [
        (CUSTOMERS, CUSTOMERS),
        (f"{CUSTOMERS}01a211c8-7321-76e0-a7ed-8e64b4b0ba13/change/", CUSTOMERS),
        ("/admin/access/apikey/", "/admin/"),
        ("/admin/", "/admin/"),
        ("/admin/nothing/", "/admin/"),
        ("https://elsewhere.example/admin/", "/admin/"),
        ("\x00", "/admin/"),
    ],
)
def test_whoever_switches_stays_at_the_list_that_they_may_see_there(
    seen: str, then: str, studio: Company, rival: Company
) -> None:
    staff = make_staff(studio, email="both@studio.example")
    Membership.objects.create(staff=staff, company=rival, role="manager")
    browser = Browser(staff, studio)
    assert f'name="from" value="{CUSTOMERS}"' in browser.get(CUSTOMERS).text
    answer = browser.post("/admin/company/", **{"company": rival.pk, "from": seen})
    assert answer["Location"] == then
    assert browser.get(then).status_code == 200


def test_a_superuser_may_work_in_every_company(
    studio: Company, rival: Company, people: None
) -> None:
    browser = Browser(make_staff(studio, email="root@studio.example", superuser=True), studio)
    assert shown(browser) == ["Stella Studio"]
    browser.switch_to(rival)
    assert shown(browser) == ["Rita Rival"]


@pytest.mark.parametrize("wanted", ["rival", "", "no-id", "archived"])
def test_one_switches_only_to_an_open_company_of_ones_own(
    wanted: str, owner: Staff, studio: Company, rival: Company, people: None
) -> None:
    closed = make_company("Closed")
    Membership.objects.create(staff=owner, company=closed, role="owner")
    archive_company(closed)
    browser = Browser(owner)
    key = {"rival": str(rival.pk), "archived": str(closed.pk)}.get(wanted, wanted)
    assert browser.post("/admin/company/", company=key).status_code == 404
    assert browser.get("/admin/company/").status_code == 405
    assert shown(browser) == ["Stella Studio"]
    assert "Closed" not in browser.get("/admin/").text


def test_the_switcher_stands_where_there_is_something_to_switch_to(
    owner: Staff, both: Staff, rival: Company
) -> None:
    assert "Rival Spa" not in Browser(owner).get("/admin/").text
    assert f'value="{rival.pk}"' not in Browser(both).get("/admin/").text
    browser = Browser(both, Company.objects.get(slug="studio"))
    assert f'value="{rival.pk}"' in browser.get("/admin/").text


def test_a_company_gained_meanwhile_does_not_become_the_sessions(
    owner: Staff, studio: Company, people: None
) -> None:
    browser = Browser(owner)
    browser.get("/admin/")
    create_staff(owner.email, make_company("A Company That Sorts First"))
    assert shown(browser) == ["Stella Studio"]


def test_who_leaves_a_company_stops_seeing_it_at_once(
    both: Staff, studio: Company, rival: Company, people: None
) -> None:
    browser = Browser(both, studio)
    both.memberships.filter(company=studio).delete()
    assert shown(browser) == ["Rita Rival"]


def test_an_archived_company_is_left_at_once(
    both: Staff, studio: Company, rival: Company, people: None
) -> None:
    browser = Browser(both, studio)
    archive_company(studio)
    assert shown(browser) == ["Rita Rival"]
    archive_company(rival)
    assert browser.get(CUSTOMERS).status_code == 403


@pytest.mark.parametrize("path", ["", "customers/customer/", "access/apikey/add/", "nothing/"])
def test_staff_without_a_company_are_told_so_on_a_plain_page(path: str, people: None) -> None:
    answer = Browser(make_staff(email="nowhere@studio.example")).get(f"/admin/{path}")
    assert answer.status_code == 403
    assert "You do not work in any company yet" in answer.text
    assert "/admin/customers/" not in answer.text


def test_staff_without_a_company_can_still_change_their_password_and_sign_out() -> None:
    browser = Browser(make_staff(email="nowhere@studio.example"))
    new = "an even longer passphrase"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert browser.get("/admin/password_change/").status_code == 200
    answer = browser.post("/admin/password_change/", **fields)
    assert answer["Location"] == "/admin/password_change/done/"
    assert browser.get(answer["Location"]).status_code == 200
    assert "You are logged out" in browser.post("/admin/logout/").text


def test_a_form_that_was_opened_for_another_company_saves_nothing(
    both: Staff, studio: Company, rival: Company
) -> None:
    browser = Browser(both, studio)
    form = browser.form(f"{CUSTOMERS}add/")
    browser.switch_to(rival)
    answer = browser.post(f"{CUSTOMERS}add/", **form.values | {"first_name": "Lost"})
    assert (answer.status_code, "Nothing was saved" in answer.text) == (409, True)
    for company in (studio, rival):
        with acting_for(company.id):
            assert not Customer.objects.exists()
    assert staff_changes() == []


def test_what_was_done_in_one_company_is_not_named_in_the_other(
    both: Staff, studio: Company, rival: Company
) -> None:
    browser = Browser(both, studio)
    browser.send(f"{CUSTOMERS}add/", first_name="Secret", last_name="Studiocustomer")
    browser.get("/admin/")  # where the message about it is read
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


def test_pages_are_kept_by_no_cache_and_framed_by_nobody(owner: Staff) -> None:
    answer: Any = Browser(owner).get(CUSTOMERS)
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] != "ALLOWALL"
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
