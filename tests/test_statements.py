"""The number of statements of a response or page does not depend on the number of rows.

The cases come from the OpenAPI document and from the URL table of the back-office.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict
from django.urls import reverse

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.admin_routes import PAGES, ROUTES, ids_of, make_rows
from tests.api_routes import by_model, every_row, fill, grow
from tests.backoffice import Browser, page_of
from tests.callers import Caller
from tests.contract import query_parameters, reads
from tests.factories import ACustomer, APass, APlace, make_staff
from tests.statements import MOST, Ran, listed, recorded, statements

MANY = 15
SIZES = ("pageSize", "per_page", "limit")

READS = reads()
LISTS = {path for path, operation in READS if operation["operationId"].endswith("_list")}


def sizes_of(operation: dict[str, Any]) -> list[str]:
    """Return the queries for pages of one row and of 100 rows, "" for operations without pages."""
    named = [name for name in query_parameters(operation) if name in SIZES]
    return [f"?{name}={size}" for name in named for size in (1, 100)] or [""]


def statements_of(caller: Caller, path: str) -> tuple[list[Ran], Any]:
    """Return the statements of a GET, and the body of its response."""
    with recorded() as ran:
        answer = caller.get(path)
    assert answer.status == 200, answer
    return ran, answer.body if answer.is_json else None


def check_same_number(path: str, few: list[Ran], many: list[Ran]) -> None:
    """Raise AssertionError, with all statements, if more rows changed their number."""
    told = (
        f"{path} took {len(few)} statements:\n{listed(few)}\nand now {len(many)}:\n{listed(many)}"
    )
    assert len(few) == len(many), told


def test_every_answer_takes_as_many_statements_for_many_rows_as_for_one(
    integrator: Caller, studio: Company
) -> None:
    assert len(LISTS) > 30
    rows = every_row(studio, studio.slug)
    ids = {kind: str(row.pk) for kind, row in rows.items()}
    asked = {
        fill(path, ids) + query: path in LISTS
        for path, operation in READS
        # An export of a customer's data reads rows in batches.
        if not path.endswith("/export")
        for query in sizes_of(operation)
    }
    asked["/customers"] = True  # streams all customers
    state = f"/v1/customers/{ids['customer']}/state"
    integrator.get("/v1/services")  # records the use of the key
    few = {path: statements_of(integrator, path) for path in asked}
    for number in range(MANY):
        grow(studio, by_model(rows), number)
    for path, is_list in asked.items():
        many, body = statements_of(integrator, path)
        check_same_number(path, few[path][0], many)
        shown = [sql for sql, _ in many if "json_build_object" in sql]
        assert len(shown) <= 1, f"{path} is rendered by one statement:\n{listed(many)}"
        least = 1 if path.endswith("=1") else MANY
        assert not is_list or len(body["data"]) >= least, f"{path} has rows"
        if path == state:
            check_grown(few[path][1], body)


def check_grown(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise AssertionError unless each list in a customer's state has grown."""
    parts = {name: part for name, part in after.items() if isinstance(part, list)}
    assert len(parts) > 12
    grown = {name: len(part) - len(before[name]) for name, part in parts.items()}
    assert min(grown.values()) == MANY, grown


def test_the_counter_counts(integrator: Caller, studio: Company) -> None:
    made = [ACustomer(company=studio) for _ in range(3)]

    def one_by_one(number: int) -> list[Ran]:
        with acting_for(studio.id), recorded() as ran:
            for customer in made[:number]:
                Customer.objects.get(pk=customer.pk)
        return ran

    assert len(one_by_one(3)) == 3
    check_same_number("/equal", one_by_one(2), one_by_one(2))
    with pytest.raises(AssertionError, match=r"took 1 statements:\n +1\. SELECT"):
        check_same_number("/loop", one_by_one(1), one_by_one(3))
    with recorded() as ran:
        integrator.get(f"/v1/customers/{made[0].id}")
    assert len([sql for sql, _ in ran if "json_build_object" in sql]) == 1


class Full:
    """A company with rows of every kind, and an additional one of each kind that has a parent."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.rows = make_rows(company)
        self.ids = ids_of(company, self.rows, "Own")
        own = {"company": company, "customer": self.rows["customers.customer"]}
        self.place = APlace(**own, event_date=self.rows["bookings.eventdate"], means=APass(**own))
        grow(company, self.rows, 0)

    def pages(self, browser: Browser) -> dict[str, str]:
        """Return the URL of every page, by the name of the page."""
        opened = [one for one in ROUTES if not NO_PAGE.search(one.path)]
        found = {route.path: route.fill(self.ids) for route in opened}
        for address in [one for one in found.values() if one.removesuffix("/").count("/") == 3]:
            shown = (browser.get(address).context or {}).get("cl")
            if shown is not None:
                query = "&".join(chosen_in(shown))
                sought = f"{address}?q={self.company.slug}"
                found |= {f"{address} sought": sought} if shown.search_fields else {}
                found |= {f"{address} narrowed": f"{address}?{query}"} if query else {}
        picked = "&".join(f"{name.partition('.')[2]}={key}" for name, key in self.ids.items())
        for kind in ("bookings.booking", "bookings.mediapurchase", "bookings.eventdate"):
            address = reverse(f"admin:{kind.replace('.', '_')}_add")
            found[f"{kind} picked"] = f"{address}?{picked}"
        for page in ("change", "history", "pay", "move", "cancel"):
            found[f"place {page}"] = page_of(self.place).replace("change", page)
        return found

    def many(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Return the URL and the form values of each action on many rows, by the action's name."""
        found = {}
        for kind, pages in PAGES.items():
            with acting_for(self.company.id):
                rows = list(pages.model._default_manager.order_by("-pk")[:50])
                fits = {
                    one: [str(row.pk) for row in rows if one.is_available(row)]
                    for one in pages.buttons
                    if one.many
                }
            for button, fitting in fits.items():
                if fitting:
                    name = f"admin:{kind.replace('.', '_')}_many_{button.name}"
                    found[f"{kind} {button.name}"] = (reverse(name), {"ids": ",".join(fitting)})
        return found


# URLs that only take forms, sign out, send a file, or serve users who are not signed in.
NO_PAGE = re.compile(
    r"export/$|/delete/$|/many/|/run/$|/files/|admin/(log(in|out)|again|forgotten|invitation|company/|still)"
    r"|<path:object_id>/$|\(\?P|second-factor/."
)


def chosen_in(shown: Any) -> Iterator[str]:
    """Yield the parameters of a list's URL with a choice in each filter that has choices."""
    for spec in shown.filter_specs:
        wanted = spec.expected_parameters()
        for choice in list(spec.choices(shown))[1:2]:
            given = QueryDict(choice.get("query_string", "").removeprefix("?"))
            yield from (f"{name}={given[name]}" for name in wanted if name in given)


# Pages with rows of many kinds: they take one statement for each kind that has rows.
OF_MANY_KINDS = {
    "admin/customers/customer/<str:object_id>/erase/",
    "admin/customers/customer/<str:object_id>/personal-data/",
    "admin/customers/customer/<str:object_id>/restore/",
}


@pytest.mark.long
def test_every_page_takes_few_statements_and_as_many_for_many_rows(
    studio: Company, subtests: pytest.Subtests
) -> None:
    browser = Browser(make_staff(studio, email="root@studio.example", superuser=True), studio)
    full = Full(studio)
    ContentType.objects.get_for_models(*(pages.model for pages in PAGES.values()))
    pages = full.pages(browser)

    def ran() -> dict[str, list[str]]:
        found = {name: statements(browser, address) for name, address in pages.items()}
        return found | {name: statements(browser, *asked) for name, asked in full.many().items()}

    few = ran()
    for number in range(1, 21):
        grow(studio, full.rows, number)
    many = ran()
    for name, before in few.items():
        with subtests.test(name):
            most = len(before) if name in OF_MANY_KINDS else min(MOST, len(before))
            # An action is missing if it is available for none of the newest rows.
            assert len(many.get(name, ())) <= most, "\n".join(many[name])
