"""Lists: filters that combine in the address bar, told as chips, and kept on the way back."""

import re
from typing import Any

import pytest
from django.contrib import admin

from config.access.models import Company
from config.admin.filters import Range
from tests.backoffice import Browser, page_of
from tests.factories import ACustomer, AnAddress, AnAppointment, AnInvoice

CUSTOMERS = "/admin/customers/customer/"


def names(page: Any) -> list[str]:
    """Return what a list shows in its first column."""
    return [str(row) for row in page.context["cl"].result_list]


def chips(page: Any) -> list[tuple[str, str]]:
    return [(chip.title, chip.text) for chip in page.context["chips"]]


def test_filters_combine_with_a_search_and_each_other(browser: Browser, studio: Company) -> None:
    for name, archived in (("Ana", False), ("Ana", True), ("Ben", True)):
        ACustomer(company=studio, first_name=name, last_name=str(archived), archived=archived)
    page = browser.get(CUSTOMERS, q="ana", archived="yes", owes="no")
    assert names(page) == ["Ana True"]
    assert chips(page) == [("Archived", "Yes"), ("Owes money", "No")]


def test_each_chip_takes_its_filter_away_and_keeps_all_else(
    browser: Browser, studio: Company
) -> None:
    page = browser.get(CUSTOMERS, q="ana", archived="yes", owes="no", o="-1", created_at_from="")
    page = browser.get(page["Location"])
    first, second = page.context["chips"]
    assert first.without == "?o=-1&owes=no&q=ana"
    assert second.without == "?archived=yes&o=-1&q=ana"
    assert page.context["plain_list"] == "?o=-1&q=ana"


def test_the_form_of_filters_sends_the_search_and_the_order_along(
    browser: Browser, studio: Company
) -> None:
    page = browser.get(CUSTOMERS, q="ana", status="inactive", o="-1", p="1").text
    form = page.partition('id="filter-form"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert hidden == {"q": "ana", "o": "-1"}
    assert '<option value="inactive" selected>' in form


def test_parameters_that_say_nothing_are_left_out_of_the_address(browser: Browser) -> None:
    answer = browser.get(CUSTOMERS, q="ana", status="", owes="yes", created_at_to="")
    assert answer["Location"] == f"{CUSTOMERS}?q=ana&owes=yes"
    assert browser.get(CUSTOMERS, q="")["Location"] == CUSTOMERS


def test_a_choice_that_is_none_and_a_day_that_is_none_narrow_nothing(
    browser: Browser, studio: Company
) -> None:
    ACustomer(company=studio)
    page = browser.get(CUSTOMERS, status="dead", zone="x", created_at_from="31/02/2026", owes="7")
    assert len(names(page)) == 1
    assert chips(page) == []


def test_what_a_link_narrows_a_list_to_is_told_too(browser: Browser, studio: Company) -> None:
    ana = ACustomer(company=studio, first_name="Ana", last_name="Díaz")
    AnAppointment(company=studio, customer=ana)
    AnAppointment(company=studio)
    page = browser.get("/admin/bookings/booking/", customer__id__exact=ana.pk, when="upcoming")
    assert chips(page) == [("Day", "Upcoming"), ("Customer", "Ana Díaz")]


def test_another_companys_row_is_not_named_by_a_chip(
    browser: Browser, studio: Company, rival: Company
) -> None:
    secret = ACustomer(company=rival, first_name="Secret")
    page = browser.get("/admin/bookings/booking/", customer__id__exact=secret.pk)
    assert chips(page) == [("Customer", str(secret.pk))]


def test_an_empty_list_says_how_to_begin_and_a_narrowed_one_how_to_go_on(browser: Browser) -> None:
    assert "Add the first one here" in browser.get(CUSTOMERS).text
    assert "Take the filter away" in browser.get(CUSTOMERS, owes="yes").text
    assert "No row is all of this at once" in browser.get(CUSTOMERS, owes="yes", credit="no").text
    assert "Try fewer or shorter words." in browser.get(CUSTOMERS, q="nobody").text


def test_the_way_back_from_a_row_keeps_the_filters(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio, first_name="Ana")
    listed = browser.get(CUSTOMERS, owes="no", q="ana").text
    opened = re.search(rf'href="({CUSTOMERS}{customer.pk}/change/\?[^"]+)"', listed)
    assert opened is not None
    address = opened[1].replace("&amp;", "&")
    page = browser.get(address).text
    assert f'href="{CUSTOMERS}?owes=no&amp;q=ana"' in page
    pressed = re.search(rf'href="({CUSTOMERS}{customer.pk}/pause/[^"]*)"', page)
    assert pressed is not None
    answer = browser.post(pressed[1].replace("&amp;", "&"))
    assert answer["Location"] == address
    edit = address.replace("/change/", "/edit/")
    assert browser.send(edit, first_name="Anna")["Location"] == address
    home = AnAddress(company=studio, customer=customer)
    saved = browser.send(f"{page_of(home)}?_changelist_filters=archived%3Dno", city="Bath")
    assert saved["Location"] == "/admin/customers/address/?archived=no"


def test_a_day_is_the_companys_and_an_amount_in_its_currency(
    browser: Browser, studio: Company
) -> None:
    invoice = AnInvoice(company=studio, customer=ACustomer(company=studio))
    invoices = "/admin/billing/invoice/"
    page = browser.get(invoices, total_from="0.01", total_to="1,000,000")
    assert names(page) == [str(invoice)]
    assert chips(page) == [("Total", "£0.01 to £1,000,000.00")]
    assert names(browser.get(invoices, total_to="0.01")) == []
    for nonsense in ("1e99", "NaN", "-", "0.001", "9" * 30):
        assert len(names(browser.get(invoices, total_from=nonsense))) == 1


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_every_filter_stands_in_the_form_and_tells_what_it_does(model: Any) -> None:
    for one in admin.site.get_model_admin(model).list_filter:
        spec = one[1] if isinstance(one, tuple) else one
        assert hasattr(spec, "told"), f"{spec} of {model} tells nothing"
        if issubclass(spec, Range):
            assert spec.template == "admin/filters/range.html"


def test_a_page_of_a_list_opens_the_row_it_shows(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio)
    assert f'href="{page_of(customer)}"' in browser.get(CUSTOMERS).text
