"""Filters and sorting of `/v1/customers`: external id, e-mail address and last change."""

from typing import Any
from urllib.parse import quote

import pytest

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_address, archive_customer, pause_customer
from customers.models import Address, Customer
from tests.callers import Caller
from tests.config.test_plans import answered, is_slow, plans
from tests.factories import ACustomer, act
from tests.refusals import refusal

LIST = "/v1/customers"


def names(caller: Caller, query: str) -> list[str]:
    answer = caller.get(f"{LIST}?{query}")
    assert answer.status == 200, answer
    return [one["first_name"] for one in answer.body["data"]]


def make(studio: Company, *letters: str, **fields: Any) -> list[Customer]:
    return [ACustomer(company=studio, first_name=letter, **fields) for letter in letters]


def touch(caller: Caller, customer: Customer) -> str:
    """Change a customer, and return its new `updated_at`."""
    preferences = {"touched": str(caller.get(f"{LIST}/{customer.id}").body["updated_at"])}
    return caller.patch(f"{LIST}/{customer.id}", {"preferences": preferences}).body["updated_at"]


def test_a_customer_is_found_by_external_id_and_by_email(
    integrator: Caller, studio: Company, rival: Company
) -> None:
    ACustomer(company=studio, first_name="A", external_id="m/17", email="Ana.Díaz@Example.com")
    ACustomer(company=studio, first_name="B", external_id="M/17", email="ana@example.com")
    ACustomer(company=studio, first_name="C", external_id="m/1", email="")
    ACustomer(company=studio, first_name="D", external_id="gone", archived=True)
    ACustomer(company=studio, first_name="E", external_id="gone")
    ACustomer(company=rival, first_name="F", external_id="m/17", email="ana@example.com")
    for query, found in (
        ("external_id=m/17", "A"),
        ("external_id=%20m/17%20", "A"),
        ("external_id=gone", "ED"),
        ("external_id=gone&status=active", "E"),
        ("external_id=m/", ""),
        ("email=ana@EXAMPLE.com", "B"),
        (f"email={quote('ana.díaz@example.com')}", "A"),
        ("email=ana", ""),
        ("email=ana@example.com&external_id=m/17", ""),
        ("email=&external_id=", "EDCBA"),
    ):
        assert names(integrator, query) == list(found), query
    for query in ("external_id=" + "a" * 201, "email=" + "a" * 255, "email=a%00b"):
        assert refusal(integrator.get(f"{LIST}?{query}"))[0] == 400, query


def test_every_change_of_a_customer_moves_the_time_of_its_last_change(
    integrator: Caller, studio: Company
) -> None:
    (customer,) = make(studio, "A", address={"street": "1 High Street"})
    path = f"{LIST}/{customer.id}"
    with acting_for(studio.id):
        address = Address.objects.get(customer=customer)

    def archive() -> None:
        act(studio, archive_customer, customer)

    for change in (
        lambda: integrator.patch(path, {"external_id": "m-1"}),
        lambda: integrator.patch(path, {"preferences": {"mat": "blue"}}),
        lambda: integrator.put(f"{LIST}?external_id=m-1", {"last_name": "Ng"}),
        lambda: integrator.put(f"{LIST}?external_id=m-1", {"address": {"city": "Leeds"}}),
        lambda: integrator.post(f"{path}/addresses", {"label": "Home"}),
        lambda: integrator.patch(f"{path}/addresses/{address.id}", {"city": "York"}),
        lambda: act(studio, archive_address, address),
        lambda: act(studio, pause_customer, customer),
        archive,
        lambda: integrator.post(f"{path}/restore"),
    ):
        before = integrator.get(path).body["updated_at"]
        assert names(integrator, f"updated_after={before}") == []
        change()
        assert names(integrator, f"updated_after={before}") == ["A"], change
        assert integrator.get(path).body["updated_at"] > before


def test_a_list_is_sorted_in_each_order_by_both_ways_to_page(
    integrator: Caller, studio: Company
) -> None:
    made = make(studio, *"ABCDE")
    for at in (3, 0, 4):
        touch(integrator, made[at])
    for sort, order in (
        ("created_at", "ABCDE"),
        ("-created_at", "EDCBA"),
        ("updated_at", "BCDAE"),
        ("-updated_at", "EADCB"),
    ):
        query = f"sort={sort}"
        assert names(integrator, query) == list(order)
        pages = [names(integrator, f"{query}&per_page=2&page={page}") for page in (1, 2, 3)]
        assert pages == [list(order[:2]), list(order[2:4]), list(order[4:])]
        seen, after = "", ""
        while True:
            page = integrator.get(f"{LIST}?{query}&limit=2{after}").body
            seen += "".join(one["first_name"] for one in page["data"])
            assert page["has_previous_page"] is (after != "")
            if not page["has_next_page"]:
                break
            after = f"&after={page['end_cursor']}"
        assert seen == order
        back = integrator.get(f"{LIST}?{query}&limit=2&before={page['start_cursor']}").body
        assert [one["first_name"] for one in back["data"]] == list(order[2:4])
        assert (back["has_next_page"], back["has_previous_page"]) == (True, True)
    assert names(integrator, "") == list("EDCBA"), "the newest first unless asked"
    assert refusal(integrator.get(f"{LIST}?sort=email")) == (400, "invalid_parameter", "sort")


def test_rows_of_one_moment_are_listed_once(integrator: Caller, studio: Company) -> None:
    make(studio, *"ABCDE")
    with acting_for(studio.id):
        Customer.objects.update(updated_at="2026-01-31T09:30:00Z")
    for sort, order in (("updated_at", "ABCDE"), ("-updated_at", "EDCBA")):
        first = integrator.get(f"{LIST}?sort={sort}&limit=2").body
        rest = integrator.get(f"{LIST}?sort={sort}&limit=9&after={first['end_cursor']}").body
        seen = [one["first_name"] for one in first["data"] + rest["data"]]
        assert seen == list(order), sort


def test_a_row_that_changes_while_pages_are_turned_comes_again_and_none_is_missed(
    integrator: Caller, studio: Company
) -> None:
    made = make(studio, *"ABCDE")
    first = integrator.get(f"{LIST}?sort=updated_at&limit=2").body
    touch(integrator, made[1])
    touch(integrator, made[2])
    rest = names(integrator, f"sort=updated_at&limit=9&after={first['end_cursor']}")
    assert rest == list("DEBC"), "the cursor stays, although its row has moved"


def test_a_cursor_is_good_for_its_own_order_alone(integrator: Caller, studio: Company) -> None:
    make(studio, *"ABC")
    by_id = integrator.get(f"{LIST}?limit=1").body["end_cursor"]
    by_change = integrator.get(f"{LIST}?sort=updated_at&limit=1").body["end_cursor"]
    assert names(integrator, f"limit=9&after={by_id}&sort=-created_at") == list("BA")
    for query in (f"sort=updated_at&after={by_id}", f"after={by_change}"):
        assert refusal(integrator.get(f"{LIST}?{query}")) == (400, "invalid_parameter", "after"), (
            query
        )


@pytest.mark.parametrize(
    "query",
    [
        "external_id=m-1",
        "email=ana@example.com",
        "sort=updated_at",
        "sort=-updated_at&limit=2",
        "updated_after=2026-01-01&sort=updated_at",
    ],
)
def test_every_filter_and_order_is_read_off_an_index(
    query: str, integrator: Caller, studio: Company
) -> None:
    make(studio, *"ABC", external_id="")
    ran = answered(integrator, f"{LIST}?{query}")[1]
    assert ran
    assert not [plan for plan in plans(studio, ran) if is_slow(plan, "customers_customer")]
