"""Pages of a list: read off an index from where the one before ended, and never counted."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, connections

from billing.models import Invoice
from config.access.models import Company
from config.access.tenancy import acting_for
from config.admin.pages import CompanyPages
from config.admin.paging import is_in_order
from customers.models import Customer
from tests.backoffice import Browser
from tests.conftest import DATABASES
from tests.factories import ACustomer, AnInvoice, APayment
from tests.office import make_rows
from tests.statements import Ran, listed, recorded

from .test_admin_pages import TENANT_PAGES, url_of

CUSTOMERS = "/admin/customers/customer/"


class Steps(HTMLParser):
    """The addresses that a page gives for its neighbours."""

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
    """Yield what pages show, one after the other."""
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


@pytest.mark.parametrize(
    ("order", "pages"),
    [("1", [["A", "B"], ["B", "C"], ["D"]]), ("-1", [["D", "C"], ["B", "B"], ["A"]])],
)
def test_an_order_that_is_chosen_holds_over_pages_and_those_of_one_name(
    order: str, pages: list[list[str]], browser: Browser, studio: Company
) -> None:
    make(studio, *"BDACB")
    assert names(browser, f"{CUSTOMERS}?o={order}") == pages
    *_, (last, _) = walk(browser, f"{CUSTOMERS}?o={order}")
    assert names(browser, CUSTOMERS + last.earlier, "prev") == [pages[1], pages[0]]


@pytest.mark.parametrize("order", ["", "-"])
def test_what_has_no_value_in_the_order_is_reached_too(
    order: str, browser: Browser, studio: Company
) -> None:
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


def test_words_filters_and_order_stay_in_the_address(browser: Browser, studio: Company) -> None:
    make(studio, *("Ann", "Anna", "Anne", "Bob"))
    address = f"{CUSTOMERS}?q=ann&status=active&o=1"
    assert names(browser, address) == [["Ann", "Anna"], ["Anne"]]
    page, text = next(walk(browser, address))
    assert {"q=ann", "status=active", "o=1"} <= set(Steps(text).next[1:].split("&"))
    assert str(page.result_count) == "more than 2"


def test_how_many_there_are_is_said_where_a_page_has_them_all(
    browser: Browser, studio: Company
) -> None:
    make(studio, "A", "B")
    page, text = next(walk(browser, CUSTOMERS))
    assert (page.result_count, Steps(text).next) == (2, "")
    make(studio, "C")
    assert "The first 2 customers; there are more" in next(walk(browser, CUSTOMERS))[1]


def test_rows_that_come_meanwhile_are_neither_lost_nor_shown_twice(
    browser: Browser, studio: Company
) -> None:
    make(studio, *"ABCD")
    pages = walk(browser, CUSTOMERS)
    assert [str(row) for row in next(pages)[0].result_list] == ["D", "C"]
    make(studio, "E", "F")
    second = next(pages)[0]
    assert [str(row) for row in second.result_list] == ["B", "A"]
    assert names(browser, CUSTOMERS + second.earlier, "prev")[0] == ["F", "E"]


def place(*told: Any) -> str:
    return urlsafe_b64encode(json.dumps(told).encode()).decode()


@pytest.mark.parametrize(
    "page",
    [
        *("0", "-1", "2", "no", "é", "====", "bnVsbA==", "\x00"),
        *(place(), place(2, False, []), place(2, False, ["x"]), place(2, True, [None])),
        *(place(0, False, []), place("2", False, []), place(2, False, [{}]), place(2, 1, 5)),
        *(place(2, False, ["a", "b", "c"]), place(10**400, False, []), place(2.5, False, [])),
        place(2, False, ["\x00"]),
    ],
)
def test_an_address_that_names_no_page_leads_to_the_first(
    page: str, browser: Browser, studio: Company
) -> None:
    make(studio, *"ABC")
    for order in ({}, {"o": "1"}):
        answer = browser.get(CUSTOMERS, **order, p=page)
        assert answer.status_code == 200
        assert len(answer.context["cl"].result_list) == 2


def counts(ran: list[Ran]) -> list[Ran]:
    """Return statements that count; what a column counts of one customer is none of them."""
    return [one for one in ran if one[0].upper().startswith("SELECT COUNT(")]


@pytest.mark.parametrize("model", TENANT_PAGES)
def test_no_list_counts(model: str, browser: Browser, studio: Company) -> None:
    make_rows(studio)
    for query in ({}, {"q": "ana"}, {"q": "zzz"}, {"archived": "no"}):
        with recorded() as ran:
            browser.get(url_of(model, "changelist"), **query)
        assert not counts(ran), listed(ran)


def test_choosing_a_customer_and_the_history_count_nothing_either(
    browser: Browser, studio: Company
) -> None:
    make(studio, *"ABC")
    row = make_rows(studio)["customers.customer"]
    with recorded() as ran:
        answer = browser.get(
            "/admin/autocomplete/",
            term="",
            app_label="customers",
            model_name="note",
            field_name="customer",
        )
        assert answer.status_code == 200
        browser.get(url_of("customers.customer", "history", row.pk))
    assert answer.json()["pagination"] == {"more": False}
    assert not counts(ran), listed(ran)


def grown() -> list[CompanyPages]:
    return [
        pages
        for pages in admin.site._registry.values()
        if isinstance(pages, CompanyPages) and pages.grows
    ]


def test_what_grows_is_sorted_only_by_what_an_index_has_in_order(rf: Any) -> None:
    assert len(grown()) > 10
    offered = {}
    for pages in grown():
        names = pages.get_sortable_by(rf.get("/"))
        assert all(is_in_order(pages.model, pages._order_of(name)) for name in names)
        offered[pages.opts.label_lower] = set(names)
    assert {"shown_name", "created_on"} <= offered["customers.customer"]
    assert "email" not in offered["customers.customer"]
    assert "when" in offered["bookings.booking"]
    assert "issued_on" in offered["billing.invoice"]


def test_an_order_that_is_not_offered_is_not_taken(browser: Browser, studio: Company) -> None:
    make(studio, "A", "B")
    for order in ("2", "99", "-", "x", "1.2", "2.1", "--1", "٣"):
        with recorded() as ran:
            assert browser.get(CUSTOMERS, o=order).status_code == 200
        sql = next(sql for sql, _ in ran if 'FROM "customers_customer"' in sql)
        assert "email" not in sql.partition("ORDER BY")[2]


@pytest.fixture
def many(studio: Company) -> None:
    """Enough customers for the planner to choose as it would among a million."""
    with acting_for(studio.id):
        Customer.objects.bulk_create(
            Customer(company=studio, first_name=f"Name{number % 700}", last_name=str(number))
            for number in range(6_000)
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE customers_customer")


@pytest.mark.django_db(transaction=True, databases=DATABASES)
@pytest.mark.usefixtures("many")
def test_every_order_of_customers_is_read_off_an_index(browser: Browser, studio: Company) -> None:
    for query in ("", "o=1", "o=-1", "q=name69", "q=name"):
        page, text = next(walk(browser, f"{CUSTOMERS}?{query}"))
        for address in (page.get_query_string(), Steps(text).next):
            plan = plan_of(browser, CUSTOMERS + address, studio)
            assert "Seq Scan" not in plan, plan
            if "name69" not in address:
                assert "Sort" not in plan, plan


def plan_of(browser: Browser, address: str, company: Company) -> str:
    """Return how the database reads the rows of a list, as the runtime role."""
    with recorded() as ran:
        assert browser.client.get(address).status_code == 200
    sql, params = next(one for one in ran if one[0].startswith('SELECT "customers_customer"'))
    with acting_for(company.id), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_rows_are_found_by_their_customer_and_by_what_they_say_of_themselves(
    browser: Browser, studio: Company
) -> None:
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
