"""`GET /customers` returns one of two documents under one path (contract, section 5)."""

import re
from typing import Any

import pytest

from config.tenancy.companies import Company
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
    monkeypatch.setattr("config.api.rendered_list.BATCH", 3)
    made: list[str] = []
    for _ in range(8):
        answer = integrator.get("/customers")
        assert names(answer) == made, "a stream ends well wherever its batches end"
        made.append(ACustomer(company=studio, name=f"n{len(made)}").name)
    answer = integrator.get("/customers")
    assert (answer.body["has_next_page"], answer.body["has_previous_page"]) == (False, False)
    first = integrator.get("/customers?limit=1").body
    assert answer.body["start_cursor"] == first["start_cursor"]
    assert integrator.get(f"/customers?after={answer.body['end_cursor']}").body["data"] == []


def test_cursors_pass_everybody_once_in_both_ways(integrator: Caller, studio: Company) -> None:
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


def test_the_archived_are_flagged_unless_left_out(integrator: Caller, studio: Company) -> None:
    ACustomer(company=studio, name="live")
    ACustomer(company=studio, name="gone", archived=True)
    everybody = integrator.get("/customers").body["data"]
    assert {one["name"]: one["archived"] for one in everybody} == {"live": False, "gone": True}
    assert names(integrator.get("/customers?archived=true")) == ["gone"]
    assert names(integrator.get("/customers?archived=false&limit=10")) == ["live"]


def test_moments_of_creation_bound_lists_inclusively(integrator: Caller, studio: Company) -> None:
    for name in "abc":
        ACustomer(company=studio, name=name)
    moments = {one["name"]: one["created_at"] for one in integrator.get("/customers").body["data"]}
    start, end = moments["b"], moments["b"]
    assert names(integrator.get(f"/customers?created_at_start={start}")) == ["b", "c"]
    assert names(integrator.get(f"/customers?created_at_end={end}")) == ["a", "b"]
    both = f"/customers?created_at_start={start}&created_at_end={end}&limit=5"
    assert names(integrator.get(both)) == ["b"]


def test_a_parameter_that_cannot_be_is_a_400_that_names_it(integrator: Caller) -> None:
    for query in (
        *("limit=0", "limit=-1", "limit=1001", "limit=ten", "limit=%D9%A1", "limits=1"),
        *("after=nonsense", "before=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "after=%00"),
        *("after=a&before=b", "archived=yes", "archive=1"),
        "created_at_start=99999-01-01T00:00:00Z",
    ):
        answer = integrator.get(f"/customers?{query}")
        name = query.partition("=")[0]
        code = "unknown_parameter" if name in ("limits", "archive") else "invalid_parameter"
        assert (answer.status, answer.body["code"]) == (400, code), query
        assert name in answer.body["validation_errors"]
        assert not re.search("[<>]", answer.body["message"])


SIDES = ("has_previous_page", "has_next_page")


@pytest.fixture
def ids(studio: Company) -> list[str]:
    made = [ACustomer(company=studio, first_name=f"Ann {n}") for n in range(5)]
    return [f"cust_{one.id.hex}" for one in reversed(made)]


def page(caller: Caller, query: str) -> tuple[list[str], Any]:
    answer = caller.get(f"/v1/customers?{query}")
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.body.pop("data")], answer.body


def test_pages_follow_one_another_newest_first_and_back(integrator: Caller, ids: list[str]) -> None:
    first, beside = page(integrator, "limit=2")
    assert (first, [beside[side] for side in SIDES]) == (ids[:2], [False, True])
    second, beside = page(integrator, f"limit=2&after={beside['end_cursor']}")
    assert (second, [beside[side] for side in SIDES]) == (ids[2:4], [True, True])
    third, beside = page(integrator, f"limit=2&after={beside['end_cursor']}")
    assert (third, [beside[side] for side in SIDES]) == (ids[4:], [True, False])
    back, beside = page(integrator, f"limit=2&before={beside['start_cursor']}")
    assert (back, [beside[side] for side in SIDES]) == (ids[2:4], [True, True])
    back, beside = page(integrator, f"limit=2&before={beside['start_cursor']}")
    assert (back, [beside[side] for side in SIDES]) == (ids[:2], [False, True])
    whole = integrator.get("/v1/customers?limit=100").body
    assert whole["data"] == integrator.get("/v1/customers").body["data"]
    none, after = page(integrator, f"limit=5&after={whole['end_cursor']}")
    assert (none, after["start_cursor"], after["end_cursor"]) == ([], None, None)
    assert [after[side] for side in SIDES] == [True, False]


def test_filters_hold_between_cursors_and_on_pages(integrator: Caller, ids: list[str]) -> None:
    found, beside = page(integrator, "limit=1&search=ann")
    rest, _ = page(integrator, f"limit=9&search=ann&after={beside['end_cursor']}")
    assert found + rest == ids
    assert page(integrator, "limit=9&search=bob")[0] == []
    second, beside = page(integrator, "search=ann&page=2&per_page=2")
    assert second == ids[2:4]
    assert beside["pagination"] == {"page": 2, "per_page": 2, "total": 5, "total_pages": 3}


def test_a_page_has_a_number_or_lies_between_cursors(integrator: Caller, ids: list[str]) -> None:
    for query in ("page=2&limit=2", "per_page=2&after=x", "before=x&page=3"):
        answer = integrator.get(f"/v1/customers?{query}")
        assert answer.status == 400, query
        assert "not both" in answer.body["error"]["message"]
    # Generated clients send default values, which contradict nothing.
    assert page(integrator, "page=1&per_page=25&limit=2")[0] == ids[:2]
    assert "pagination" in page(integrator, "page=1&per_page=25")[1]
