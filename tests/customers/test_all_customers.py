"""`GET /customers`: two documents, one path (contract, section 5)."""

import re
from typing import Any

import pytest

from config.access.models import Company
from tests.callers import Caller
from tests.factories import ACustomer


def names(answer: Any) -> list[str]:
    return [one["name"] for one in answer.body["data"]]


def test_a_record_serves_both_documents(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(
        company=studio,
        first_name="Luís",
        last_name="Gonçalves",
        name="Embraer",
        email="luisg@embraer.example",
        phone="+55 (12) 3923-5555",
        external_id="1",
        address={"street": "Av. Faria Lima", "city": "São José", "country": "Brazil"},
    )
    answer = integrator.get("/customers")
    record = answer.body["data"][0]
    assert record == {
        "id": f"cust_{customer.id.hex}",
        "type": "customer",
        "firstname": "Luís",
        "lastname": "Gonçalves",
        "email": "luisg@embraer.example",
        "mobile": "+55 (12) 3923-5555",
        "archived": False,
        "name": "Embraer",
        "legal_name": None,
        "ein": None,
        "external_id": "1",
        "default_payment_method_id": None,
        "street_address": "Av. Faria Lima",
        "sub_premise": None,
        "city": "São José",
        "state": None,
        "postal_code": None,
        "country": "Brazil",
        "created_at": record["created_at"],
    }
    account = integrator.get(f"/customers/{customer.id}").body
    profile = integrator.get(f"/customer/{customer.id}/profile").body["data"]
    assert account.items() <= record.items()
    assert profile.items() <= record.items()


def test_without_paging_comes_every_customer(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [ACustomer(company=studio, name=f"n{n}") for n in range(7)]
    monkeypatch.setattr("config.api.rows.BATCH", 3)
    answer = integrator.get("/customers")
    assert names(answer) == [customer.name for customer in made]
    assert (answer.body["has_next_page"], answer.body["has_previous_page"]) == (False, False)
    first = integrator.get("/customers?limit=1").body
    assert answer.body["start_cursor"] == first["start_cursor"]
    assert integrator.get(f"/customers?after={answer.body['end_cursor']}").body["data"] == []


@pytest.mark.parametrize("count", [0, 3, 6])
def test_a_stream_ends_well_wherever_its_batches_end(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    for n in range(count):
        ACustomer(company=studio, name=f"n{n}")
    monkeypatch.setattr("config.api.rows.BATCH", 3)
    assert names(integrator.get("/customers")) == [f"n{n}" for n in range(count)]


def test_cursors_walk_through_everybody_once_in_both_ways(
    integrator: Caller, studio: Company
) -> None:
    made = [ACustomer(company=studio, name=f"n{n}").name for n in range(7)]
    for way, there, more in (
        ("after", "end_cursor", "has_next_page"),
        ("before", "start_cursor", "has_previous_page"),
    ):
        seen: list[list[str]] = []
        query = "limit=3"
        if way == "before":
            past = integrator.get("/customers?limit=1000").body["end_cursor"]
            seen, query = [[made[-1]]], f"limit=3&before={past}"
        while query:
            page = integrator.get(f"/customers?{query}").body
            seen.append([one["name"] for one in page["data"]])
            query = f"limit=3&{way}={page[there]}" if page[more] else ""
        pages = seen if way == "after" else seen[::-1]
        assert [name for page in pages for name in page] == made


def test_both_ends_are_told_even_of_an_empty_page(integrator: Caller, studio: Company) -> None:
    ACustomer(company=studio)
    only = integrator.get("/customers?limit=5").body
    after = integrator.get(f"/customers?after={only['end_cursor']}").body
    before = integrator.get(f"/customers?before={only['start_cursor']}").body
    empty = {"data": [], "start_cursor": None, "end_cursor": None}
    assert after == empty | {"has_next_page": False, "has_previous_page": True}
    assert before == empty | {"has_next_page": True, "has_previous_page": False}


def test_archived_customers_are_there_and_flagged_unless_asked_otherwise(
    integrator: Caller, studio: Company
) -> None:
    ACustomer(company=studio, name="live")
    ACustomer(company=studio, name="gone", archived=True)
    everybody = integrator.get("/customers").body["data"]
    assert {one["name"]: one["archived"] for one in everybody} == {"live": False, "gone": True}
    assert names(integrator.get("/customers?archived=true")) == ["gone"]
    assert names(integrator.get("/customers?archived=false&limit=10")) == ["live"]


def test_moments_of_creation_bound_the_list_inclusively(
    integrator: Caller, studio: Company
) -> None:
    for name in "abc":
        ACustomer(company=studio, name=name)
    moments = {one["name"]: one["created_at"] for one in integrator.get("/customers").body["data"]}
    start, end = moments["b"], moments["b"]
    assert names(integrator.get(f"/customers?created_at_start={start}")) == ["b", "c"]
    assert names(integrator.get(f"/customers?created_at_end={end}")) == ["a", "b"]
    both = f"/customers?created_at_start={start}&created_at_end={end}&limit=5"
    assert names(integrator.get(both)) == ["b"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=%D9%A1", "limit"),
        ("after=nonsense", "after"),
        ("after=", "after"),
        ("before=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "before"),
        ("after=%00", "after"),
        ("after=a&before=b", "after"),
        ("archived=yes", "archived"),
        ("created_at_start=99999-01-01T00:00:00Z", "created_at_start"),
        ("page=1", "page"),
        ("search=x", "search"),
    ],
)
def test_a_parameter_that_cannot_be_is_a_400_that_names_it(
    integrator: Caller, query: str, field: str
) -> None:
    answer = integrator.get(f"/customers?{query}")
    assert (answer.status, answer.body["code"]) == (400, "bad_request")
    assert field in answer.body["validation_errors"]
    assert not re.search("[<>]", answer.body["message"])
