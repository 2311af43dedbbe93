"""Lists: filters combine in the address, are shown as chips, and remain when staff return."""

import re
from typing import Any

from django.contrib import admin

from config.admin.filters import Range
from config.tenancy.companies import Company
from tests.backoffice import Browser, page_of
from tests.factories import ACustomer, AnAddress, AnAppointment, AnInvoice

CUSTOMERS = "/admin/customers/customer/"


def names(page: Any) -> list[str]:
    """Return the first column of a list."""
    return [str(row) for row in page.context["cl"].result_list]


def chips(page: Any) -> list[tuple[str, str]]:
    return [(chip.title, chip.text) for chip in page.context["chips"]]


def test_filters_combine_and_each_chip_takes_its_own(browser: Browser, studio: Company) -> None:
    for name, archived in (("Ana", False), ("Ana", True), ("Ben", True)):
        ACustomer(company=studio, first_name=name, last_name=str(archived), archived=archived)
    page = browser.get(CUSTOMERS, q="ana", archived="yes", owes="no", o="-1")
    assert names(page) == ["Ana True"]
    assert chips(page) == [("Archived", "Yes"), ("Something to pay", "No")]
    first, second = page.context["chips"]
    assert first.without == "?o=-1&owes=no&q=ana"
    assert second.without == "?archived=yes&o=-1&q=ana"
    assert page.context["plain_list"] == "?o=-1&q=ana"


def test_the_form_of_filters_keeps_all_else_and_leaves_out_empty_fields(browser: Browser) -> None:
    page = browser.get(CUSTOMERS, q="ana", status="inactive", o="-1", p="1").text
    form = page.partition('id="filter-form"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert hidden == {"q": "ana", "o": "-1"}
    assert '<option value="inactive" selected>' in form
    answer = browser.get(CUSTOMERS, q="ana", status="", owes="yes", created_at_to="")
    assert answer["Location"] == f"{CUSTOMERS}?q=ana&owes=yes"
    assert browser.get(CUSTOMERS, q="")["Location"] == CUSTOMERS


def test_an_invalid_choice_or_day_filters_nothing(browser: Browser, studio: Company) -> None:
    AnAppointment(company=studio)
    page = browser.get(CUSTOMERS, status="dead", zone="x", created_at_from="31/02/2026", owes="7")
    assert len(names(page)) == 1
    assert chips(page) == []
    for name in ("status", "status__exact"):
        page = browser.get("/admin/bookings/booking/", **{name: "\x00"})
        assert len(names(page)) == 1, name


def test_what_a_link_narrows_a_list_to_is_told_too(browser: Browser, studio: Company) -> None:
    ana = ACustomer(company=studio, first_name="Ana", last_name="Díaz")
    AnAppointment(company=studio, customer=ana)
    AnAppointment(company=studio)
    page = browser.get("/admin/bookings/booking/", customer__id__exact=ana.pk, when="upcoming")
    assert chips(page) == [("Day", "Upcoming"), ("Customer", "Ana Díaz")]


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


def test_days_and_amounts_are_those_of_the_company(browser: Browser, studio: Company) -> None:
    invoice = AnInvoice(company=studio, customer=ACustomer(company=studio))
    invoices = "/admin/billing/invoice/"
    page = browser.get(invoices, total_from="0.01", total_to="1,000,000")
    assert names(page) == [str(invoice)]
    assert chips(page) == [("Total", "£0.01 to £1,000,000.00")]
    assert names(browser.get(invoices, total_to="0.01")) == []
    for nonsense in ("1e99", "NaN", "-", "0.001", "9" * 30):
        assert len(names(browser.get(invoices, total_from=nonsense))) == 1


def test_every_filter_stands_in_the_form_and_tells_what_it_does() -> None:
    for model, pages in admin.site._registry.items():
        for one in pages.list_filter:
            spec = one[1] if isinstance(one, tuple) else one
            assert hasattr(spec, "text"), f"{spec} of {model} tells nothing"
            if issubclass(spec, Range):
                assert spec.template == "admin/filters/range.html", spec
