"""`GET /v1/customers` between cursors, beside its numbered pages."""

from typing import Any

import pytest

from config.access.models import Company
from tests.callers import Caller
from tests.factories import ACustomer

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


def test_behind_the_last_page_is_nothing(integrator: Caller, ids: list[str]) -> None:
    _, beside = page(integrator, "limit=5")
    none, after = page(integrator, f"limit=5&after={beside['end_cursor']}")
    assert (none, after["start_cursor"], after["end_cursor"]) == ([], None, None)
    assert [after[side] for side in SIDES] == [True, False]


def test_they_show_what_numbered_pages_show(integrator: Caller, ids: list[str]) -> None:
    numbered = integrator.get("/v1/customers").body["data"]
    assert integrator.get("/v1/customers?limit=100").body["data"] == numbered


def test_filters_hold_between_cursors(integrator: Caller, ids: list[str]) -> None:
    found, beside = page(integrator, "limit=1&search=ann")
    rest, _ = page(integrator, f"limit=9&search=ann&after={beside['end_cursor']}")
    assert found + rest == ids
    assert page(integrator, "limit=9&search=bob")[0] == []


@pytest.mark.parametrize("query", ["page=2&limit=2", "per_page=2&after=x", "before=x&page=3"])
def test_a_page_has_a_number_or_lies_between_cursors(query: str, integrator: Caller) -> None:
    answer = integrator.get(f"/v1/customers?{query}")
    assert answer.status == 400
    assert "not both" in answer.body["error"]["message"]


def test_defaults_that_a_generated_client_sends_contradict_nothing(
    integrator: Caller, ids: list[str]
) -> None:
    assert page(integrator, "page=1&per_page=25&limit=2")[0] == ids[:2]
    assert "pagination" in page(integrator, "page=1&per_page=25")[1]


def test_a_cursor_of_the_other_surface_is_none_of_this_list(
    integrator: Caller, ids: list[str]
) -> None:
    cursor = integrator.get("/customers?limit=1").body["end_cursor"]
    assert integrator.get(f"/v1/customers?after={cursor}").status == 400


def test_a_search_is_counted_and_paged_by_number_as_well(
    integrator: Caller, ids: list[str]
) -> None:
    answer = integrator.get("/v1/customers?search=ann&page=2&per_page=2").body
    assert [one["id"] for one in answer["data"]] == ids[2:4]
    assert answer["pagination"] == {"page": 2, "per_page": 2, "total": 5, "total_pages": 3}
