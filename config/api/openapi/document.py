"""Completes the OpenAPI document: shared components, tags, headers and links."""

from typing import Any

from ..resource import Resource
from ..surfaces import accounts, credits, m2m, oauth, v1
from . import headers as fields
from .conventions import CONVENTIONS
from .links import add_links
from .operations import SHARED

_NOISE = ("readOnly", "x-spec-enum-id")
# drf-spectacular prefixes schemas of PATCH bodies with "Patched"; remove the prefix.
_PATCHED = "PatchedChanged"


def complete_document(result: Any, **kwargs: Any) -> Any:
    """Add the tags and the shared responses and headers; leave out members such as `readOnly`.

    The methods of a path are sorted, so that generating the document again changes nothing.
    """
    for methods in result["paths"].values():
        for method in Resource.http_method_names:
            if method in methods:
                methods[method] = methods.pop(method)
                # An explicit empty list means "no authentication"; linters warn if it is missing.
                methods[method].setdefault("security", [])
                for status, answer in methods[method]["responses"].items():
                    _add_headers(answer, status)
    for name, answer in SHARED.items():
        _add_headers(answer, name[-3:])
    result["tags"] = [
        {"name": surface.title, "description": surface.about}
        for surface in (oauth, m2m, v1, accounts, credits)
    ]
    result["info"]["description"] = CONVENTIONS
    result["servers"] = [{"url": "/"}]
    result["components"]["parameters"] = fields.PARAMETERS
    result["components"]["headers"] = fields.texts(fields.HEADERS)
    result["components"]["responses"] = dict(sorted(SHARED.items()))
    add_links(result)
    return _tidied(result)


def _add_headers(answer: dict[str, Any], status: str) -> None:
    """Add the headers of a response, unless it refers to a shared response."""
    if "$ref" in answer:
        return
    names = {"Request-Id"}
    if status not in fields.UNCOUNTED:
        names |= {"RateLimit-Policy", "RateLimit"}
    if status == "401":
        names.add("WWW-Authenticate")
    if status in ("429", "503"):
        names.add("Retry-After")
    shared = [name for name in fields.HEADERS if name in names]
    refs = {name: {"$ref": f"#/components/headers/{name}"} for name in shared}
    answer["headers"] = answer.get("headers", {}) | refs


def _plain(text: str) -> str:
    return text.replace(_PATCHED, "Changed")


def _tidied(part: Any) -> Any:
    """Return a part of the document without noise such as `readOnly`."""
    if isinstance(part, list):
        return [_tidied(one) for one in part]
    if not isinstance(part, dict):
        return _plain(part) if isinstance(part, str) else part
    tidy = {_plain(name): _tidied(value) for name, value in part.items() if name not in _NOISE}
    if isinstance(tidy.get("type"), list):
        tidy["type"] = list(dict.fromkeys(tidy["type"]))
    if len(tidy.get("allOf", ())) == 1 and not {"properties", "required"} & tidy.keys():
        # OpenAPI 3.1 allows a description next to a reference.
        return tidy.pop("allOf")[0] | tidy
    return tidy
