"""The webhooks of the OpenAPI document: one message for each event type."""

from typing import Any

from config.api.openapi import document
from config.changes.event_types import TEST, TYPES

from .models import MESSAGE, WebhookEndpoint

_HEADERS = {
    "WebhookId": (
        "webhook-id",
        "Names the message, the same at every attempt: whoever has it already needs it no more.",
        {"type": "string", "pattern": f"^{MESSAGE}[0-9a-f]{{32}}$"},
    ),
    "WebhookTimestamp": (
        "webhook-timestamp",
        "When this attempt was made, in seconds since 1970. Refuse what is five minutes off.",
        {"type": "string", "pattern": "^[0-9]+$"},
    ),
    "WebhookSignature": (
        "webhook-signature",
        (
            "`v1,` and the HMAC-SHA256 of `id.timestamp.body` under the secret, in base64 "
            "(Standard Webhooks 1.0.0). While a secret is replaced there are two, with a space "
            "between them; one that fits is enough."
        ),
        {"type": "string"},
    ),
}
_ANSWERS = {
    "2XX": ("WebhookReceived", "The message is yours; it is not sent again. The body is not read."),
    "410": ("WebhookGone", "There is nobody here any more: the webhook is disabled."),
    "default": (
        "WebhookNotReceived",
        "Anything else, a redirect too, or no answer in time: it is sent again later.",
    ),
}


def complete_document(result: Any, **kwargs: Any) -> Any:
    """Complete the OpenAPI document, and add every webhook message by its event type."""
    result = document.complete_document(result)
    for kind, shared in _components().items():
        result["components"][kind] |= shared
    return result | {"webhooks": _messages()}


def _components() -> dict[str, dict[str, Any]]:
    """Return the parameters and responses that the messages share."""
    return {
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
    """Return every message by its event type."""
    change = {"$ref": "#/components/schemas/RecordedChange"}
    tested = {
        "type": "object",
        "properties": {
            "webhook_id": {
                "type": "string",
                "pattern": f"^{WebhookEndpoint.id_prefix}[0-9a-f]{{32}}$",
            }
        },
        "required": ["webhook_id"],
    }
    return {
        **{type: _message(type, f"Sent after a change: {type}.", change) for type in TYPES},
        TEST: _message(TEST, "Sent when somebody tries a webhook out; nothing changed.", tested),
    }


def _message(type: str, summary: str, data: dict[str, Any]) -> dict[str, Any]:
    members = {
        "type": {"type": "string", "const": type},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": data,
    }
    body = {"type": "object", "properties": members, "required": list(members)}
    return {
        "post": {
            "operationId": f"webhook_{type.replace('.', '_')}",
            "summary": summary.rstrip("."),
            # The receiver checks the signature; there is no credential to send.
            "security": [],
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _HEADERS],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {
                status: {"$ref": f"#/components/responses/{name}"}
                for status, (name, _words) in _ANSWERS.items()
            },
        }
    }
