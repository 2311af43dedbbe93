"""How v1 words a refusal, and what tests compare of it."""

from typing import Any

from .callers import Answer

# Every other status is an `invalid_request`.
TYPES = {401: "authentication_error", 403: "authorization_error", 409: "conflict"}


def error(kind: str, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """Return the whole error body of the v1 surface."""
    named = {"param": param} if param else {}
    page = f"http://localhost:8000/docs/errors/{code}"
    return {"error": {"type": kind, "code": code, "message": message, **named, "doc_url": page}}


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    """Return the status, the code and the field of a refusal."""
    told = answer.body["error"]
    return answer.status, told["code"], told.get("param")


def whole_refusal(answer: Answer) -> tuple[int | str, ...]:
    """Return the status, the code, the message and any field; all else follows from them."""
    told = answer.body["error"]
    words = tuple(told[name] for name in ("code", "message", "param") if name in told)
    assert answer.body == error(TYPES.get(answer.status, "invalid_request"), *words)
    return answer.status, *words
