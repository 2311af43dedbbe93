"""Sign a message by the headers of Standard Webhooks 1.0.0."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from .secrets import MARK


def headers(message_id: str, at: int, body: str, secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers of one attempt, made `at` so many seconds since 1970.

    There is one signature for each secret, with spaces between them: one that fits is enough.
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
