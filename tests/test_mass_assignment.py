"""What only the server writes is written by nobody else (threats 23 and 24).

The cases are made from the OpenAPI document and from the models: every body, and every object that
a body nests, is sent every field of every model, and a few that attackers think of.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.urls import resolve
from rest_framework.exceptions import ValidationError

from config.access.models import Company
from config.api.errors import problem_of
from config.api.problems import Problem
from tests.callers import Caller
from tests.contract import document, operations
from tests.shares import shares, undone
from tests.slots import fill, make_rows

OURS = ("access", "changes", "customers", "billing", "credits", "bookings")
THOUGHT_OF = ("company", "company_id", "balance", "status", "is_staff", "is_superuser", "__class__")


def documented(operation: dict[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Yield where an object stands in a body, "" for the body itself, and what it may have."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        yield from objects_in(content["schema"])


def objects_in(schema: dict[str, Any], where: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield the objects that a schema describes; those in a list stand at its 0."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "array":
        yield from objects_in(schema["items"], f"{where}0.")
    if "properties" in schema:
        yield where, set(schema["properties"])
        for name, part in schema["properties"].items():
            yield from objects_in(part, f"{where}{name}.")


def nested(where: str, part: dict[str, Any]) -> Any:
    """Return a body that has nothing but an object where it is told: `places.0.`."""
    here, _, inner = where.partition(".")
    if not here:
        return part
    return [nested(inner, part)] if here == "0" else {here: nested(inner, part)}


def every_field() -> set[str]:
    """Return the name of every column of our own models."""
    return {
        name
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }


CASES = [
    (path, method, where, fields)
    for path, method, operation in operations()
    for where, fields in documented(operation)
    if path != "/token"
]


def test_there_are_cases() -> None:
    assert {where for _, _, where, _ in CASES} == {
        *(
            "",
            "address.",
            "line_items.0.",
            "payment.",
            "places.0.",
            "pricing_options.0.",
            "dates.0.",
        )
    }
    fields = {"is_default", "redeemed_at", "token", "archived_at", "spaces_taken", "covered"}
    assert fields <= every_field()


@pytest.mark.parametrize("share", shares(CASES))
def test_a_body_takes_its_documented_fields_and_no_other(
    integrator: Caller,
    studio: Company,
    subtests: pytest.Subtests,
    share: list[tuple[str, str, str, set[str]]],
) -> None:
    rows = make_rows(studio)
    before = integrator.get("/customers").raw
    for path, method, where, fields in share:
        with subtests.test(f"{method} {path} {where}"), undone():
            url = fill(path, rows)
            for name in sorted(set(THOUGHT_OF) - fields):
                answer = integrator(method, url, nested(where, {name: "x"}))
                assert answer.status == 400, name
                assert f"{where}{name}: " in answer.raw.decode(), f"{name} is named"
            assert integrator.get("/customers").raw == before
            for name in sorted(every_field() - fields):
                problem = met(url, method, nested(where, {name: "x"}))
                assert problem.status == 400, name
                assert f"{where}{name}" in problem.fields, f"{name} is named"


def met(url: str, method: str, body: dict[str, Any]) -> Problem:
    """Return the problem that a body meets behind an address, past the way that leads there."""
    view = resolve(url).func
    accepted = view.cls.accepts[view.actions[method.lower()]](data=body, partial=method == "PATCH")
    with pytest.raises(ValidationError) as refused:
        accepted.is_valid(raise_exception=True)
    problem = problem_of(refused.value, view.cls.surface)
    assert problem is not None
    return problem


READS = [
    (path, {parameter["name"] for parameter in operation.get("parameters", [])})
    for path, method, operation in operations()
    if method == "GET"
]


@pytest.mark.parametrize("share", shares(READS))
def test_a_list_is_filtered_and_sorted_by_what_is_documented_alone(
    integrator: Caller,
    studio: Company,
    subtests: pytest.Subtests,
    share: list[tuple[str, set[str]]],
) -> None:
    rows = make_rows(studio)
    tries = {"ordering", "sort", "order_by", "fields", "include", "format", "_connector", "q"}
    tries |= {"email__startswith", "company_id", "company__name"}
    for path, allowed in share:
        with subtests.test(path):
            for name in sorted(tries - allowed):
                answer = integrator.get(f"{fill(path, rows)}?{name}=x")
                assert answer.status == 400, name
