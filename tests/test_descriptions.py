"""The OpenAPI document describes everything that it names, so that it needs no other source."""

import re
from collections.abc import Iterator
from typing import Any

from tests.contract import document, operations, resolved

Described = tuple[str, str, str]

# Words that add no meaning to a name.
EMPTY = {"a", "an", "the", "this", "its", "of", "id", "is", "it"}
FEWEST_WORDS = 3


def words(text: str) -> list[str]:
    """Return the words of a text in lower case: `firstName` and `first_name` are two words each."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ").replace("-", " ")
    return re.findall(r"[\w']+", parted.lower())


def says_nothing(name: str, description: str) -> bool:
    """Return whether a description is missing, is too short, or only repeats the name."""
    said = words(description)
    known = EMPTY | {form for word in words(name) for form in (word, f"{word}s", f"{word}'s")}
    return len(said) < FEWEST_WORDS or set(said) <= known


def properties(schema: Any, place: str) -> Iterator[Described]:
    """Yield each property in a schema, with the schema's place, its name and its description."""
    if isinstance(schema, list):
        for one in schema:
            yield from properties(one, place)
    if not isinstance(schema, dict):
        return
    for name, inside in schema.get("properties", {}).items():
        yield f"{place}.{name}", name, inside.get("description", "")
        yield from properties(inside, f"{place}.{name}")
    for key in ("items", "additionalProperties", "allOf", "anyOf", "oneOf"):
        yield from properties(schema.get(key), place)


def bodies(part: dict[str, Any], place: str) -> Iterator[Described]:
    """Yield each property in the bodies of a request or a response."""
    for content in part.get("content", {}).values():
        yield from properties(content["schema"], place)


def parameters(found: list[dict[str, Any]], place: str) -> Iterator[Described]:
    for one in map(resolved, found):
        yield f"{place}, {one['in']} {one['name']}", one["name"], one.get("description", "")


def answers(found: dict[str, Any], place: str) -> Iterator[Described]:
    """Yield each response, with its headers and the properties of its body."""
    for status, answer in found.items():
        there = f"{place}, {status}"
        answer = resolved(answer)
        yield there, status, answer["description"]
        yield from bodies(answer, there)
        for name, header in answer.get("headers", {}).items():
            yield f"{there}, header {name}", name, resolved(header).get("description", "")


def described() -> Iterator[Described]:
    """Yield everything that the document names and has to describe."""
    for name, schema in document()["components"]["schemas"].items():
        yield from properties(schema, name)
    messages = [(name, "POST", one["post"]) for name, one in document()["webhooks"].items()]
    for path, method, operation in (*operations(), *messages):
        place = f"{method} {path}"
        yield from parameters([resolved(one) for one in operation.get("parameters", [])], place)
        yield from bodies(operation.get("requestBody", {}), place)
        yield from answers(operation["responses"], place)


def test_a_description_that_only_repeats_the_name_is_recognized() -> None:
    for name, description in (
        ("name", ""),
        ("name", "The name."),
        ("customer_id", "The id of the customer."),
        ("customer_id", "The customer's id."),
        ("pageSize", "The page size of this."),
        ("Request-Id", "The id of the request."),
        ("404", "Not found."),
    ):
        assert says_nothing(name, description), (name, description)
    for name, description in (
        ("name", "The name of an organisation. Null for a person."),
        ("customer_id", "The customer who stays."),
        ("first_name", "The given name of the person."),
        ("404", "The path is unknown."),
    ):
        assert not says_nothing(name, description), (name, description)


def test_every_field_parameter_header_and_status_is_described() -> None:
    found = list(described())
    assert len(found) > 10_000
    failing = {place for place, name, description in found if says_nothing(name, description)}
    assert not failing, f"{len(failing)} have no description:\n" + "\n".join(sorted(failing))
