"""A misspelt name in a search of the back-office finds similar names, marked as similar."""

import pytest

from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from customers.models import Customer
from tests.backoffice import Browser, page_of
from tests.factories import ACoupon, ACustomer, make_staff
from tests.statements import recorded

SAID = "No customer matches exactly. Similar names:"
LIST = "/admin/customers/customer/"


@pytest.fixture
def dana(studio: Company, rival: Company) -> Customer:
    ACustomer(company=rival, first_name="Foreign", last_name="Kowalczyk")
    return ACustomer(company=studio, first_name="Dana", last_name="Kowalczyk", phone="0201")


def test_the_find_box_shows_similar_names_under_a_heading(
    browser: Browser, studio: Company, dana: Customer
) -> None:
    box = browser.get("/admin/find/options/", q="kowalczik")
    (one,) = box.context["found"]
    assert (one.address, one.title, one.is_similar) == (page_of(dana), "Dana Kowalczyk", True)
    assert box.text.count(SAID) == 1
    assert '<div class="find-similar" role="group" aria-labelledby="find-similar">' in box.text
    exact = browser.get("/admin/find/options/", q="kowalczyk").text
    assert ("Dana Kowalczyk" in exact, SAID in exact) == (True, False)
    # A coupon that matches exactly is listed above the heading of similar names.
    coupon = ACoupon(company=studio, name="Kowalczik", code="K")
    both = browser.get("/admin/find/options/", q="kowalczik")
    assert [one.address for one in both.context["found"]] == [page_of(coupon), page_of(dana)]
    assert both.text.index(page_of(coupon)) < both.text.index(SAID) < both.text.index(page_of(dana))


def test_the_find_page_does_not_go_to_a_customer_who_is_only_similar(
    browser: Browser, dana: Customer
) -> None:
    page = browser.get("/admin/find/", q="kowalczik")
    assert (page.status_code, page.text.count(SAID)) == (200, 1)
    assert page_of(dana) in page.text
    assert "All customers that match" not in page.text
    assert browser.get("/admin/find/", q="kowalczyk")["Location"] == page_of(dana)


def test_a_list_without_a_match_shows_similar_names_and_lists_nobody(
    browser: Browser, dana: Customer
) -> None:
    page = browser.get(LIST, q="kowalczik")
    assert page.context["cl"].result_count == 0
    assert (page.text.count(SAID), page_of(dana) in page.text) == (1, True)
    assert "Foreign" not in page.text
    for query in ("kowalczyk", "nobody at all", "kowalczik@mail.example"):
        assert SAID not in browser.get(LIST, q=query).text, query
    # A customer who matches but is hidden by the filter prevents the search for similar names.
    assert SAID not in browser.get(LIST, q="kowalczyk", archived="1").text
    assert SAID not in browser.get("/admin/billing/invoice/", q="kowalczik").text


def test_everybody_who_may_see_customers_sees_similar_ones(studio: Company, dana: Customer) -> None:
    for role in Role:
        browser = Browser(make_staff(studio, email=f"{role}@studio.example", role=role))
        box = browser.get("/admin/find/options/", q="kowalczik").text
        assert (page_of(dana) in box) == (browser.get(LIST).status_code == 200), role


def test_names_that_are_found_exactly_are_found_without_a_further_statement(
    browser: Browser, dana: Customer
) -> None:
    counts = []
    for query in ("kowalczyk", "kowalczik"):
        browser.get("/admin/find/options/", q=query)
        with recorded() as ran:
            browser.get("/admin/find/options/", q=query)
        counts.append(len(ran))
    assert counts[0] == counts[1]
