"""The OpenAPI document, grown from what resources declare."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiResponse

from config.changes.webhooks.document import webhook_parts, webhooks

from . import extensions  # noqa: F401
from . import headers as fields
from .idempotency import REPLAYED
from .links import add_links
from .pages import Pages
from .resource import Resource
from .shapes import Shape
from .surfaces import accounts, credits, m2m, oauth, v1
from .views import Token

_NOISE = ("readOnly", "x-spec-enum-id")
# What changes something is called by that alone, though nothing of it is required.
_PATCHED = "PatchedChanged"
_SHARED: dict[str, dict[str, Any]] = {}
_WORDS = {
    304: "It is as your ETag says.",
    400: "The request cannot be read, or asks for what makes no sense.",
    401: "No credential, or one that does not open.",
    403: "The credential lacks the scope.",
    404: "There is no such thing.",
    405: "The address does not take this method.",
    409: "The state of the record is against it, or others are at work on the same.",
    412: "It is not as the ETag says any more; nothing was changed.",
    413: "The body is larger than 1 MiB.",
    415: "The body is not JSON.",
    422: "The request parses and is not valid, or its Idempotency-Key belongs to another one.",
    428: "The credential is held to send If-Match with a change.",
    429: "Too many requests, in a minute or at once; try again after the time of Retry-After.",
    503: "The database cannot answer; try again after the time that Retry-After gives.",
}
_VERBS = {
    "list": "list",
    "retrieve": "read",
    "create": "create",
    "update": "replace",
    "partial_update": "change",
    "destroy": "archive",
}


class OperationSchema(AutoSchema):
    """Describes one operation of a resource."""

    view: Any

    @property
    def _resource(self) -> type[Resource] | None:
        return type(self.view) if isinstance(self.view, Resource) else None

    def get_operation_id(self) -> str:
        if self._resource is None:
            return str(self.view.operation.id)
        verb = _VERBS.get(self.view.action, self.view.action)
        last = self.path.rpartition("/")[2]
        name = last if last in self._resource.aliases else self._resource.__name__
        return f"{self._resource.surface.name}_{_in_small(name)}_{verb}"

    def get_tags(self) -> list[str]:
        return [self._resource.surface.title if self._resource else oauth.title]

    def get_description(self) -> str:  # type: ignore[override]
        words = super().get_description()
        if self._resource is None:
            return words
        return f"{words}\n\nScope: `{self._resource.scope_of(self.method, self.view.action)}`."

    def get_summary(self) -> str | None:
        """The first sentence of the description, which lists show."""
        return super().get_description().partition("\n")[0].rstrip(".") or None

    def get_auth(self) -> list[dict[str, Any]]:
        schemes = super().get_auth()
        if self._resource is None:
            return schemes
        scope = self._resource.scope_of(self.method, self.view.action)
        return [{"oauth2": [scope]}, {"apiKey": [scope]}]

    def _get_parameters(self) -> list[dict[str, Any]]:
        resource = self._resource
        if resource is None:
            return super()._get_parameters()
        ids = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        path = [_path_parameter(name, resource.ids.get(name, "")) for name in ids]
        query = resource.parameters(self.view.action)
        headers = [] if self.method == "GET" else [_parameter("Reason")]
        headers += [_parameter("IdempotencyKey")] if self._is_once else []
        headers += [_parameter("IfMatch")] if self._is_comparable else []
        headers += [_parameter("IfNoneMatch")] if self._shows_one and self.method == "GET" else []
        return [*path, *(_query_parameter(name, one) for name, one in query.items()), *headers]

    @property
    def _is_once(self) -> bool:
        resource = self._resource
        return resource is not None and resource.is_once(self.method, self.view.action)

    @property
    def _shows_one(self) -> bool:
        """Whether what is shown is a row, and not a list or something that was worked out."""
        if self._resource is None or self.view.action == "list":
            return False
        is_said = self.view.action in self._resource.says
        return is_said or issubclass(self._resource.shape_of(self.view.action), Shape)

    @property
    def _is_comparable(self) -> bool:
        resource = self._resource
        if resource is None or self.method == "GET":
            return False
        return resource.is_comparable(self.view.action, re.findall(r"{(\w+)}", self.path))

    def get_request_serializer(self) -> Any:
        resource = self._resource
        return resource.accepts.get(self.view.action) if resource else self.view.operation.takes

    def get_response_serializers(self) -> Any:
        if self._resource is not None:
            return None
        door = self.view.operation
        refusals = {
            status: OpenApiResponse(door.error, description=words)
            for status, words in door.words.items()
        }
        return {200: Token, **refusals}

    def map_parsers(self) -> list[str]:
        return ["application/json"]

    def map_renderers(self, attribute: str) -> list[str]:
        return ["application/json"]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        resource = self._resource
        if resource is None:
            return super()._get_response_bodies(direction)
        good = "201" if self.view.action == "create" else "200"
        errors = {str(status): self._error(status) for status in self._statuses(resource)}
        headers = {REPLAYED: fields.REPLAYED} if self._is_once else {}
        headers |= {"ETag": fields.ETAG} if self._shows_one else {}
        if self._shows_one and self.method == "GET":
            errors["304"] = {"description": _WORDS[304], "headers": {"ETag": fields.ETAG}}
        return {good: _answer("Done.", self._good_body(resource), **headers)} | errors

    def _error(self, status: int) -> dict[str, Any]:
        """Refer to an answer that all operations of a surface share."""
        surface = self.view.surface
        name = f"{surface.name}_{status}"
        body = self.resolve_serializer(surface.error.document, "response").ref
        _SHARED[name] = _answer(_WORDS[status], body)
        return {"$ref": f"#/components/responses/{name}"}

    def _good_body(self, resource: type[Resource]) -> dict[str, Any]:
        action = self.view.action
        if action in resource.says:
            return _object({"message": {"type": "string", "const": resource.says[action]}})
        shape = self.resolve_serializer(resource.shape_of(action), "response")
        surface = resource.surface.name.title()
        if action == "list":
            return self._page(f"{surface}{resource.__name__}", shape.ref, resource.paging())
        if "data" in resource.surface.one:
            return self._named(f"{surface}{shape.name}", _object({"data": shape.ref}))
        return shape.ref

    def _page(self, name: str, item: dict[str, Any], paging: Pages) -> dict[str, Any]:
        data = {"type": "array", "items": item}
        pages = [
            self._named(f"{name}{'Cursor' * number}Page", _object({"data": data, **members}))
            for number, members in enumerate(paging.members())
        ]
        return pages[0] if len(pages) == 1 else {"oneOf": pages}

    def _named(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """Refer to a body by a name, which generated clients call it by."""
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)
        self.registry.register_on_missing(component)
        return component.ref

    def _statuses(self, resource: type[Resource]) -> list[int]:
        statuses = {400, 401, 403, 404, 405, 429, 503}
        if self.method != "GET":
            statuses |= {409, 413, 415}
        if self.view.action in resource.accepts:
            statuses |= {resource.surface.missing, resource.surface.invalid}
        if self._is_once:
            statuses.add(422)
        if self._is_comparable:
            statuses |= {412, 428} if self.view.action != "create" else {412}
        return sorted(statuses)


def _parameter(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{name}"}


def _in_small(name: str) -> str:
    """Return `CustomerAudit` as `customer_audit`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _answer(description: str, schema: dict[str, Any], **headers: Any) -> dict[str, Any]:
    return {
        "description": description,
        "headers": headers,
        "content": {"application/json": {"schema": schema}},
    }


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def _path_parameter(name: str, prefix: str) -> dict[str, Any]:
    words = f"An id: `{prefix}` and 32 hexadecimal digits, or the bare UUID."
    schema = {"type": "string"}
    return {"name": name, "in": "path", "required": True, "description": words, "schema": schema}


def _query_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    schema = dict(schema)
    words = schema.pop("description", "")
    return {"name": name, "in": "query", "description": words, "schema": schema}


def complete_document(result: Any, **kwargs: Any) -> Any:
    """Name the surfaces, gather the answers that they share, and drop what says nothing.

    The methods of a path stand in one order, so that making the document again changes nothing.
    """
    for methods in result["paths"].values():
        for method in Resource.http_method_names:
            if method in methods:
                methods[method] = methods.pop(method)
                for status, answer in methods[method]["responses"].items():
                    _add_headers(answer, status)
    for name, answer in _SHARED.items():
        _add_headers(answer, name[-3:])
    result["tags"] = [{"name": surface.title} for surface in (oauth, m2m, v1, accounts, credits)]
    result["servers"] = [{"url": "/"}]
    result["components"]["parameters"] = fields.PARAMETERS
    result["components"]["headers"] = {
        name: {"description": words, "schema": {"type": "string"}}
        for name, words in fields.HEADERS.items()
    }
    result["components"]["responses"] = dict(sorted(_SHARED.items()))
    for kind, shared in webhook_parts().items():
        result["components"][kind] |= shared
    add_links(result)
    return _tidied(result) | {"webhooks": webhooks()}


def _add_headers(answer: dict[str, Any], status: str) -> None:
    """Name the headers that an answer carries, where it does not refer to a shared one."""
    if "$ref" in answer:
        return
    names = {"Request-Id"}
    if status not in fields.UNCOUNTED:
        names |= {"RateLimit-Policy", "RateLimit"}
    if status in ("429", "503"):
        names.add("Retry-After")
    shared = [name for name in fields.HEADERS if name in names]
    refs = {name: {"$ref": f"#/components/headers/{name}"} for name in shared}
    answer["headers"] = answer.get("headers", {}) | refs


def _plain(text: str) -> str:
    return text.replace(_PATCHED, "Changed")


def _tidied(part: Any) -> Any:
    """Shapes are only ever read, and the words of a choice are its meaning."""
    if isinstance(part, list):
        return [_tidied(one) for one in part]
    if not isinstance(part, dict):
        return _plain(part) if isinstance(part, str) else part
    tidy = {_plain(name): _tidied(value) for name, value in part.items() if name not in _NOISE}
    if "enum" in tidy and str(tidy.get("description", "")).startswith("* `"):
        del tidy["description"]
    if isinstance(tidy.get("type"), list):
        tidy["type"] = list(dict.fromkeys(tidy["type"]))
    if list(tidy) == ["allOf"] and len(tidy["allOf"]) == 1:
        return tidy["allOf"][0]
    return tidy
