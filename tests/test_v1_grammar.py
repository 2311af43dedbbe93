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
WITHIN = {"LineItem", "InvoiceTax", "BookingPricing", "CreditNoteTax"}
# Codes of ISO 8601 keep their case.
PERIOD = re.compile(r"P\d+[DWMY]")
# An address has a state, which is no status.
ADDRESSES = {"Address", "BookingAddress", "ChangedAddress", "CustomerAddress", "NewAddress"}
# What says itself that it is a point in time; `timestamp` is named by Standard Webhooks.
INSTANTS = {"as_of", "at", "timestamp"}

# Of the change feed each customer's audit is a part; `state` is the whole of a customer, `balance`
# that of the credits; a date of an event and a use of a pass are named by both.
NOUNS = {
    "audit": "Change", "dates": "EventDate", "media": "Media", "state": "CustomerState",
    "uses": "PassUse",
}  # fmt: skip
# A delivery that is read alone has its attempts; a new webhook shows its secret; a refund is a
# payment that goes back; what pays for a booking is named by its kind; the balance of credits alone
# is another one than a customer's.
SPECIAL = {"CustomerBalance", "DeliveryWithLog", "PaymentMeans", "WebhookWithSecret"}


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
    """Return the name of the schema of what a path lists or shows: the singular of its noun."""
    noun = [part for part in path.split("/") if not part.startswith("{")][-1]
    if noun in NOUNS:
        return NOUNS[noun]
    one = re.sub(r"(?<=ss)es$|ies$|s$", lambda end: "y" if end[0] == "ies" else "", noun)
    return "".join(word.title() for word in one.split("-"))


def item_of(schema: dict[str, Any]) -> str:
    """Return the name of the schema of an object, or of the objects that a page lists."""
    name = schema.get("oneOf", [schema])[0]["$ref"].rpartition("/")[2]
    listed = document()["components"]["schemas"][name].get("properties", {}).get("data", {})
    return item_of(listed["items"]) if name.endswith("Page") else name


def body_of(part: dict[str, Any]) -> dict[str, Any]:
    return part["content"]["application/json"]["schema"]


def test_a_schema_is_named_after_the_noun_of_its_path() -> None:
    """Clients generated from the document call their types by these names."""
    shown, taken = set[str](), set[str]()
    for path, method, operation in operations():
        noun = named_after(path)
        if not path.startswith(V1) or (method == "POST" and "201" not in operation["responses"]):
            continue
        good = min(operation["responses"])
        if "Content-Disposition" in operation["responses"][good].get("headers", {}):
            continue  # It sends a file.
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
        # Readers of changes are not shown the address of a webhook, which may be a key.
        of_event = "WebhookOfEvent" if name == "WebhookChange" else name.removesuffix("Change")
        assert shown["oneOf"][0]["$ref"].rpartition("/")[2] == of_event


def test_an_operation_is_named_by_its_path_and_its_verb() -> None:
    """The id is that of the log of requests as well, and what a generated client calls."""
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
        # What is read by GET is a noun, but for sums.
        assert not is_verb or method == "POST" or last == "balance", id
    assert named["v1_customers_credits_redemptions_reverse"].endswith("/redemptions/{id}/reverse")
    assert {"v1_customers_eligibility", "v1_webhooks_test", "v1_webhooks_redeliver"} <= named.keys()
