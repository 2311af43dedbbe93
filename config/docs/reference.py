"""Write the pages of the reference from the committed OpenAPI document."""

import json
from collections.abc import Iterator
from functools import cache, partial
from itertools import groupby
from typing import Any

from .codes import codes_of
from .fields import described, field_list, text_of, type_of
from .openapi import (
    OBJECTS,
    Operation,
    Schema,
    document,
    name_of,
    names_sent,
    operations,
    resolved,
    users,
)
from .pages import Page

INDEX = "/docs/reference/"
WEBHOOKS = "/docs/reference/webhooks"
SECTION = "Reference"
_PLACES = {"path": "Path", "query": "Query", "header": "Headers"}
_LEAD = "Every operation, object, event and error code of the API, made from `openapi.json`."


@cache
def pages() -> dict[str, Page]:
    """Return every page of the reference by its address."""
    found = [
        Page(INDEX, SECTION, _index),
        Page(f"{OBJECTS}/", SECTION, _object_index),
        Page(f"{WEBHOOKS}/", SECTION, _webhook_index),
        *(
            Page(one.address, SECTION, partial(_operation, one), f"{one.surface} / {one.group}")
            for one in operations()
        ),
        *(
            Page(f"{OBJECTS}/{name}", SECTION, partial(_object, name), name)
            for name in sorted(schemas())
        ),
        *(
            Page(f"{WEBHOOKS}/{noun}", SECTION, partial(_events, noun, names), "webhooks")
            for noun, names in events().items()
        ),
    ]
    return {page.address: page for page in found}


def schemas() -> dict[str, Schema]:
    return document()["components"]["schemas"]


@cache
def events() -> dict[str, list[str]]:
    """Return the event types, by the object that they are about."""
    found: dict[str, list[str]] = {}
    for name in sorted(document()["webhooks"]):
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


def line_of(one: Operation) -> str:
    """Return the entry of an operation in a list: what to send, what it does and its scope."""
    scope = f" Scope: `{one.scope}`." if one.scope else ""
    return f"- `{one.method} {one.path}` [{one.summary}]({one.address}){scope}"


def _index() -> str:
    lines = ["# Reference", "", _LEAD, ""]
    lines += [f"[Objects]({OBJECTS}/) · [Webhooks]({WEBHOOKS}/) · [Error codes](/docs/errors/)"]
    about = {tag["name"]: tag["description"] for tag in document()["tags"]}
    for surface, found in groupby(operations(), key=lambda one: one.surface):
        lines += ["", f"## {surface}", "", about[surface]]
        for group, members in groupby(found, key=lambda one: one.group):
            lines += ["", f"### {group}", "", *(line_of(one) for one in members)]
    lines += ["", "## Webhooks", "", "Events that are sent to a webhook, by their object.", ""]
    lines += [f"- [`{noun}.*`]({WEBHOOKS}/{noun})" for noun in events()]
    return "\n".join(lines)


def _object_index() -> str:
    lines = ["# Objects", "", "What operations take and answer with, and what events hold.", ""]
    for name in sorted(schemas()):
        first = schemas()[name].get("description", "").partition("\n")[0]
        lines.append(f"- [{name}]({OBJECTS}/{name}){f': {first}' if first else ''}")
    return "\n".join(lines)


def _webhook_index() -> str:
    lead = "Events that are sent to a webhook, by the object that they are about."
    lines = ["# Webhooks", "", f"{lead} The guide says [how](/docs/guide/webhooks)."]
    for noun, names in events().items():
        lines += ["", f"## {noun}", ""]
        lines += [f"- [`{name}`]({WEBHOOKS}/{noun}#{anchor(name)})" for name in names]
    return "\n".join(lines)


def anchor(event: str) -> str:
    """Return the anchor of an event's heading, as the renderer writes it."""
    return event.replace(".", "")


def _operation(one: Operation) -> str:
    lines = [f"# {one.summary}", "", f"`{one.method} {one.path}`", ""]
    lines += [one.text, ""] if one.text else []
    lines += [f"Surface: {one.surface}. {_needs(one)}", ""]
    for place, heading in _PLACES.items():
        if found := [each for each in one.parameters if each["in"] == place]:
            lines += [f"## {heading}", "", *_parameters(found)]
    for kind, schema in one.bodies.items():
        lines += ["## Body", "", *_body(kind, schema, one.facts["requestBody"].get("required"))]
    lines += ["## Answers", ""]
    for status, answer in one.responses.items():
        if status < "4":
            lines += [*_answer(status, answer)]
    lines += [*_headers(one), *_errors(one)]
    return "\n".join(lines)


def _needs(one: Operation) -> str:
    """Return a sentence about the credential that an operation needs."""
    if not one.facts["security"]:
        return "No credential is needed."
    return f"Scope: `{one.scope}`." if one.scope else "Any valid credential may."


def _parameters(found: list[Schema]) -> Iterator[str]:
    for one in found:
        schema = {**one["schema"], "description": one.get("description", "")}
        mark = " · required" if one.get("required") else ""
        yield from described(one["name"], schema, mark, is_sent=True)


def _body(kind: str, schema: Schema, is_required: bool | None) -> Iterator[str]:
    name, whole = name_of(schema), resolved(schema)
    about = f" [{name}]({OBJECTS}/{name})" if name else ""
    yield from [f"`{kind}`{about}{', required' if is_required else ''}", ""]
    if words := text_of(whole):
        yield from [words, ""]
    yield from field_list(schema, is_sent=True)


def _answer(status: str, answer: Schema) -> Iterator[str]:
    yield from [f"### {status}", "", answer.get("description") or "Done.", ""]
    for kind, content in answer.get("content", {}).items():
        schema = content.get("schema", {})
        yield from [f"`{kind}`: {type_of(schema)}", ""]
        ways = schema.get("oneOf", [schema])
        if len(ways) == 1:
            yield from field_list(schema, is_sent=False)
        else:
            yield from (f"- {type_of(way)}: {resolved(way).get('description', '')}" for way in ways)
            yield ""


def _headers(one: Operation) -> Iterator[str]:
    """Describe each response header once, with the statuses of the responses that have it."""
    found: dict[str, tuple[Schema, list[str]]] = {}
    for status, answer in one.responses.items():
        for name, header in answer.get("headers", {}).items():
            found.setdefault(name, (resolved(header), []))[1].append(status)
    if found:
        yield from ["## Headers of answers", ""]
    for name, (header, statuses) in found.items():
        are_all = len(statuses) == len(one.responses)
        when = "Of every answer." if are_all else f"With {', '.join(statuses)}."
        words = f"{header.get('description', '')} {when}".strip()
        schema = {**header.get("schema", {}), "description": words}
        yield from described(name, schema, "", is_sent=False)


def _errors(one: Operation) -> Iterator[str]:
    """List the error statuses, each with its body and its possible codes."""
    failed = {status: answer for status, answer in one.responses.items() if status >= "4"}
    if not failed:
        return
    yield from ["## Errors", ""]
    codes = codes_of(one)
    for status, answer in failed.items():
        kinds = dict.fromkeys(
            type_of(content["schema"]) for content in answer.get("content", {}).values()
        )
        body = f" ({', '.join(kinds)})" if kinds else ""
        yield from [f"- **{status}**{body} {answer['description']}", ""]
        if links := [f"[`{code}`](/docs/errors/{code})" for code in codes.get(status, ())]:
            yield from [f"  {', '.join(links)}", ""]


def _object(name: str) -> str:
    schema = schemas()[name]
    about = text_of(schema) or f"The object {name}."
    lines = [f"# {name}", "", about, ""]
    if fields := field_list(schema, is_sent=name in names_sent()):
        lines += ["## Fields", "", *fields]
    else:
        lines += [type_of(schema), ""]
    if found := users().get(name):
        lines += ["## Operations", "", *(line_of(one) for one in found), ""]
    if within := _holders().get(name):
        lines += ["## Part of", "", *(f"- [{one}]({OBJECTS}/{one})" for one in within), ""]
    return "\n".join(lines)


@cache
def _holders() -> dict[str, list[str]]:
    """Return the names of the objects that contain each object, by its name."""
    found: dict[str, list[str]] = {}
    for holder, schema in sorted(schemas().items()):
        text = json.dumps(schema)
        for name in schemas():
            if name != holder and f'"#/components/schemas/{name}"' in text:
                found.setdefault(name, []).append(holder)
    return found


def _events(noun: str, names: list[str]) -> str:
    first = document()["webhooks"][names[0]]["post"]
    message = _message_of(first)
    lines = [f"# Events of {noun}", "", f"The events `{noun}.*`, their headers and their body.", ""]
    lines += ["## Headers", "", *_parameters([resolved(one) for one in first["parameters"]])]
    lines += ["## Events", ""]
    for name in names:
        facts = document()["webhooks"][name]["post"]
        lines += [f"### {name}", "", f"{facts['summary'].rstrip('.')}.", ""]
        if words := facts.get("description"):
            lines += [words, ""]
        lines += [f"Body: {type_of(_message_of(facts))}, with the `type` `{name}`.", ""]
    lines += ["## Body", "", *field_list(message, is_sent=False), "## Your answer", ""]
    for status, answer in first["responses"].items():
        lines += [f"- **{status}** {resolved(answer).get('description', '')}"]
    return "\n".join(lines)


def _message_of(event: dict[str, Any]) -> Schema:
    """Return the schema of an event's body, without the restriction of its `type`."""
    (content,) = event["requestBody"]["content"].values()
    schema: Schema = content["schema"]
    return next((one for one in schema.get("allOf", ()) if "$ref" in one), schema)
