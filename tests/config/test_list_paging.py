"""Pages of a list: read from an index by keyset, and never counted."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection

from billing.models import Invoice
from config.access.statistics import analyze_young
from config.admin.pages import CompanyAdmin
from config.admin.paging import is_in_order
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.admin_routes import make_rows
from tests.backoffice import Browser, unrendered
from tests.conftest import DATABASES
from tests.factories import ACustomer, AnInvoice, APayment
from tests.statements import Ran, listed, recorded

from .test_admin_pages import TENANT_PAGES, url_of

CUSTOMERS = "/admin/customers/customer/"


class Steps(HTMLParser):
    """The links of a page to its previous and next page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.next = self.prev = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if given.get("rel") in ("next", "prev"):
            setattr(self, given["rel"], given["href"])


@pytest.fixture(autouse=True)
def two_on_a_page(monkeypatch: Any) -> None:
    monkeypatch.setattr("config.admin.pages.Pages.list_per_page", 2)


def walk(browser: Browser, address: str, way: str = "next") -> Iterator[tuple[Any, str]]:
    """Yield each page of a list, following the links in one direction."""
    path = address.partition("?")[0]
    for _ in range(20):
        answer = browser.client.get(address)
        assert answer.status_code == 200
        yield answer.context["cl"], answer.text
        step = getattr(Steps(answer.text), way)
        if not step:
            return
        address = path + step
    raise AssertionError("There is no end to the pages.")


def names(browser: Browser, address: str, way: str = "next") -> list[list[str]]:
    return [[str(row) for row in page.result_list] for page, _ in walk(browser, address, way)]


def make(studio: Company, *letters: str) -> None:
    for letter in letters:
        ACustomer(company=studio, first_name=letter, last_name="")


def test_pages_follow_one_another_and_lead_back(browser: Browser, studio: Company) -> None:
    make(studio, *"ABCDE")
    assert names(browser, CUSTOMERS) == [["E", "D"], ["C", "B"], ["A"]]
    *_, (last, text) = walk(browser, CUSTOMERS)
    assert "Page 3 of customers, the last one" in text
    back = CUSTOMERS + last.earlier
    assert names(browser, back, "prev") == [["C", "B"], ["E", "D"]]


def test_a_chosen_order_holds_over_pages_and_ties(browser: Browser, studio: Company) -> None:
    make(studio, *"BDACB")
    assert names(browser, f"{CUSTOMERS}?o=1") == [["A", "B"], ["B", "C"], ["D"]]
    assert names(browser, f"{CUSTOMERS}?o=-1") == [["D", "C"], ["B", "B"], ["A"]]


@pytest.mark.parametrize("order", ["", "-"])
def test_rows_without_a_value_are_listed_too(order: str, browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio)
    for number in range(5):
        AnInvoice(company=studio, customer=customer, draft=number % 2 == 0)
    columns = admin.site._registry[Invoice].list_display
    address = f"/admin/billing/invoice/?o={order}{columns.index('issued_on') + 1}"
    shown = [page for page, _ in walk(browser, address)]
    seen = [row.pk for page in shown for row in page.result_list]
    assert len(seen) == len(set(seen)) == 5
    assert [len(page.result_list) for page in shown] == [2, 2, 1]
    back = names(browser, "/admin/billing/invoice/" + shown[-1].earlier, "prev")
    assert [len(page) for page in back] == [2, 2]


def test_words_filters_and_order_stay_in_the_address_and_a_page_tells_how_many_it_has(
    browser: Browser, studio: Company
) -> None:
    make(studio, *("Ann", "Anna", "Anne", "Bob"))
    address = f"{CUSTOMERS}?q=ann&status=active&o=1"
    assert names(browser, address) == [["Ann", "Anna"], ["Anne"]]
    page, text = next(walk(browser, address))
    assert {"q=ann", "status=active", "o=1"} <= set(Steps(text).next[1:].split("&"))
    assert str(page.result_count) == "more than 2"
    assert "The first 2 customers; there are more" in next(walk(browser, CUSTOMERS))[1]
    page, text = next(walk(browser, f"{CUSTOMERS}?q=anna"))
    assert (page.result_count, Steps(text).next) == (1, "")


def test_new_rows_are_neither_lost_nor_shown_twice(browser: Browser, studio: Company) -> None:
    make(studio, *"ABCD")
    pages = walk(browser, CUSTOMERS)
    assert [str(row) for row in next(pages)[0].result_list] == ["D", "C"]
    make(studio, "E", "F")
    second = next(pages)[0]
    assert [str(row) for row in second.result_list] == ["B", "A"]
    assert names(browser, CUSTOMERS + second.earlier, "prev")[0] == ["F", "E"]


def place(*told: Any) -> str:
    return urlsafe_b64encode(json.dumps(told).encode()).decode()


def test_an_address_without_a_page_leads_to_the_first(browser: Browser, studio: Company) -> None:
    make(studio, *"ABC")
    for page in (
        *("0", "-1", "2", "no", "é", "====", "bnVsbA==", "\x00"),
        *(place(), place(2, False, []), place(2, False, ["x"]), place(2, True, [None])),
        *(place(0, False, []), place("2", False, []), place(2, False, [{}]), place(2, 1, 5)),
        *(place(2, False, ["a", "b", "c"]), place(10**400, False, []), place(2.5, False, [])),
        place(2, False, ["\x00"]),
    ):
        for order in ({}, {"o": "1"}):
            with unrendered():
                answer = browser.get(CUSTOMERS, **order, p=page)
            assert answer.status_code == 200, page
            assert len(answer.context_data["cl"].result_list) == 2, page


def counts(ran: list[Ran]) -> list[Ran]:
    """Return the statements that count rows, without subqueries that count for a column."""
    return [one for one in ran if one[0].upper().startswith("SELECT COUNT(")]


def test_lists_choices_and_histories_do_not_count(browser: Browser, studio: Company) -> None:
    row = make_rows(studio)["customers.customer"]
    make(studio, *"ABC")
    with recorded() as ran:
        for model in TENANT_PAGES:
            browser.get(url_of(model, "changelist"))
            # The rows are read without rendering the page.
            with unrendered():
                for query in ({"q": "ana"}, {"q": "zzz"}, {"archived": "no"}):
                    browser.get(url_of(model, "changelist"), **query)
        browser.get(url_of("customers.customer", "history", row.pk))
        chosen = {"app_label": "customers", "model_name": "note", "field_name": "customer"}
        answer = browser.get("/admin/autocomplete/", term="", **chosen)
    assert answer.json()["pagination"] == {"more": False}
    assert not counts(ran), listed(counts(ran))


def test_what_grows_is_sorted_only_by_what_an_index_has_in_order(rf: Any) -> None:
    offered = {}
    for pages in admin.site._registry.values():
        if isinstance(pages, CompanyAdmin) and pages.grows:
            names = pages.get_sortable_by(rf.get("/"))
            assert all(is_in_order(pages.model, pages._order_of(name)) for name in names)
            offered[pages.opts.label_lower] = set(names)
    assert len(offered) > 10
    assert {"shown_name", "created_on"} <= offered["customers.customer"]
    assert "email" not in offered["customers.customer"]
    assert "when" in offered["bookings.booking"]
    assert "issued_on" in offered["billing.invoice"]


def order_by_email(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the second column of customers sortable by e-mail, which no index supports."""
    contact = admin.site._registry[Customer].contact.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(contact, "admin_order_field", "email", raising=False)


def test_an_order_that_is_not_offered_is_not_taken(
    browser: Browser, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(studio, "A", "B")
    order_by_email(monkeypatch)
    for order in ("2", "99", "-", "x", "1.2", "2.1", "--1", "٣"):
        with recorded() as ran:
            assert browser.get(CUSTOMERS, o=order).status_code == 200
        sql = next(sql for sql, _ in ran if 'FROM "customers_customer"' in sql)
        assert "email" not in sql.partition("ORDER BY")[2]


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_every_order_of_customers_is_read_off_an_index(
    browser: Browser, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_for(studio.id):
        # Enough rows for the planner to choose as it would among a million.
        many = (
            Customer(company=studio, first_name=f"Name{number % 700}", last_name=str(number))
            for number in range(6_000)
        )
        # A statement of a request may take 30 seconds at most.
        Customer.objects.bulk_create(many, batch_size=500)
    analyze_young(Customer._meta.db_table)
    for query in ("", "o=1", "o=-1", "q=name69", "q=name"):
        page, text = next(walk(browser, f"{CUSTOMERS}?{query}"))
        for address in (page.get_query_string(), Steps(text).next):
            plan = plan_of(browser, CUSTOMERS + address, studio)
            assert "Seq Scan" not in plan, plan
            if "name69" not in address:
                assert "Sort" not in plan, plan
    # The negative control: an order without an index.
    order_by_email(monkeypatch)
    monkeypatch.setattr("config.admin.lists.is_in_order", lambda model, name: True)
    plan = plan_of(browser, f"{CUSTOMERS}?o=2", studio)
    assert "Sort Key: customers_customer.email" in plan
    assert "Seq Scan" in plan


def plan_of(browser: Browser, address: str, company: Company) -> str:
    """Return the query plan of a list's rows, as the runtime role."""
    with recorded() as ran:
        assert browser.client.get(address).status_code == 200
    sql, params = next(one for one in ran if one[0].startswith('SELECT "customers_customer"'))
    with acting_for(company.id), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_rows_are_found_by_customer_and_by_their_words(browser: Browser, studio: Company) -> None:
    ana, bob = (ACustomer(company=studio, first_name=name) for name in ("Ana", "Bob"))
    invoice, other = (AnInvoice(company=studio, customer=one) for one in (ana, bob))
    for query in ("ana", invoice.number.lower()):
        page = browser.get("/admin/billing/invoice/", q=query).context["cl"]
        assert list(page.result_list) == [invoice], query
    paid = APayment(company=studio, invoice=invoice, amount=100, reference="ch_1")
    APayment(company=studio, invoice=other, amount=100)
    for query in ("ana", invoice.number, "ch_1"):
        page = browser.get("/admin/billing/payment/", q=query).context["cl"]
        assert list(page.result_list) == [paid], query
    for number in range(20):
        ACustomer(company=studio, first_name="Ana", phone=str(number))
    page = browser.get("/admin/billing/invoice/", q="ana").context["cl"]
    assert list(page.result_list) == [invoice], "also where the word is common"
