"""Every request gets a documented answer and never a 500 (threat 45).

Bodies and queries come from the OpenAPI document: valid and invalid values in every field, also in
nested fields. The suite sends 300 requests; to send more, run
`GARBAGE=5000 uv run pytest tests/test_garbage.py`.
"""

import os
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.tenancy.companies import Company
from tests.api_routes import fill, make_rows
from tests.callers import Caller
from tests.contract import query_parameters, reads, resolved, writes
from tests.shares import undone
from tests.test_two_companies import body_of, kind_of

NUMBER = int(os.environ.get("GARBAGE", "300"))

WORDS = [
    *("", " ", "x", "\x00", "\ud800", "a\u0000b", "‮", "x" * 5_000, "NULL", "0", "-1", "NaN"),
    *("4111 1111 1111 1111", "true", "2099-06-01", "2099-06-01T09:30", "2099-06-01T09:30:00Z"),
    *("9999-12-31T23:59:59-23:59", "0000-00-00", "P30D", "P99999999Y", "P-1D", "50.5", "1e400"),
    *("cash", "card", "failed", "a@b.example", "' OR 1=1 --", "%s", "%(x)s", "{}", "../../etc"),
]
NUMBERS = [0, 1, -1, 2, 60, 525_600, 2**31, 2**63, 10**13, 10**40, -(10**40), 0.5, 1e308, -0.0]
ANYTHING = st.recursive(
    st.sampled_from([None, True, False, *NUMBERS, *WORDS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "", "x", "$ref"]), inner, max_size=3)
    ),
    max_leaves=5,
)
PLAUSIBLE = ["2099-06-01T09:30Z", "2099-01-31", "Mallory", "P30D", "20", "a@b.example"]
RIGHT = {
    "integer": st.sampled_from([1, 5, 60, 900]),
    "boolean": st.booleans(),
    "object": st.just({"heat": 2}),
}
Values = st.SearchStrategy[Any]

READS, WRITES = reads(), writes()


def mostly(path: str, schema: dict[str, Any], ids: dict[str, str], name: str = "") -> Values:
    """Return a strategy for values that mostly fit a schema, including nested values."""
    schema = resolved(schema)
    if "properties" in schema:
        parts = {
            inner: mostly(path, part, ids, f"{name}.{inner}")
            for inner, part in schema["properties"].items()
        }
        needed = {inner: parts.pop(inner) for inner in schema.get("required", [])}
        return often(st.fixed_dictionaries(needed, optional=parts))
    if schema.get("type") == "array":
        return often(st.lists(mostly(path, schema["items"], ids, f"{name}.0"), max_size=2))
    if name.endswith("_id") and kind_of(name) in ids:
        return often(st.just(ids[kind_of(name)]))
    if "enum" in schema:
        return often(st.sampled_from(schema["enum"]))
    return often(RIGHT.get(str(schema.get("type", "string")), st.sampled_from(PLAUSIBLE)))


def often(right: Values) -> Values:
    return st.one_of(*[right] * 9, ANYTHING)


@st.composite
def bodies(draw: Any, ids: dict[str, str]) -> tuple[str, str, Any]:
    """Draw a body that is valid except for a few fields, or now and then an arbitrary one."""
    path, method, schema = draw(st.sampled_from(WRITES))
    fields = resolved(schema)["properties"]
    body = body_of(path, method, ids) or {}
    if draw(st.integers(0, 9)):
        for name in draw(st.lists(st.sampled_from(sorted(fields)), max_size=3, unique=True)):
            body[name] = draw(mostly(path, fields[name], ids, name))
    else:
        body = draw(mostly(path, schema, ids))
    return fill(path, ids), method, body


@st.composite
def queries(draw: Any, ids: dict[str, str]) -> str:
    path, operation = draw(st.sampled_from(READS))
    named = query_parameters(operation)
    words = st.sampled_from([*ids.values(), *(str(number) for number in NUMBERS), *WORDS])
    given = draw(st.dictionaries(st.sampled_from([*named, "x"]), words, max_size=3))
    return f"{fill(path, ids)}?{urlencode(given, errors='surrogatepass')}"


def holding(number: int) -> settings:
    """Return the settings of a test: fixed examples by default, random ones if GARBAGE is set."""
    return settings(
        max_examples=number,
        deadline=None,
        derandomize="GARBAGE" not in os.environ,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def test_no_body_breaks_anything(integrator: Caller, studio: Company) -> None:
    ids = make_rows(studio)
    seen: set[int] = set()

    @holding(NUMBER)
    @given(bodies(ids))
    def send(case: tuple[str, str, Any]) -> None:
        path, method, body = case
        with undone():
            answer = integrator(method, path, body)
        assert answer.status < 500, (method, path, body, answer)
        seen.add(answer.status)

    send()
    assert seen >= {200, 201, 400, 409, 422}, "right ones are among them"


def test_no_query_breaks_anything(integrator: Caller, studio: Company) -> None:
    ids = make_rows(studio)
    seen: set[int] = set()

    @holding(NUMBER // 3)
    @given(queries(ids))
    def send(path: str) -> None:
        answer = integrator.get(path)
        assert answer.status < 500, (path, answer)
        seen.add(answer.status)

    send()
    assert seen == {200, 400}
