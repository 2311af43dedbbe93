"""Sign a message with the headers of Standard Webhooks 1.0.0."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from .secrets import MARK


def headers(message_id: str, at: int, body: str, secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers of one attempt, made at the Unix time `at`.

    There is one signature per secret, separated by spaces; the receiver accepts any valid one.
    """
    content = f"{message_id}.{at}.{body}".encode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(_signature(content, secret) for secret in secrets),
    }


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(MARK))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
