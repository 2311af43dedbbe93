"""Validates responses against `config/openapi.json`: documented status and body, no extras."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from config.docs.codes import error_codes

DOCUMENT = Path(__file__).parent.parent / "config" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """Return the document with every object closed, so that an undocumented member is an error.

    References to parameters are replaced by the parameters.
    """
    whole = _closed(json.loads(DOCUMENT.read_text()))
    for operation in (one for methods in whole["paths"].values() for one in methods.values()):
        found = operation.get("parameters", [])
        operation["parameters"] = [resolved(one, whole) for one in found]
    return whole


def resolved(part: dict[str, Any], whole: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a part of the document, with a reference resolved."""
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    return (whole or document())["components"][kind][name]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and operation of every documented operation."""
    return [
        (path, method.upper(), operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def reads() -> list[tuple[str, dict[str, Any]]]:
    """Return path and operation of every GET."""
    return [(path, operation) for path, method, operation in operations() if method == "GET"]


def writes() -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and schema of every JSON body, except those of requests for tokens."""
    return [
        (path, method, operation["requestBody"]["content"]["application/json"]["schema"])
        for path, method, operation in operations()
        if "application/json" in operation.get("requestBody", {}).get("content", ())
        if operation["security"]
    ]


def query_parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the schemas of an operation's query parameters, by name."""
    return {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"}


def check_answer(
    method: str, path: str, status: int, headers: Mapping[str, str], raw: bytes
) -> None:
    """Raise AssertionError unless a response conforms to the document."""
    operation = find_operation(method, path.partition("?")[0])
    if operation is None:
        return
    assert headers.get("Request-Id"), f"{method} {path} has no Request-Id"
    assert headers.get("Cache-Control") == "no-store", f"{method} {path} may be cached"
    answer = operation["responses"].get(str(status))
    assert answer, f"{method} {path} answers an undocumented {status}: {raw[:300]!r}"
    answer = resolved(answer)
    for name in ("RateLimit-Policy", "RateLimit", "Retry-After"):
        known = name in headers or name not in answer["headers"]
        assert known, f"{method} {path} {status} lacks {name}"
    if "content" not in answer:
        assert not raw, f"{method} {path} {status} has a body: {raw[:300]!r}"
        return
    kind = headers["Content-Type"].partition(";")[0]
    if kind != "application/json" or "application/json" not in answer["content"]:
        assert kind in answer["content"], f"{method} {path} sends an undocumented {kind}"
        return
    schema = answer["content"]["application/json"]["schema"]
    problems = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in validator(json.dumps(schema)).iter_errors(json.loads(raw))
    ]
    assert not problems, f"{method} {path} {status} is not as documented: {problems[:5]}"
    unexplained = _codes_in(json.loads(raw)) - error_codes().keys()
    assert not unexplained, f"{method} {path} {status} has a code without a page: {unexplained}"


def _codes_in(body: Any) -> set[str]:
    """Return the codes in an error body of v1 or accounts; each code must have a page."""
    if not isinstance(body, dict):
        return set()
    if "validation_errors" in body:
        return {body["code"]}
    error = body.get("error")
    if not isinstance(error, dict):
        return set()
    return {error["code"], *(entry["code"] for entry in error.get("errors", ()))}


@cache
def find_operation(method: str, path: str) -> dict[str, Any] | None:
    """Return the operation of a concrete path; literal segments win over parameters."""
    fitting = [
        (template.count("{"), methods[method.lower()])
        for template, methods in document()["paths"].items()
        if method.lower() in methods and _pattern(template).fullmatch(path)
    ]
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)))


@cache
def validator(schema: str) -> Draft202012Validator:
    """Return a validator for a schema of the document; `schema` is JSON text."""
    whole = Resource.from_contents(document(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:openapi", whole)
    rebased = json.loads(schema.replace('"#/', '"urn:openapi#/'))
    return Draft202012Validator(rebased, registry=registry, format_checker=FormatChecker())


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    closed = {name: _closed(value) for name, value in part.items()}
    if closed.get("type") == "object" and "properties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed
