"""What only the server writes is written by nobody else (threats 23 and 24).

The cases are made from the OpenAPI document and from the models: every body is sent every field of
every model, and a few that attackers think of.
"""

from typing import Any

import pytest
from django.apps import apps

from config.access.models import Company
from tests.callers import Caller
from tests.contract import document, operations
from tests.slots import fill, make_rows

OURS = ("access", "customers", "billing", "credits")
THOUGHT_OF = ("company", "company_id", "balance", "status", "is_staff", "is_superuser", "__class__")


def documented(operation: dict[str, Any]) -> set[str] | None:
    """Return the fields that a body may have, None for an operation that takes no JSON."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    name = content["schema"]["$ref"].rpartition("/")[2]
    return set(document()["components"]["schemas"][name]["properties"])


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
    (path, method, fields)
    for path, method, operation in operations()
    if (fields := documented(operation)) is not None and path != "/token"
]


def test_there_are_cases() -> None:
    assert len(CASES) > 5
    assert {"is_default", "redeemed_at", "token", "archived_at"} <= every_field()


@pytest.mark.parametrize(("path", "method", "fields"), CASES)
def test_a_body_takes_its_documented_fields_and_no_other(
    integrator: Caller, studio: Company, path: str, method: str, fields: set[str]
) -> None:
    url = fill(path, make_rows(studio))
    before = integrator.get("/customers").raw
    for name in sorted((every_field() | set(THOUGHT_OF)) - fields):
        answer = integrator(method, url, {name: "x"})
        assert answer.status == 400, name
        assert name in answer.raw.decode(), f"{name} is named"
    assert integrator.get("/customers").raw == before


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (path, {parameter["name"] for parameter in operation.get("parameters", [])})
        for path, method, operation in operations()
        if method == "GET"
    ],
)
def test_a_list_is_filtered_and_sorted_by_what_is_documented_alone(
    integrator: Caller, studio: Company, path: str, allowed: set[str]
) -> None:
    url = fill(path, make_rows(studio))
    tries = {"ordering", "sort", "order_by", "fields", "include", "format", "_connector", "q"}
    for name in sorted((tries | {"email__startswith", "company_id", "company__name"}) - allowed):
        answer = integrator.get(f"{url}?{name}=x")
        assert answer.status == 400, name
