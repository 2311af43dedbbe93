"""The error bodies of v1, and the parts of an error that tests compare."""

from typing import Any

from .callers import Answer

NO_CREDENTIAL = (
    "The request has no valid credential. Send an access token or an API key as "
    "Authorization: Bearer …"
)
UNKNOWN_FIELD = "There is no such field. Remove it; /docs/reference/ lists the fields."
GRANT_IT = "Ask the company's staff to grant it."
# The `type` of an error by status; every other status is an `invalid_request`.
TYPES = {401: "authentication_error", 403: "authorization_error", 409: "conflict"}


def error(kind: str, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """Return the complete error body of v1, about the field `param` or about no field."""
    named: dict[str, Any] = {}
    if param:
        entry = {"param": param, "code": code, "message": message.removeprefix(f"{param}: ")}
        named = {"param": param, "errors": [entry]}
    page = f"http://localhost:8000/docs/errors/{code}"
    return {"error": {"type": kind, "code": code, "message": message, "doc_url": page, **named}}


def whole_error(*faults: tuple[str, str, str]) -> dict[str, Any]:
    """Return the complete error body of v1 for faults, each a param, code and message."""
    (param, code, message), *_ = faults
    body = error("invalid_request", code, f"{param}: {message}", param)
    keys = ("param", "code", "message")
    body["error"]["errors"] = [dict(zip(keys, fault, strict=True)) for fault in faults]
    return body


def fields_of(answer: Answer) -> set[str]:
    """Return the fields and parameters that an error names, on any surface."""
    body = answer.body
    if "validation_errors" in body:
        return set(body["validation_errors"])
    if "error" in body:
        return {entry["param"] for entry in body["error"].get("errors", ())}
    return {word.removesuffix(":") for word in body["message"].split() if word.endswith(":")}


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    """Return the status, code and field of an error."""
    told = answer.body["error"]
    return answer.status, told["code"], told.get("param")


def whole_refusal(answer: Answer) -> tuple[int | str, ...]:
    """Check an error's whole body; return its status, code, message and field, if it names one."""
    told = answer.body["error"]
    words = tuple(told[name] for name in ("code", "message", "param") if name in told)
    assert answer.body == error(TYPES.get(answer.status, "invalid_request"), *words)
    return answer.status, *words
