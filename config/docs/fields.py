"""Render schemas as Markdown: a nested list of fields with their types and limits."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .openapi import OBJECTS, Schema, name_of, objects_by_prefix, prefix_of, resolved

# How many levels of fields a page shows; deeper fields are on the page of their object.
DEPTH = 3
# The pattern of texts without the NUL character; it is not shown, because every text has it.
_ANY_TEXT = r"^[^\u0000]*$"
_BOUNDS = (("characters", "minLength", "maxLength"), ("entries", "minItems", "maxItems"))


def field_list(schema: Schema, *, is_sent: bool, depth: int = DEPTH, indent: str = "") -> list[str]:
    """Return the lines that describe the fields of a schema, none if it has no fields.

    In a request, required fields are marked. In a response, fields that may be absent are marked.
    """
    whole = merged(schema)
    lines: list[str] = []
    for name, part in whole["properties"].items():
        is_required = name in whole["required"]
        mark = " · required" if is_sent and is_required else ""
        mark = " · may be absent" if not is_sent and not is_required else mark
        lines += described(name, part, mark, is_sent=is_sent, depth=depth, indent=indent)
    return lines


def described(
    name: str, schema: Schema, mark: str, *, is_sent: bool, depth: int = DEPTH, indent: str = ""
) -> list[str]:
    """Return the lines that describe one field or parameter, and its nested fields."""
    below = f"{indent}  "
    lines = [f"{indent}- **`{name}`** *{type_of(schema)}*{mark}", ""]
    if words := text_of(schema):
        lines += [*_indented(words, below), ""]
    if depth > 1:
        for inner in _within(schema):
            lines += field_list(inner, is_sent=is_sent, depth=depth - 1, indent=below)
    return lines


def merged(schema: Schema) -> dict[str, Any]:
    """Return the properties and required names of a schema and of all schemas that it refers to."""
    whole: dict[str, Any] = {"properties": {}, "required": []}
    for part in [resolved(schema), *(merged(one) for one in resolved(schema).get("allOf", ()))]:
        for name, field in part.get("properties", {}).items():
            whole["properties"][name] = {**whole["properties"].get(name, {}), **field}
        whole["required"] += part.get("required", [])
    return whole


def alternatives(schema: Schema) -> str:
    """Return a sentence that lists the fields of which a body needs one, "" if there are none."""
    ways, part = [], resolved(schema)
    while "if" in part:
        ways.append(part["if"].get("required", []))
        part = part.get("else", {})
    ways.append(part.get("required", []) if ways else [])
    told = [" and ".join(f"`{name}`" for name in way) for way in ways if way]
    return f"Needs {', or '.join(told)}." if told else ""


def text_of(schema: Schema) -> str:
    """Return the description of a schema, with the sentence about its alternatives."""
    return "\n\n".join(filter(None, (schema.get("description", ""), alternatives(schema))))


def type_of(schema: Schema) -> str:
    """Return the type and the limits of a value in words, with a link to its object."""
    if name := name_of(schema):
        return f"[{name}]({OBJECTS}/{name})"
    if alone := [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        return _joined(type_of(one) for one in alone)
    if inner := schema.get("allOf"):
        return _joined(type_of(one) for one in inner if "$ref" in one) or "object"
    if "const" in schema:
        return f"always {_code(schema['const'])}"
    types = schema.get("type", "any value")
    words = _joined(_named(one, schema) for one in ([types] if isinstance(types, str) else types))
    return ", ".join([words, *_limits(schema)])


def _named(kind: str, schema: Schema) -> str:
    if kind == "array":
        return f"array of {type_of(schema.get('items', {}))}"
    if kind == "object" and "properties" not in schema:
        values = schema.get("additionalProperties") or {}
        return f"object with values of {type_of(values)}" if values else "object with any members"
    prefix = prefix_of(schema.get("pattern", "")) if kind == "string" else ""
    if prefix:
        name = objects_by_prefix().get(prefix)
        return f"id of a [{name}]({OBJECTS}/{name})" if name else f"id, `{prefix}_…`"
    return f"{kind} ({schema['format']})" if "format" in schema and kind != "null" else kind


def _limits(schema: Schema) -> Iterator[str]:
    if "enum" in schema:
        yield f"one of {', '.join(_code(one) for one in schema['enum'])}"
    for word, least, most in _BOUNDS:
        if most in schema:
            from_to = f"{schema[least]:,} to" if schema.get(least) else "up to"
            yield f"{from_to} {schema[most]:,} {word}"
        elif schema.get(least, 0) and not prefix_of(schema.get("pattern", "")):
            yield f"{schema[least]:,} or more {word}"
    if "minimum" in schema and "maximum" in schema:
        yield f"{schema['minimum']:,} to {schema['maximum']:,}"
    elif "minimum" in schema or "maximum" in schema:
        yield " ".join(
            f"{word} {schema[key]:,}"
            for word, key in (("at least", "minimum"), ("at most", "maximum"))
            if key in schema
        )
    if schema.get("pattern", _ANY_TEXT) != _ANY_TEXT and not prefix_of(schema["pattern"]):
        yield f"pattern `{schema['pattern']}`"
    if "default" in schema:
        yield f"default {_code(schema['default'])}"
    if examples := schema.get("examples"):
        yield f"such as {', '.join(_code(one) for one in examples)}"


def _within(schema: Schema) -> Iterable[Schema]:
    """Return the schemas whose fields are listed below a field: its own, or its entries'."""
    part = resolved(schema)
    if part.get("type") == "array":
        return _within(part.get("items", {}))
    choices = [one for one in part.get("oneOf", ()) if resolved(one).get("properties")]
    return choices[:1] if len(choices) == 1 else [] if choices else [schema]


def _code(value: Any) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return f"`{text}`"


def _joined(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(words))


def _indented(text: str, indent: str) -> list[str]:
    return [f"{indent}{line}".rstrip() for line in text.splitlines()]
