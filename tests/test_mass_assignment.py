"""No request can set a field that only the server writes (threats 23 and 24).

The cases come from the OpenAPI document and from the models: every body, and every object in a
body, gets every field of every model, and some that attackers would try. v1 refuses these fields;
the other surfaces ignore and report them.
"""

from collections.abc import Iterator
from itertools import batched
from typing import Any

import pytest
from django.apps import apps
from django.urls import resolve
from rest_framework.exceptions import ValidationError

from config.api.unknown import MOST_UNKNOWN, UnknownNames, near_miss
from config.tenancy.companies import Company
from tests.api_routes import fill, make_rows
from tests.callers import Caller
from tests.contract import query_parameters, reads, resolved, writes
from tests.refusals import fields_of
from tests.shares import undone

OURS = ("access", "changes", "customers", "billing", "credits", "bookings")
THOUGHT_OF = ("company", "company_id", "balance", "status", "is_staff", "is_superuser", "__class__")


def objects_in(schema: dict[str, Any], where: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield the prefix of each object in a body ("" for the body) and the names of its fields.

    The prefix of an object in a list contains the index 0.
    """
    schema = resolved(schema)
    if schema.get("type") == "array":
        yield from objects_in(schema["items"], f"{where}0.")
    if "properties" in schema:
        yield where, set(schema["properties"])
        for name, part in schema["properties"].items():
            yield from objects_in(part, f"{where}{name}.")


def nested(where: str, part: dict[str, Any]) -> Any:
    """Return a body with an object at a prefix such as `places.0.`, and nothing else."""
    here, _, inner = where.partition(".")
    if not here:
        return part
    return [nested(inner, part)] if here == "0" else {here: nested(inner, part)}


def every_field() -> set[str]:
    """Return the names of all columns of our own models."""
    return {
        name
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }


CASES = [
    (path, method, where, fields)
    for path, method, schema in writes()
    for where, fields in objects_in(schema)
    # An item of a batch has the same fields as `PUT /v1/customers`.
    if not where.startswith("customers.0.")
]


def test_there_are_cases() -> None:
    lists = (
        "line_items.0.",
        "places.0.",
        "pricing_options.0.",
        "dates.0.",
        "payments.0.",
        "passes.0.",
        "subscriptions.0.",
        "media.0.",
        "owed.0.",
    )
    assert {where for _, _, where, _ in CASES} == {"", "address.", "payment.", *lists}
    fields = {"is_default", "redeemed_at", "token", "archived_at", "spaces_taken", "covered"}
    assert fields <= every_field()


def test_a_body_takes_its_documented_fields_and_no_other(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    rows = make_rows(studio)
    before = integrator.get("/customers").raw
    for path, method, where, fields in CASES:
        with subtests.test(f"{method} {path} {where}"), undone():
            url, sent = fill(path, rows), sorted(set(THOUGHT_OF) - fields)
            ignored = [name for name in sent if may_ignore(url, method, where, name)]
            if ignored:
                answer = integrator(method, url, nested(where, dict.fromkeys(ignored, "x")))
                told = answer.headers["Ignored-Fields"].split(", ")
                assert told == [f"{where}{name}" for name in ignored]
            if refused := {*sent} - {*ignored}:
                answer = integrator(method, url, nested(where, dict.fromkeys(refused, "x")))
                assert answer.status == 400
                assert fields_of(answer) >= {f"{where}{name}" for name in refused}
            assert integrator.get("/customers").raw == before
            for names in batched(sorted(every_field() - fields), MOST_UNKNOWN):
                unknown, taken = read(url, method, nested(where, dict.fromkeys(names, "x")))
                assert unknown == {f"{where}{name}" for name in names}, "each is named"
                assert "x" not in str(taken), "none is taken"


def may_ignore(url: str, method: str, where: str, name: str) -> bool:
    """Return whether a field is ignored: on lenient surfaces, and on v1 if it is read-only."""
    view = resolve(url).func.cls
    if view.surface.is_lenient or where or method not in ("PATCH", "PUT"):
        return view.surface.is_lenient
    return name in view.shape_of("retrieve")._declared_fields


def read(url: str, method: str, body: dict[str, Any]) -> tuple[set[str], dict[str, Any]]:
    """Return the unknown names of a body, and the values that the server would accept."""
    view = resolve(url).func
    known = UnknownNames(is_lenient=view.cls.surface.is_lenient)
    accepted = view.cls.accepts[view.actions[method.lower()]](
        data=body,
        partial=method == "PATCH",
        context={"unknown": UnknownNames(is_lenient=known.is_lenient)},
    )
    refused = {fault.param for fault in accepted.find_unknown(body, known)}
    unknown = refused | set(known.ignored)
    try:
        accepted.is_valid(raise_exception=True)
    except ValidationError:
        return unknown, {}
    return unknown, accepted.validated_data


READS = [(path, set(query_parameters(operation))) for path, operation in reads()]


def test_a_list_is_filtered_and_sorted_by_what_is_documented_alone(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    rows = make_rows(studio)
    tries = {"ordering", "sort", "order_by", "fields", "include", "format", "_connector", "q"}
    tries |= {"email__startswith", "company_id", "company__name"}
    for path, allowed in READS:
        with subtests.test(path):
            unknown = sorted(tries - allowed)
            is_strict = path.startswith("/v1/")
            refused = [name for name in unknown if is_strict or near_miss(name, allowed)]
            answer = integrator.get(f"{fill(path, rows)}?{'&'.join(f'{n}=x' for n in refused)}")
            assert answer.status == (400 if refused else 200)
            assert not refused or fields_of(answer) == set(refused)
            if ignored := [name for name in unknown if name not in refused]:
                query = "&".join(f"{name}=x" for name in ignored)
                answer = integrator.get(f"{fill(path, rows)}?{query}")
                assert (answer.status, answer.headers["Ignored-Fields"]) == (
                    200,
                    ", ".join(ignored),
                )
