"""The webhooks of the OpenAPI document: one message per event type."""

from typing import Any

from config.api.openapi import document
from config.changes.event_types import PUBLIC, TEST, TYPES

from .feed.openapi import schema_name
from .models import MESSAGE, WebhookEndpoint

_HEADERS = {
    "WebhookId": (
        "webhook-id",
        "Identifies the message, the same at every attempt. Ignore a message whose id you have "
        "received before.",
        {"type": "string", "pattern": f"^{MESSAGE}[0-9a-f]{{32}}$"},
    ),
    "WebhookTimestamp": (
        "webhook-timestamp",
        "When this attempt was made, in seconds since 1970 (Unix time). Refuse a message that is "
        "more than five minutes off.",
        {"type": "string", "pattern": "^[0-9]+$"},
    ),
    "WebhookSignature": (
        "webhook-signature",
        (
            "`v1,` and the HMAC-SHA256 of `id.timestamp.body` under the secret, in base64 "
            "(Standard Webhooks 1.0.0). While a secret is replaced the header has two signatures "
            "with a space between them; accept the message if one of them is right."
        ),
        {"type": "string"},
    ),
}
_TIMESTAMP = {
    "type": "string",
    "format": "date-time",
    "description": "When the change was made, the same at every attempt.",
}
_ANSWERS = {
    "2XX": (
        "WebhookReceived",
        "You received the message; it is not sent again. The body of your answer is not used.",
    ),
    "410": ("WebhookGone", "You want no more messages: the webhook is disabled."),
    "default": (
        "WebhookNotReceived",
        "Any other status, a redirect too, or no answer in time: the message is sent again later.",
    ),
}


def complete_document(result: Any, **kwargs: Any) -> Any:
    """Complete the OpenAPI document, and add the webhook message of each event type."""
    result = document.complete_document(result)
    for kind, shared in _components(result["components"]["schemas"]).items():
        result["components"][kind] |= shared
    return result | {"webhooks": _messages()}


def _components(schemas: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the bodies, parameters and responses that the messages share."""
    return {
        "schemas": {
            _message_name(kind.noun): _body_of(schemas[schema_name(kind.noun)])
            for kind in PUBLIC.values()
        },
        "parameters": {
            name: {
                "name": header,
                "in": "header",
                "required": True,
                "description": words,
                "schema": schema,
            }
            for name, (header, words, schema) in _HEADERS.items()
        },
        "responses": {name: {"description": words} for name, words in _ANSWERS.values()},
    }


def _messages() -> dict[str, Any]:
    """Return the message of each event type."""
    tested = {
        "type": "object",
        "properties": {
            "webhook_id": {
                "type": "string",
                "pattern": f"^{WebhookEndpoint.id_prefix}[0-9a-f]{{32}}$",
                "description": "The webhook that is tested.",
            }
        },
        "required": ["webhook_id"],
        "description": "The webhook that the test was sent to.",
    }
    tested_type = {
        "type": "string",
        "const": TEST,
        "description": "The event type of a test: no object changed.",
    }
    timestamp = {**_TIMESTAMP, "description": "When the test was asked for."}
    members = {"type": tested_type, "timestamp": timestamp, "data": tested}
    body = {"type": "object", "properties": members, "required": list(members)}
    return {
        **{type: _message(type, f"Sent after a change: {type}.", _of_type(type)) for type in TYPES},
        TEST: _message(TEST, "Sent when somebody tries a webhook out; nothing changed.", body),
    }


def _message_name(noun: str) -> str:
    """Return the name of the schema of an object's messages, such as `CustomerMessage`."""
    return schema_name(noun).removesuffix("Change") + "Message"


def _body_of(change: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a message about a change."""
    return {
        **change,
        "properties": change["properties"] | {"timestamp": _TIMESTAMP},
        "required": [*change["required"], "timestamp"],
    }


def _of_type(type: str) -> dict[str, Any]:
    """Return the schema of the messages with an event type."""
    nouns = [kind.noun for kind in PUBLIC.values() if type in kind.types]
    refs = [{"$ref": f"#/components/schemas/{_message_name(noun)}"} for noun in nouns]
    body = refs[0] if len(refs) == 1 else {"oneOf": refs}
    only = {"const": type, "description": f"The event type: always `{type}` in these messages."}
    return {"allOf": [body, {"properties": {"type": only}, "required": ["type"]}]}


def _message(type: str, summary: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "post": {
            "operationId": f"webhook_{type.replace('.', '_')}",
            "summary": summary.rstrip("."),
            # The receiver checks the signature, so the request has no credential.
            "security": [],
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _HEADERS],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {
                status: {"$ref": f"#/components/responses/{name}"}
                for status, (name, _words) in _ANSWERS.items()
            },
        }
    }
