"""The grammar of v1 (contract, section 2 and what is beyond it), held for every operation.

Shapes that another surface shows as well keep the names of its document.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.contract import document, operations

V1 = "/v1/"
AMOUNTS = {
    *("amount", "amount_paid", "balance", "covered_amount", "discount", "price", "remaining"),
    *("revenue", "subtotal", "tax", "total", "total_spent", "unit_price"),
}
# Their currency stands beside them in the object that holds them, as v1's own document has it.
WITHIN = {"LineItem", "PricingOfBooking"}
# Codes of ISO 8601 keep their case.
PERIOD = re.compile(r"P\d+[DWMY]")
# An address has a state, which is no status.
ADDRESSES = {
    *("AddressOfBooking", "AddressRecord", "ChangedAddress", "CustomerAddress", "NewAddress")
}
# What says itself that it is a point in time; `timestamp` is named by Standard Webhooks.
INSTANTS = {"as_of", "at", "failing_since", "previous_secret_until", "timestamp"}


def schemas(part: Any, known: set[str]) -> set[str]:
    """Add the names of all schemas that a part of the document refers to."""
    if isinstance(part, list):
        for one in part:
            schemas(one, known)
    elif isinstance(part, dict):
        kind, _, name = str(part.get("$ref", "")).removeprefix("#/components/").partition("/")
        if kind == "schemas" and name not in known:
            known.add(name)
            schemas(document()["components"]["schemas"][name], known)
        for one in part.values():
            schemas(one, known)
    return known


def own_schemas() -> dict[str, Any]:
    """Return the schemas of v1 that no other surface uses, by name."""
    parts: dict[bool, list[Any]] = {True: [], False: []}
    for path, _, operation in operations():
        answers = {status: one for status, one in operation["responses"].items() if status < "3"}
        parts[path.startswith(V1)].append([answers, operation.get("requestBody")])
    parts[True].append([*document()["webhooks"].values()])
    names = schemas(parts[True], set()) - schemas(parts[False], set())
    return {name: document()["components"]["schemas"][name] for name in sorted(names)}


def words(part: Any) -> Iterator[str]:
    """Yield every word of every enum."""
    if isinstance(part, list):
        for one in part:
            yield from words(one)
    elif isinstance(part, dict):
        yield from (one for one in part.get("enum", ()) if isinstance(one, str))
        for one in part.values():
            yield from words(one)


def test_enums_are_in_lower_case() -> None:
    queries = [one["parameters"] for path, _, one in operations() if path.startswith(V1)]
    found = set(words([*own_schemas().values(), *queries]))
    assert len(found) > 50
    assert [word for word in sorted(found) if word != word.lower() and not PERIOD.match(word)] == []


def test_fields_are_named_by_what_they_hold() -> None:
    named = [
        (schema, name, one)
        for schema, parts in own_schemas().items()
        for name, one in parts.get("properties", {}).items()
    ]
    assert len(named) > 200
    for schema, name, one in named:
        where = f"{schema}.{name}"
        assert not name.endswith(("_date", "_time")), where
        assert name != "duration", where
        assert name != "state" or schema in ADDRESSES, where
        is_instant = one.get("format") == "date-time"
        assert not is_instant or name.endswith("_at") or name in INSTANTS, where
        assert name.endswith("_on") or one.get("format") != "date", where


def test_amounts_stand_beside_their_currency() -> None:
    answered = schemas([*document()["webhooks"].values()], set())
    for path, _, operation in operations():
        if path.startswith(V1):
            answers = operation["responses"].items()
            schemas([one for status, one in answers if status < "3"], answered)
    found = {
        name: AMOUNTS & schema.get("properties", {}).keys()
        for name, schema in own_schemas().items()
        if name in answered and "currency" not in schema.get("properties", {})
    }
    assert {name for name, amounts in found.items() if amounts} == WITHIN


def test_paths_are_words_with_hyphens_and_nothing_is_deleted_that_stays() -> None:
    for path, method, operation in operations():
        if not path.startswith(V1):
            continue
        plain = re.sub(r"/\{\w+\}", "", path)
        assert re.fullmatch(r"(/[a-z0-9-]+)+", plain), path
        if method == "DELETE":
            assert "204" in operation["responses"], path
