"""The find box: from whatever somebody has in hand to the page that it is about."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin

from config.access.actors import Actor
from config.access.ids import show_id
from config.access.models import Company, Staff
from config.access.tenancy import acting_for
from credits.actions import archive_coupon
from customers.actions import archive_customer
from tests.backoffice import Browser, page_of
from tests.contract import DOCUMENT
from tests.factories import ACoupon, ACustomer, AnInvoice
from tests.office import make_rows
from tests.statements import listed, recorded

PREFIXES = {
    "customers.customer": ["cust_"],
    "customers.address": ["addr_"],
    "customers.customeruser": ["usr_"],
    "customers.note": ["note_"],
    "customers.zone": ["zone_"],
    "billing.plan": ["plan_"],
    "billing.subscription": ["mandate_"],
    "billing.invoice": ["inv_"],
    "billing.payment": ["pay_"],
    "billing.paymentmethod": ["pm_"],
    "credits.coupon": ["cpn_"],
    "credits.creditrule": ["rule_"],
    "credits.credit": ["crd_"],
    "credits.passproduct": ["pass_"],
    "credits.passpurchase": ["pkg_"],
    "credits.entry": ["red_"],
    "bookings.booking": ["bk_", "booking_", "appt_"],
    "bookings.eventdate": ["date_"],
    "bookings.event": ["evt_"],
    "bookings.pricingoption": ["po-"],
    "bookings.service": ["svc_"],
    "bookings.facilitator": ["fac_"],
    "bookings.media": ["media_"],
    "bookings.mediapurchase": ["media_"],
    "changes.webhookendpoint": ["whe_"],
    "changes.webhookdelivery": ["whd_", "msg_"],
}


def found(browser: Browser, query: str) -> list[Any]:
    answer = browser.get("/admin/find/options/", q=query)
    assert answer.status_code == 200
    return list(answer.context["found"])


def addresses(browser: Browser, query: str) -> list[str]:
    return [one.address for one in found(browser, query)]


@pytest.fixture
def maria(studio: Company) -> Any:
    return ACustomer(
        company=studio,
        first_name="María",
        last_name="Smith",
        email="maria@shop.example",
        phone="+44 7700 900123",
        external_id="CRM-7",
    )


@pytest.mark.parametrize(
    "query", ["maria smi", "MARIA@shop.example", "shop.example", "07700 900123", "0123", "crm-7"]
)
def test_a_customer_is_found_by_name_email_phone_and_external_id(
    query: str, browser: Browser, maria: Any
) -> None:
    first = found(browser, query)[0]
    assert (first.address, first.kind, first.title) == (page_of(maria), "customer", "María Smith")
    assert first.facts == ("maria@shop.example", "+44 7700 900123", "CRM-7")


@pytest.mark.parametrize("model", PREFIXES)
def test_everything_is_found_by_its_id_with_and_without_a_prefix(
    model: str, browser: Browser, studio: Company, rival: Company
) -> None:
    row, foreign = make_rows(studio)[model], make_rows(rival)[model]
    forms = [str, lambda pk: pk.hex.upper()]
    forms += [lambda pk, at=prefix: show_id(at, pk) for prefix in PREFIXES[model]]
    for form in forms:
        assert addresses(browser, form(row.pk)) == [page_of(row)], form(row.pk)
        assert addresses(browser, form(foreign.pk)) == []


def test_every_kind_of_row_that_the_api_names_is_tried_here() -> None:
    tried = {prefix for prefixes in PREFIXES.values() for prefix in prefixes} | {"txn_"}
    known = (pages.known_as for pages in admin.site._registry.values() if pages.known_as)
    assert tried == {prefix for prefixes in known for prefix in prefixes}
    assert tried >= set(re.findall(r"([a-z]+_)[0-9a-f]{32}", DOCUMENT.read_text()))


def test_a_transaction_leads_to_what_was_bought_in_it(browser: Browser, studio: Company) -> None:
    place = make_rows(studio)["bookings.eventdate"]
    with acting_for(studio.id):
        booking = place.bookings.get()
    assert addresses(browser, show_id("txn_", booking.transaction_id)) == [page_of(booking)]


def test_an_invoice_is_found_by_its_number(browser: Browser, studio: Company, maria: Any) -> None:
    invoice = AnInvoice(company=studio, customer=maria)
    for query in (invoice.number, invoice.number.lower(), invoice.number[4:], "1", "00001"):
        assert addresses(browser, query)[0] == page_of(invoice), query
    assert page_of(invoice) in addresses(browser, invoice.number[:9])
    first = found(browser, invoice.number)[0]
    assert first.facts[0] == "María Smith"
    assert first.facts[1].startswith("£")


def test_a_coupon_is_found_by_its_code_and_by_its_name(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    coupon = ACoupon(company=studio, name="Spring offer", code="SPRING26")
    for query in ("spring26", "SPRI", "offer spring"):
        assert addresses(browser, query) == [page_of(coupon)]
    with acting_for(studio.id):
        archive_coupon(coupon, actor=actor)
    assert [str(one.state) for one in found(browser, "SPRING26")] == ["Archived"]


def test_what_is_exact_comes_first_and_pages_come_last(
    browser: Browser, studio: Company, maria: Any
) -> None:
    named = ACustomer(company=studio, first_name="Custom", last_name="Spring", phone="1")
    coupon = ACoupon(company=studio, name="Anything", code="custom")
    assert addresses(browser, "custom") == [
        page_of(coupon),
        page_of(named),
        "/admin/customers/customer/",
    ]


def test_an_archived_customer_is_found_and_flagged(
    browser: Browser, studio: Company, maria: Any, actor: Actor
) -> None:
    with acting_for(studio.id):
        archive_customer(maria, actor=actor)
    answer = browser.get("/admin/find/options/", q="maria")
    assert [str(one.state) for one in answer.context["found"]] == ["Archived"]
    assert "Archived" in answer.text


def test_nobody_elses_rows_are_found(browser: Browser, rival: Company) -> None:
    theirs = ACustomer(
        company=rival, first_name="Secret", email="s@rival.example", external_id="EXT-9"
    )
    ACoupon(company=rival, name="Secret", code="SECRET")
    invoice = AnInvoice(company=rival, customer=theirs)
    for query in ("secret", "s@rival.example", "EXT-9", "SECRET", invoice.number, str(theirs.pk)):
        assert addresses(browser, query) == [], query


@pytest.mark.parametrize("query", ["addr", "ADDRESS", "addresses"])
def test_a_page_is_found_by_its_name(query: str, browser: Browser) -> None:
    assert addresses(browser, query) == ["/admin/customers/address/"]
    assert addresses(browser, "compan") == ["/admin/access/workplace/"]


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", "\x00", "x" * 5000, "' | & ! \\ :*", "%", "cust_", "cust_zz", "²", "٤٢", "--"),
        *("nope_018f3a2b00007000800000000000beef", "018f3a2b-0000-7000-8000-00000000beef", "😀"),
    ],
)
def test_the_find_box_takes_no_harm_from_what_is_typed(query: str, browser: Browser) -> None:
    assert addresses(browser, query) == []
    page = browser.get("/admin/find/", q=query)
    assert page.status_code == 200
    assert "You can look for" in page.text


def test_without_a_script_the_box_leads_to_a_page(
    browser: Browser, studio: Company, maria: Any
) -> None:
    assert 'action="/admin/find/"' in browser.get("/admin/").text
    assert browser.get("/admin/find/", q="crm-7")["Location"] == page_of(maria)
    ACustomer(company=studio, first_name="Maria", last_name="Other")
    page = browser.get("/admin/find/", q="maria")
    assert page.text.count('class="find-option"') == 2
    assert "/admin/customers/customer/?q=maria" in page.text


def test_what_was_found_is_no_markup(browser: Browser, studio: Company) -> None:
    ACustomer(company=studio, first_name="<script>alert(1)</script>", last_name="Ng")
    assert "<script>" not in browser.get("/admin/find/options/", q="script").text


def test_finding_takes_few_statements_however_much_there_is(
    browser: Browser, studio: Company, maria: Any
) -> None:
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


def test_who_works_nowhere_finds_nothing(staff_of_nowhere: Browser) -> None:
    assert staff_of_nowhere.get(f"/admin/find/options/?{urlencode({'q': 'a'})}").status_code == 403


@pytest.fixture
def staff_of_nowhere(owner: Staff, studio: Company) -> Browser:
    owner.memberships.all().delete()
    return Browser(owner)
