"""The log of API requests in the back-office, and the requests on the page of a credential."""

from time import monotonic
from typing import Any

from config.requests.actions import record_requests
from config.requests.models import RequestCount
from config.requests.recorder import Recorder
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.backoffice import Browser, page_of
from tests.callers import Caller
from tests.config.test_requests import UNKNOWN, counted
from tests.factories import ACustomer, AnApiRequest, make_api_client, make_api_key, make_staff


def tables_of(browser: Browser, row: Any) -> list[tuple[str, list[tuple[str, ...]], str]]:
    """Return the tables on a credential's page: title, rows, and the text if there are no rows."""
    tables = browser.get(page_of(row)).context["related"]
    return [
        (str(one["title"]), [tuple(map(str, cells)) for cells in one["rows"]], str(one["empty"]))
        for one in tables
    ]


def test_the_page_of_a_client_tells_what_it_uses_and_what_not(
    log: Recorder, browser: Browser, studio: Company
) -> None:
    scopes = ["customers:read", "plans:read", "notes:read"]
    key, text = make_api_key(studio, name="Site", scopes=scopes)
    requests, unused = tables_of(browser, key)
    assert requests == ("Requests", [], "None in the last 30 days.")
    assert len(unused[1]) == 3
    caller = Caller({"X-API-Key": text})
    for path in ("/v1/customers", "/v1/customers", f"/v1/customers/{UNKNOWN}", "/v1/coupons"):
        caller.get(path)
    log.flush()
    yesterday = counted(studio, int(monotonic() / 60) - 26 * 60, key.pk)
    notes = "v1_customers_notes_list"
    refused = yesterday._replace(operation=notes, scope="notes:read", status=403)
    record_requests(studio.id, [], {yesterday: 5_000, refused: 1})
    (_, used, _), (_, unused_rows, _) = tables_of(browser, key)
    assert used == [
        ("v1_plans_list", "0", "5,000", "0"),
        ("v1_customers_list", "2", "2", "0"),
        ("v1_coupons_list", "1", "1", "1"),
        (notes, "0", "1", "1"),
        ("v1_customers_read", "1", "1", "1"),
    ]
    ((scope, state),) = unused_rows
    assert scope == "<code>notes:read</code>"
    assert state.startswith("Not used since ")
    with acting_for(studio.id):
        RequestCount.objects.all().remove()
    assert len(tables_of(browser, key)[1][1]) == 3


def test_the_log_is_found_by_request_id_client_answer_and_operation(
    browser: Browser, studio: Company, rival: Company
) -> None:
    client, _ = make_api_client(studio, name="Sync", scopes=["plans:read"])
    AnApiRequest(company=studio, request_id="mine", credential_id=client.pk, status=503)
    AnApiRequest(company=studio, request_id="other")
    AnApiRequest(company=rival, request_id="theirs")
    record_requests(studio.id, [], {counted(studio, int(monotonic() / 60), client.pk): 1})
    lists = "/admin/requests/apirequest/"

    def found(**query: str) -> list[str]:
        page = browser.get(lists, **query)
        assert page.status_code == 200
        return [row.request_id for row in page.context["cl"].result_list]

    assert found() == ["other", "mine"]
    assert found(q="mine") == found(credential=str(client.pk)) == found(answer="5") == ["mine"]
    assert found(q="theirs") == found(call="v1_plans_list") == []
    page = browser.get(page_of(client)).text
    assert f"{lists}?credential={client.pk}" in page
    for role, status in (("manager", 200), ("read_only", 200), ("front_desk", 403)):
        staff = make_staff(studio, email=f"{role}@studio.example", role=role)
        assert Browser(staff).get(lists).status_code == status, role


def test_a_history_leads_from_a_change_to_its_request(
    log: Recorder, browser: Browser, integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    integrator.patch(f"/v1/customers/{customer.id}", {"last_name": "New"}, Request_Id="a+b/1")
    log.flush()
    page = browser.get(page_of(customer).replace("/change/", "/history/")).text
    link = "/admin/requests/apirequest/?q=a%2Bb/1"
    assert page.count("/admin/requests/apirequest/?q=") == 1
    assert link in page
    assert "/v1/customers/" in browser.get(link).text
