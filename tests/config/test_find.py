"""The find box: any value of a row leads to the page of the row."""

import re
from functools import partial
from typing import Any

import pytest

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import show_id
from config.tenancy.scoping import acting_for
from credits.actions import archive_coupon
from customers.actions import archive_customer, merge_customers
from tests.admin_routes import PAGES, make_rows
from tests.backoffice import Browser, page_of
from tests.contract import DOCUMENT
from tests.factories import ACoupon, ACustomer, AnInvoice, act
from tests.statements import listed, recorded

# The prefixes of ids, by the model whose page they lead to.
PREFIXES = {kind: {*pages.known_as} for kind, pages in PAGES.items() if pages.known_as}


def found(browser: Browser, query: str) -> list[Any]:
    answer = browser.get("/admin/find/options/", q=query)
    assert answer.status_code == 200
    return list(answer.context["found"])


def addresses(browser: Browser, query: str) -> list[str]:
    return [one.address for one in found(browser, query)]


@pytest.fixture
def maria(studio: Company) -> Any:
    known = {"email": "maria@shop.example", "phone": "+44 7700 900123", "external_id": "CRM-7"}
    return ACustomer(company=studio, first_name="María", last_name="Smith", **known)


def test_a_customer_is_found_by_what_one_knows(browser: Browser, maria: Any) -> None:
    known = ("maria smi", "MARIA@shop.example", "shop.example", "07700 900123", "0123", "crm-7")
    for query in known:
        first = found(browser, query)[0]
        assert (first.address, first.kind) == (page_of(maria), "customer"), query
        assert first.title == "María Smith"
        assert first.facts == ("maria@shop.example", "+44 7700 900123", "CRM-7")


def test_everything_is_found_by_its_id(browser: Browser, studio: Company, rival: Company) -> None:
    ours, theirs = make_rows(studio), make_rows(rival)
    for model, prefixes in PREFIXES.items():
        row, foreign = ours[model], theirs[model]
        for form in (str, *(partial(show_id, one) for one in prefixes - {"txn_", "mrg_"})):
            assert addresses(browser, form(row.pk)) == [page_of(row)], form(row.pk)
            assert addresses(browser, form(foreign.pk)) == [], form(foreign.pk)
    assert addresses(browser, row.pk.hex.upper()) == [page_of(row)]
    with acting_for(studio.id):
        booking = ours["bookings.eventdate"].bookings.get()
    transaction = show_id("txn_", booking.transaction_id)
    assert addresses(browser, transaction) == [page_of(booking)], "what was bought in it"


def test_a_merge_is_found_by_its_id_at_the_customer_who_stayed(
    browser: Browser, studio: Company, rival: Company
) -> None:
    for company, is_ours in ((studio, True), (rival, False)):
        kept, merged = ACustomer(company=company), ACustomer(company=company)
        merge = act(company, merge_customers, kept, merged=merged)
        query = show_id("mrg_", merge.pk)
        assert addresses(browser, query) == [page_of(kept)] * is_ours


def test_every_kind_of_row_that_the_api_names_can_be_found() -> None:
    named = re.findall(r"([a-z]+[_-])\[0-9a-f\]\{32\}", DOCUMENT.read_text())
    assert set().union(*PREFIXES.values()) == {*named}


def test_an_invoice_is_found_by_its_number(browser: Browser, studio: Company, maria: Any) -> None:
    invoice = AnInvoice(company=studio, customer=maria)
    for query in (invoice.number, invoice.number.lower(), invoice.number[4:], "1", "00001"):
        assert addresses(browser, query)[0] == page_of(invoice), query
    assert page_of(invoice) in addresses(browser, invoice.number[:9])
    first = found(browser, invoice.number)[0]
    assert first.facts[0] == "María Smith"
    assert first.facts[1].startswith("£")


def test_a_coupon_is_found_by_code_and_name_and_archived_rows_flagged(
    browser: Browser, studio: Company, maria: Any, actor: Actor
) -> None:
    coupon = ACoupon(company=studio, name="Spring offer", code="SPRING26")
    for query in ("spring26", "SPRI", "offer spring"):
        assert addresses(browser, query) == [page_of(coupon)]
    with acting_for(studio.id):
        archive_coupon(coupon, actor=actor)
        archive_customer(maria, actor=actor)
    for query in ("SPRING26", "maria"):
        answer = browser.get("/admin/find/options/", q=query)
        assert [str(one.state) for one in answer.context["found"]] == ["Archived"]
        assert "Archived" in answer.text


def test_what_is_exact_comes_first_and_pages_last(browser: Browser, studio: Company) -> None:
    named = ACustomer(company=studio, first_name="Custom", last_name="Spring", phone="1")
    coupon = ACoupon(company=studio, name="Anything", code="custom")
    assert addresses(browser, "custom") == [
        page_of(coupon),
        page_of(named),
        "/admin/customers/customer/",
    ]


def test_nobody_elses_rows_are_found(browser: Browser, rival: Company) -> None:
    theirs = ACustomer(
        company=rival, first_name="Secret", email="s@rival.example", external_id="EXT-9"
    )
    ACoupon(company=rival, name="Secret", code="SECRET")
    invoice = AnInvoice(company=rival, customer=theirs)
    for query in ("secret", "s@rival.example", "EXT-9", "SECRET", invoice.number, str(theirs.pk)):
        assert addresses(browser, query) == [], query


def test_a_page_is_found_by_its_name_and_no_harm_is_done_by_nonsense(browser: Browser) -> None:
    for query in ("addr", "ADDRESS", "addresses"):
        assert addresses(browser, query) == ["/admin/customers/address/"], query
    assert addresses(browser, "compan") == ["/admin/access/workplace/"]
    for query in (
        *("", " ", "\x00", "x" * 5000, "' | & ! \\ :*", "%", "cust_", "cust_zz", "²", "٤٢", "--"),
        *("nope_018f3a2b00007000800000000000beef", "018f3a2b-0000-7000-8000-00000000beef", "😀"),
    ):
        assert addresses(browser, query) == [], query
        page = browser.get("/admin/find/", q=query)
        assert (page.status_code, "You can look for" in page.text) == (200, True), query


def test_the_box_works_without_a_script(browser: Browser, studio: Company, maria: Any) -> None:
    assert 'action="/admin/find/"' in browser.get("/admin/").text
    assert browser.get("/admin/find/", q="crm-7")["Location"] == page_of(maria)
    ACustomer(company=studio, first_name="Maria", last_name="Other")
    page = browser.get("/admin/find/", q="maria")
    assert page.text.count('class="find-option"') == 2
    assert "/admin/customers/customer/?q=maria" in page.text
    ACustomer(company=studio, first_name="<script>alert(1)</script>", last_name="Ng")
    options = browser.get("/admin/find/options/", q="script").text
    assert "&lt;script&gt;" in options
    assert "<script>" not in options


def test_finding_takes_few_statements(browser: Browser, studio: Company, maria: Any) -> None:
    queries = ("maria", "maria@shop.example", "INV-2026-1", "7", "SPRING", str(maria.pk))
    taken = []
    for turn in range(2):
        counts = []
        for query in queries:
            with recorded() as ran:
                found(browser, query)
            sql = [one for one in ran if "company_id" in one[0] and "access_" not in one[0]]
            assert len(sql) <= 3, listed(sql)
            assert not any("COUNT(" in one[0].upper() for one in ran), listed(ran)
            counts.append(len(sql))
        taken.append(counts)
        for number in range(20):
            ACustomer(company=studio, first_name="Maria", last_name=str(number))
            ACoupon(company=studio, name=f"Spring {number}", code=f"SPRING{turn}-{number}")
    assert taken[0] == taken[1]
