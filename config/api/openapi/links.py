"""OpenAPI links from a created object to its operations, for clients and tests to follow."""

import re
from collections.abc import Iterator
from typing import Any

_PARAMETER = re.compile(r"\{(\w+)\}")
# The paths of customers: one for each surface.
_CUSTOMERS = ("/customer", "/customers", "/v1/customers", "/customers/customers")


def add_links(document: dict[str, Any]) -> None:
    """Add links from each response with a new id to all operations that take the id."""
    paths = document["paths"]
    for path, methods in paths.items():
        answers = methods.get("post", {}).get("responses", {})
        answer = answers.get("201") or answers.get("202")
        pointer = _pointer(answer, document) if answer else None
        if answer and pointer:
            links = dict(sorted(_links(path, pointer, paths)))
            answer |= {"links": links} if links else {}


def _pointer(answer: dict[str, Any], document: dict[str, Any]) -> str | None:
    """Return the runtime expression for the new id in a response, None if it has none."""
    members, place = _members(answer["content"]["application/json"]["schema"], document), ""
    if "data" in members:
        members, place = _members(members["data"], document), "/data"
    return f"$response.body#{place}/id" if "id" in members else None


def _members(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema.get("properties", {})


def _links(path: str, pointer: str, paths: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    known = {name: f"$request.path.{name}" for name in _PARAMETER.findall(path)}
    for start in _CUSTOMERS if path in _CUSTOMERS else (path,):
        below = re.compile(re.escape(start) + r"/\{(\w+)\}(/.*)?")
        for target, methods in paths.items():
            found = below.fullmatch(target)
            names = _PARAMETER.findall(target)
            if found is None or set(names) - known.keys() - {found[1]}:
                continue
            values = {**known, found[1]: pointer}
            parameters = {f"path.{name}": values[name] for name in names}
            for operation in methods.values():
                yield (
                    operation["operationId"],
                    {"operationId": operation["operationId"], "parameters": parameters},
                )
