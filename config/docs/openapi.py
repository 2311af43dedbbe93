"""Read the committed OpenAPI document, for the pages of the reference."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.conf import settings

METHODS = ("get", "post", "put", "patch", "delete")
OBJECTS = "/docs/reference/objects"
Schema = dict[str, Any]


@cache
def committed() -> bytes:
    """Return the committed document as it is served; a test checks that it is current."""
    return (settings.BASE_DIR / "config" / "openapi.json").read_bytes()


@cache
def document() -> dict[str, Any]:
    return json.loads(committed())


def resolved(part: Schema) -> Schema:
    """Return a part of the document; if it is a reference, the part that it refers to."""
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    return document()["components"][kind][name]


def name_of(schema: Schema) -> str:
    """Return the name of the object that a schema refers to, "" if it refers to none."""
    return schema.get("$ref", "").rpartition("/")[2]


@dataclass(frozen=True)
class Operation:
    """One operation: its method and path, and the surface and group that it belongs to."""

    id: str
    method: str
    path: str
    group: str
    facts: dict[str, Any]

    @property
    def surface(self) -> str:
        return self.facts["tags"][0]

    @property
    def address(self) -> str:
        return f"/docs/reference/operations/{self.id}"

    @property
    def summary(self) -> str:
        return self.facts["summary"]

    @property
    def scope(self) -> str:
        """The scope that the operation needs, "" for none."""
        ways = [scopes for way in self.facts["security"] for scopes in way.values()]
        return " ".join(ways[0]) if ways else ""

    @property
    def text(self) -> str:
        """The description without the scope and without its first sentence, the summary."""
        rest = self.facts["description"].partition("\n")[2]
        return re.sub(r"\s*(Scope: `[^`]*`|Any valid credential may)\.\Z", "", rest).strip()

    @cached_property
    def parameters(self) -> list[dict[str, Any]]:
        return [resolved(one) for one in self.facts.get("parameters", ())]

    @cached_property
    def responses(self) -> dict[str, dict[str, Any]]:
        return {status: resolved(one) for status, one in self.facts["responses"].items()}

    @property
    def bodies(self) -> dict[str, Schema]:
        """The schema of the body by its media type."""
        body = self.facts.get("requestBody", {}).get("content", {})
        return {kind: one.get("schema", {}) for kind, one in body.items()}

    def takes(self, header: str) -> bool:
        return any(one["name"] == header for one in self.parameters)


@cache
def operations() -> list[Operation]:
    """Return every operation, grouped, in the order of the document."""
    groups = _groups()
    found = [
        Operation(facts["operationId"], method.upper(), path, groups[path], facts)
        for path, methods in document()["paths"].items()
        for method, facts in methods.items()
        if method in METHODS
    ]
    order = list(dict.fromkeys((one.surface, one.group) for one in found))
    surfaces = [tag["name"] for tag in document()["tags"]]
    return sorted(
        found, key=lambda one: (surfaces.index(one.surface), order.index((one.surface, one.group)))
    )


def _groups() -> dict[str, str]:
    """Return the group of each path: the nouns of its collections, joined by “ / ”."""
    parts = {path: path.strip("/").removeprefix("v1/").split("/") for path in document()["paths"]}
    # A part of a path is a collection if some path has an id after it; else it is a verb or a read.
    nouns = Counter(
        parts[path][at]
        for path in parts
        for at in range(len(parts[path]) - 1)
        if parts[path][at + 1].startswith("{")
    )
    return {
        path: " / ".join(part for part in words if part in nouns) or words[0]
        for path, words in parts.items()
    }


@cache
def objects_by_prefix() -> dict[str, str]:
    """Return the name of the object that each id prefix belongs to."""
    found: dict[str, str] = {}
    for one in operations():
        ids = [parameter for parameter in one.parameters if parameter["in"] == "path"]
        answer = one.responses.get("200", {}).get("content", {}).get("application/json", {})
        name = name_of(answer.get("schema", {}))
        if one.method == "GET" and one.surface == "v1" and one.path.endswith("}") and name:
            found.setdefault(prefix_of(ids[-1]["schema"].get("pattern", "")), name)
    found.pop("", None)
    return found


def prefix_of(pattern: str) -> str:
    """Return the id prefix that a pattern accepts or shows, "" if the pattern is not one of ids."""
    if shown := re.match(r"\^([a-z]+)_\[0-9a-f\]\{32\}\$\Z", pattern):
        return shown[1]
    taken = re.match(r"\^\(((?:\[[A-Z][a-z]\])+)_", pattern)
    return "".join(re.findall(r"\[[A-Z]([a-z])\]", taken[1])) if taken else ""


@cache
def names_sent() -> set[str]:
    """Return the names of the objects in request bodies, with the objects nested in them."""
    found: set[str] = set()
    waiting = [name for one in operations() for name in _named_in(one.bodies)]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += _named_in(document()["components"]["schemas"][name])
    return found


def _named_in(part: Any) -> list[str]:
    return re.findall(r"#/components/schemas/(\w+)", json.dumps(part))


@cache
def users() -> dict[str, list[Operation]]:
    """Return the operations that accept or return each object, by its name."""
    found: dict[str, list[Operation]] = {}
    for one in operations():
        for name in dict.fromkeys(_named_in(one.facts)):
            found.setdefault(name, []).append(one)
    return found
