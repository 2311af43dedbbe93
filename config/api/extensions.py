"""How drf-spectacular sees what it does not know."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.plumbing import build_array_type


class PartSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.shapes.Part"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        shapes = [
            auto_schema.resolve_serializer(shape, direction).ref for shape in self.target.shapes
        ]
        if len(shapes) > 1:
            return {"oneOf": shapes}
        shape = shapes[0]
        if getattr(self.target, "many", False):
            return build_array_type(shape)
        # A nullable field gets its "null" from drf-spectacular, which needs a list to add it to.
        return {"oneOf": [shape]} if self.target.allow_null else shape


class ClosedSchema(OpenApiSerializerExtension):
    """What comes in has no fields but those that are documented."""

    target_class = "config.api.accepting.Accepted"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class RateSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.accepting.RateIn"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        pattern = r"^[0-9]{1,3}(\.[0-9]{1,4})?$"
        return {"type": ["number", "string"], "minimum": 0, "maximum": 100, "pattern": pattern}


class KeysSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.accepting.KeysIn"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return {"type": "object", "additionalProperties": {}}


class MomentSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.accepting.MomentIn"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        pattern = f"^{self.target.written.pattern}$"
        return {"type": "string", "pattern": pattern, "examples": ["2026-01-31T09:30:00Z"]}


class IdSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.shapes.Id"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        kind = ["string", "null"] if self.target.allow_null else "string"
        return {"type": kind, "pattern": f"^{self.target.prefix}[0-9a-f]{{32}}$"}


class CredentialScheme(OpenApiAuthenticationExtension):
    target_class = "config.api.authentication.Credential"
    name = ["oauth2", "apiKey"]

    def get_security_definition(self, auto_schema: Any) -> Any:
        from config.access.scopes import SCOPES

        return [
            {
                "type": "oauth2",
                "description": "An access token, sent as `Authorization: Bearer …`.",
                "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": SCOPES}},
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": "An API key; `Authorization: Bearer …` takes it as well.",
            },
        ]
