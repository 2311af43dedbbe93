"""Generates the operations of the OpenAPI document from the declarations of resources."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, get_doc
from drf_spectacular.utils import OpenApiResponse

from config.tenancy.ids import id_pattern
from config.tenancy.models import noun_of

from ..idempotency import REPLAYED
from ..input_fields import EmailIn
from ..numbered_pages import NumberedUnlessCursors
from ..pages import Pages
from ..resource import CHANGES, Resource
from ..shapes import Shape
from ..surfaces import oauth
from ..unknown import HEADER as IGNORED
from . import extensions  # noqa: F401
from . import headers as fields
from .statuses import DONE, REFUSALS

# Responses that the operations of a surface share, by component name.
SHARED: dict[str, dict[str, Any]] = {}


class OperationSchema(AutoSchema):
    """Generates the documentation of one operation."""

    view: Any

    @property
    def _resource(self) -> type[Resource] | None:
        return type(self.view) if isinstance(self.view, Resource) else None

    def get_operation_id(self) -> str:
        if self._resource is None:
            return str(self.view.operation.id)
        return self._resource.operation_of(self.view.action, self.path)

    def get_tags(self) -> list[str]:
        return [self._resource.surface.title if self._resource else oauth.title]

    def get_description(self) -> str:  # type: ignore[override]
        words = super().get_description()
        if self._resource is None:
            return words
        if not get_doc(getattr(self._resource, self.view.action)):
            words = self._from_class(self._resource, words)
        scope = self._scope
        return f"{words}\n\n{f'Scope: `{scope}`.' if scope else 'Any valid credential may.'}"

    def _from_class(self, resource: type[Resource], words: str) -> str:
        """Derive the description of a list or a read from the docstring of the class."""
        verb = "List" if self.view.action == "list" else "Read"
        if verb == "Read" and resource.is_listed():
            parent = resource.parent
            models = [
                resource.queryset.model,
                *([parent.models[parent.parameter]] if parent else []),
            ]
            nouns = " of ".join(_with_article(noun_of(model)) for model in models)
            return f"Read {nouns}.{words[words.index('.') + 1 :]}"
        return words if words.startswith(f"{verb} ") else f"{verb} {words[0].lower()}{words[1:]}"

    def get_summary(self) -> str | None:
        """Return the first sentence of the description."""
        return self.get_description().partition("\n")[0].rstrip(".") or None

    def get_auth(self) -> list[dict[str, Any]]:
        schemes = super().get_auth()
        if self._resource is None:
            return schemes
        scopes = [self._scope] if self._scope else []
        return [{"oauth2": scopes}, {"apiKey": scopes}]

    @property
    def _scope(self) -> str:
        """The scope that the operation requires, "" for none."""
        assert self._resource is not None
        return self._resource.scope_of(self.method, self.view.action)

    def _get_parameters(self) -> list[dict[str, Any]]:
        if (resource := self._resource) is None:
            return super()._get_parameters()
        ids = re.findall(r"{(\w+)}", self.path)
        path = [_path_parameter(name, resource) for name in ids]
        action = self.view.action
        query = resource.parameters(action, self.method)
        headers = [] if self.method == "GET" else [_parameter("Reason")]
        headers += [_parameter("IdempotencyKey")] if self._takes_key else []
        headers += [_parameter("RefuseDuplicates")] * (action in resource.guarded)
        headers += [_parameter("IfMatch")] if self._is_comparable else []
        headers += [_parameter("IfAbsent")] if action in resource.upserts else []
        headers += [_parameter("IfNoneMatch")] if self._shows_one and self.method == "GET" else []
        return [*path, *(_query_parameter(name, one) for name, one in query.items()), *headers]

    @property
    def _takes_key(self) -> bool:
        return bool(self._resource and self._resource.takes_key(self.method, self.view.action))

    @property
    def _shows_one(self) -> bool:
        """Whether the response shows one row, so that it has an ETag."""
        if self._resource is None or self.view.action == "list" or self._sends_file:
            return False
        is_said = self.view.action in self._resource.messages
        return is_said or issubclass(self._resource.shape_of(self.view.action), Shape)

    @property
    def _is_located(self) -> bool:
        """Whether the response has a Location: it creates a row that can be read."""
        resource = self._resource
        route = re.sub(r"{(\w+)}", r"<\1>", self.path.removeprefix("/"))
        is_made = self.view.action in ("create", *(resource.upserts if resource else ()))
        return resource is not None and is_made and resource.is_readable(route)

    @property
    def _ignores(self) -> bool:
        """Whether the response can have the header Ignored-Fields."""
        is_changed = self._resource is not None and self.view.action in CHANGES
        return self.view.surface.is_lenient or is_changed

    @property
    def _is_comparable(self) -> bool:
        resource = self._resource
        if resource is None or self.method == "GET":
            return False
        return resource.is_comparable(self.view.action, re.findall(r"{(\w+)}", self.path))

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        # drf-spectacular would make a `oneOf` of an optional address, and "" would match both.
        if not isinstance(field, EmailIn):
            super()._insert_field_validators(field, schema)

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return `schema_name` if the class itself defines it, or else the name of the class."""
        own = vars(type(serializer)).get("schema_name")
        return own or super().get_serializer_name(serializer, direction)

    def get_request_serializer(self) -> Any:
        resource = self._resource
        return resource.accepts.get(self.view.action) if resource else self.view.operation.takes

    @property
    def _sends_file(self) -> tuple[str, ...]:
        """The media types of the file in the response, () for JSON."""
        is_read = self.view.action == "retrieve"
        return self._resource.sends_file if self._resource is not None and is_read else ()

    def _get_request_body(self, direction: Any = "request") -> Any:
        """Return the request body: JSON, or a file if the operation takes one."""
        taken = self._resource.takes_file if self._resource is not None else {}
        if not taken or self.view.action != "create":
            return super()._get_request_body(direction)
        return {"required": True, "content": fields.files(taken)}

    def get_response_serializers(self) -> Any:
        if self._resource is not None:
            return None
        door = self.view.operation
        refusals = {
            status: OpenApiResponse(door.error, description=words)
            for status, words in sorted(door.words.items())
        }
        return {200: OpenApiResponse(door.answers, description=door.succeeded), **refusals}

    def map_parsers(self) -> list[str]:
        return ["application/json"]

    def map_renderers(self, attribute: str) -> list[str]:
        return ["application/json"]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        resource = self._resource
        if resource is None:
            bodies = super()._get_response_bodies(direction)
            bodies["200"]["headers"] = {IGNORED: fields.IGNORED} if self._ignores else {}
            return bodies
        made = "202" if self.view.action in resource.starts_work else "201"
        good = [made] if self.view.action == "create" else ["200"]
        good += ["201"] if self.view.action in resource.upserts else []
        errors = {str(status): self._error(status) for status in self._statuses(resource)}
        headers = {REPLAYED: fields.REPLAYED} if self._takes_key else {}
        headers |= fields.DRY_RUN if resource.has_dry_run(self.method, self.view.action) else {}
        headers |= {IGNORED: fields.IGNORED} if self._ignores else {}
        headers |= fields.merged_into(resource.merging_ids(), self.path)
        headers |= {"ETag": fields.ETAG} if self._shows_one else {}
        headers |= fields.texts(resource.answer_headers.get(self.view.action, {}))
        if self._shows_one and self.method == "GET":
            errors["304"] = {"description": REFUSALS[304], "headers": {"ETag": fields.ETAG}}
        if self._sends_file:
            return {"200": fields.file_answer(self._sends_file)} | errors
        body = self._good_body(resource)
        answers = {status: _answer(DONE[status], body, **headers) for status in good}
        if self._is_located:
            answers[made]["headers"]["Location"] = fields.LOCATION
        return answers | errors

    def _error(self, status: int) -> dict[str, Any]:
        """Return a reference to the shared error response of a surface."""
        surface = self.view.surface
        name = f"{surface.name}_{status}"
        body = self.resolve_serializer(surface.error.document, "response").ref
        SHARED[name] = _answer(REFUSALS[status], body)
        return {"$ref": f"#/components/responses/{name}"}

    def _good_body(self, resource: type[Resource]) -> dict[str, Any]:
        action = self.view.action
        if action in resource.messages:
            done = {"type": "string", "const": resource.messages[action]}
            return _object({"message": {**done, "description": "Confirms that it was done."}})
        shape = self.resolve_serializer(resource.shape_of(action), "response")
        surface = resource.surface.name.title()
        if action == "list":
            return self._page(f"{surface}{resource.__name__}", shape.ref, resource.paging())
        if b"data" in resource.surface.one:
            data = {**shape.ref, "description": "The object that the request is about."}
            return self._named(f"{surface}{shape.name}", _object({"data": data}))
        return shape.ref

    def _page(self, name: str, item: dict[str, Any], paging: Pages) -> dict[str, Any]:
        words = "The objects of this page, in the order of the list."
        words = words if paging.parameters else "All objects of the list, on one page."
        data = {"type": "array", "items": item, "description": words}
        bodies = [_object({"data": data, **members}) for members in paging.members()]
        if isinstance(paging, NumberedUnlessCursors):
            # `oneOf` works because each form requires members that the other does not have.
            for body, form in zip(bodies, paging.forms, strict=True):
                body["description"] = form
        pages = [
            self._named(f"{name}{'Cursor' * number}Page", body)
            for number, body in enumerate(bodies)
        ]
        return pages[0] if len(pages) == 1 else {"oneOf": pages}

    def _named(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """Register a schema under a name, for generated clients, and return a reference."""
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)
        self.registry.register_on_missing(component)
        return component.ref

    def _statuses(self, resource: type[Resource]) -> list[int]:
        statuses = {400, 401, 403, 404, 405, 429, 503}
        if self.method != "GET":
            statuses |= {408, 409, 413, 415}
        statuses |= {409} if self._sends_file else set()
        if self.view.action in resource.accepts:
            statuses |= {resource.surface.missing, resource.surface.invalid}
        if self._takes_key:
            statuses.add(422)
        if self._is_comparable:
            statuses |= {412, 428} if self.view.action != "create" else {412}
        statuses |= {412} if self.view.action in resource.compares else set()
        return sorted(statuses)


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def _parameter(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{name}"}


def _answer(description: str, schema: dict[str, Any], **headers: Any) -> dict[str, Any]:
    return {
        "description": description,
        "headers": headers,
        "content": {"application/json": {"schema": schema}},
    }


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def _path_parameter(name: str, resource: type[Resource]) -> dict[str, Any]:
    prefix = resource.ids.get(name, "")
    words = (
        f"The id of the {resource.noun_of_id(name)}: `{prefix}` and 32 hexadecimal digits, or the "
        "bare UUID, in any case."
    )
    schema = {"type": "string", "pattern": id_pattern(prefix)}
    return {"name": name, "in": "path", "required": True, "description": words, "schema": schema}


def _query_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    schema = dict(schema)
    words, needed = schema.pop("description", ""), schema.pop("required", False)
    required = {"required": True} if needed else {}
    return {"name": name, "in": "query", "description": words, **required, "schema": schema}
