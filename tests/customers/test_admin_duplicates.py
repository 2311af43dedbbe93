"""Likely duplicates in the back-office: a warning before an addition, and a list of pairs."""

import pytest

from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from customers.models import Customer, Duplicate
from customers.tasks import find_duplicates
from tests.backoffice import Browser, Form, count, fresh, only, page_of
from tests.factories import ACustomer, make_staff

ADD = "/admin/customers/customer/add/"
PAIRS = "/admin/customers/duplicate/"
TYPED = {"first_name": "Ana", "last_name": "Kowalczik", "phone": "020 7946 0018"}


@pytest.fixture
def anna(studio: Company) -> Customer:
    return ACustomer(
        company=studio,
        first_name="Anna",
        last_name="Kowalczyk",
        phone="+44 20 7946 0018",
        email="anna@post.example",
    )


def test_the_form_shows_who_is_likely_there_and_saves_at_the_second_click(
    browser: Browser, studio: Company, anna: Customer
) -> None:
    answer = browser.send(ADD, **TYPED)
    assert answer.status_code == 200
    assert f'href="{page_of(anna)}"' in answer.text
    assert "Same phone number · Names differ by one letter" in answer.text
    assert "anna@post.example" in answer.text
    assert "Save anyway" in answer.text
    assert 'value="Kowalczik"' in answer.text
    assert count(Customer, studio) == 1
    values = Form(answer.text, "customer_form").values
    assert values["known_others"] == anna.id.hex
    saved = browser.post(ADD, **values)
    assert saved.status_code == 302
    assert count(Customer, studio) == 2


def test_who_turns_up_between_the_clicks_is_shown_too(
    browser: Browser, studio: Company, anna: Customer
) -> None:
    values = Form(browser.send(ADD, **TYPED).text, "customer_form").values
    late = ACustomer(company=studio, first_name="Ana", last_name="Kowalczik", phone=anna.phone)
    again = browser.post(ADD, **values)
    assert again.status_code == 200
    assert f'href="{page_of(late)}"' in again.text
    values = Form(again.text, "customer_form").values
    assert set(values["known_others"]) == {anna.id.hex, late.id.hex}
    assert browser.post(ADD, **values).status_code == 302


def test_the_form_names_nobody_of_another_company_and_ignores_what_is_no_id(
    browser: Browser, studio: Company, rival: Company
) -> None:
    ACustomer(company=rival, first_name="Anna", last_name="Kowalczyk", phone="+44 20 7946 0018")
    form = browser.form(ADD).values | TYPED | {"known_others": ["x", "", "cust_1"]}
    assert browser.post(ADD, **form).status_code == 302


def test_pairs_are_decided_by_owners_and_managers(
    browser: Browser, studio: Company, anna: Customer
) -> None:
    other = ACustomer(company=studio, **TYPED, email="")
    find_duplicates(timestamp=0)
    assert "Look at 1 pair" in browser.get("/admin/").text
    listed = browser.get(PAIRS).text
    for text in ("Anna Kowalczyk", "Ana Kowalczik", "72 %", "Same phone number"):
        assert text in listed
    pair = only(Duplicate, studio)
    page = browser.get(page_of(pair)).text
    assert f'href="{page_of(anna)}"' in page
    assert f'href="{page_of(other)}"' in page
    assert "anna@post.example" in page
    browser.press(page_of(pair), "dismiss")
    assert fresh(pair).is_dismissed
    assert "are not the same. This is remembered." in browser.get(page_of(pair)).text
    assert "Ana Kowalczik" not in browser.get(PAIRS).text
    assert "Ana Kowalczik" in browser.get(PAIRS, dismissed="yes").text
    assert "Likely duplicates</h2>" not in browser.get("/admin/").text
    browser.press(page_of(pair), "reopen")
    assert not fresh(pair).is_dismissed


@pytest.mark.parametrize(
    ("role", "sees", "decides"),
    [(Role.MANAGER, True, True), (Role.FRONT_DESK, False, False), (Role.READ_ONLY, True, False)],
)
def test_a_role_sees_pairs_or_decides_on_them(
    studio: Company, anna: Customer, role: Role, sees: bool, decides: bool
) -> None:
    ACustomer(company=studio, **TYPED)
    find_duplicates(timestamp=0)
    pair = only(Duplicate, studio)
    staff = Browser(make_staff(studio, email="other@studio.example", role=role))
    assert (staff.client.get(PAIRS).status_code == 200) is sees
    assert ("Look at 1 pair" in staff.get("/admin/").text) is decides
    staff.press(page_of(pair), "dismiss")
    assert fresh(pair).is_dismissed is decides
