"""The naming rules of v1 (contract, section 2 and beyond), checked for every operation.

Schemas that another surface shows too keep the names of that surface's document.
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
# Schemas without a currency: the object that contains them has it, as v1's document says.
WITHIN = {"LineItem", "InvoiceTax", "BookingPricing", "CreditNoteTax"}
# Durations of ISO 8601 are in upper case.
PERIOD = re.compile(r"P\d+[DWMY]")
# The `state` of an address is a region, not a status.
ADDRESSES = {"Address", "BookingAddress", "ChangedAddress", "CustomerAddress", "NewAddress"}
# Names of times without the suffix `_at`; Standard Webhooks prescribes `timestamp`.
INSTANTS = {"as_of", "at", "timestamp"}

# Schemas that are not named after the last noun of the path: `audit` lists changes, `state` belongs
# to a customer, `dates` to an event, and `uses` to a pass.
NOUNS = {
    "audit": "Change", "dates": "EventDate", "media": "Media", "state": "CustomerState",
    "uses": "PassUse",
}  # fmt: skip
# Schemas whose names differ from the noun of their path: a delivery with its attempts, a new
# webhook with its secret, the means of payment, and the balance of a customer.
SPECIAL = {"CustomerBalance", "DeliveryWithLog", "PaymentMeans", "WebhookWithSecret"}


def schemas(part: Any, known: set[str]) -> set[str]:
    """Add the names of all schemas that a part of the document refers to, and return them."""
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
    """Return the schemas that only v1 uses, by name."""
    parts: dict[bool, list[Any]] = {True: [], False: []}
    for path, _, operation in operations():
        answers = {status: one for status, one in operation["responses"].items() if status < "3"}
        parts[path.startswith(V1)].append([answers, operation.get("requestBody")])
    parts[True].append([*document()["webhooks"].values()])
    names = schemas(parts[True], set()) - schemas(parts[False], set())
    return {name: document()["components"]["schemas"][name] for name in sorted(names)}


def words(part: Any) -> Iterator[str]:
    """Yield every value of every enum."""
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
        assert name not in ("duration", "milliseconds", "minutes"), where
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


def named_after(path: str) -> str:
    """Return the expected schema name of a path: the singular of its last noun."""
    noun = [part for part in path.split("/") if not part.startswith("{")][-1]
    if noun in NOUNS:
        return NOUNS[noun]
    one = re.sub(r"(?<=ss)es$|ies$|s$", lambda end: "y" if end[0] == "ies" else "", noun)
    return "".join(word.title() for word in one.split("-"))


def item_of(schema: dict[str, Any]) -> str:
    """Return the schema name of an object, or of the objects in a page."""
    name = schema.get("oneOf", [schema])[0]["$ref"].rpartition("/")[2]
    listed = document()["components"]["schemas"][name].get("properties", {}).get("data", {})
    return item_of(listed["items"]) if name.endswith("Page") else name


def body_of(part: dict[str, Any]) -> dict[str, Any]:
    return part["content"]["application/json"]["schema"]


def test_a_schema_is_named_after_the_noun_of_its_path() -> None:
    """Clients generated from the document use these names for their types."""
    shown, taken = set[str](), set[str]()
    for path, method, operation in operations():
        noun = named_after(path)
        if not path.startswith(V1) or (method == "POST" and "201" not in operation["responses"]):
            continue
        good = min(operation["responses"])
        if "Content-Disposition" in operation["responses"][good].get("headers", {}):
            continue  # The response is a file.
        name = item_of(body_of(operation["responses"][good]))
        assert name in {noun, *SPECIAL} or noun == "Refund", (method, path, name)
        shown.add(name)
        if method in ("POST", "PATCH"):
            prefix = "New" if method == "POST" else "Changed"
            assert item_of(body_of(operation["requestBody"])) == f"{prefix}{noun}", (method, path)
            taken.add(f"{prefix}{noun}")
    assert len(shown) > 25
    assert len(taken) > 30


def test_a_change_shows_an_object_as_its_own_address_does() -> None:
    known = document()["components"]["schemas"]
    changes = [name for name in known if re.fullmatch(r"(?!Changed).+Change", name)]
    assert len(changes) > 20
    for name in changes:
        shown = known[name]["properties"]["data"]["properties"]["object"]
        # A webhook's URL may contain a secret, so the change feed does not show it.
        of_event = "WebhookOfEvent" if name == "WebhookChange" else name.removesuffix("Change")
        assert shown["oneOf"][0]["$ref"].rpartition("/")[2] == of_event


def test_an_operation_is_named_by_its_path_and_its_verb() -> None:
    """The log of requests uses the same id, and generated clients name their functions after it."""
    verbs = {"GET": {"list", "read"}, "POST": {"create"}, "PUT": {"upsert"}, "PATCH": {"change"}}
    named = dict[str, str]()
    for path, method, operation in operations():
        if not path.startswith(V1):
            continue
        id = operation["operationId"]
        assert id not in named, id
        named[id] = path
        words = re.sub(r"/\{\w+\}", "", path).strip("/").replace("/", "_").replace("-", "_")
        last = path.rpartition("/")[2]
        is_verb = id == words
        assert is_verb or id.removeprefix(f"{words}_") in verbs[method], (id, path)
        # A GET ends in a noun, except for sums.
        assert not is_verb or method == "POST" or last == "balance", id
    assert named["v1_customers_credits_redemptions_reverse"].endswith("/redemptions/{id}/reverse")
    assert {"v1_customers_eligibility", "v1_webhooks_test", "v1_webhooks_redeliver"} <= named.keys()
