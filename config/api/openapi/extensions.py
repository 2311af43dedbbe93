"""Extensions that tell drf-spectacular the schemas of our own fields and serializers."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.plumbing import build_array_type

from config.tenancy.ids import id_pattern


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
    """Forbid undocumented fields in bodies, unless the surface is lenient."""

    target_class = "config.api.input_fields.Accepted"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if not auto_schema.view.surface.is_lenient:
            schema = {**schema, "additionalProperties": False}
        return schema | needing(*self.target.needs_one_of)


def needing(*ways: tuple[str, ...]) -> dict[str, Any]:
    """Return a schema of objects that have all fields of one of the `ways`, if there are any.

    Uses `if` instead of `anyOf`, of which client generators make a union type.
    """
    if not ways:
        return {}
    first, *others = ways
    has_first = {"properties": {name: {} for name in first}, "required": list(first)}
    return {"if": has_first, "else": needing(*others)} if others else has_first


class ItemsSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.input_objects.ItemsIn"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        item = auto_schema.resolve_serializer(self.target.item, direction).ref
        return {**build_array_type(item), "maxItems": self.target.most}


class RelatedSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.input_fields.RelatedField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        kind = ["string", "null"] if self.target.allow_null else "string"
        return {"type": kind, "pattern": id_pattern(self.target.prefix)}


class EmailSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.input_fields.EmailIn"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        schema = {"format": "idn-email", "maxLength": self.target.max_length}
        if self.target.required:
            return {"type": "string", **schema}
        words = self.target.help_text or 'An e-mail address; "" and null mean none.'
        return {"type": ["string", "null"], **schema, "description": words}


class RateSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.input_fields.RateIn"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        pattern = r"^[0-9]{1,3}(\.[0-9]{1,4})?$"
        return {"type": ["number", "string"], "minimum": 0, "maximum": 100, "pattern": pattern}


class KeysSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.input_fields.KeysIn"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return {"type": "object", "additionalProperties": {}}


class MomentSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.input_fields.MomentIn"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        pattern = f"^{self.target.written.pattern}$"
        return {"type": "string", "pattern": pattern, "examples": [self.target.example]}


class IdSchema(OpenApiSerializerFieldExtension):
    target_class = "config.api.shapes.Id"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        kind = ["string", "null"] if self.target.allow_null else "string"
        return {"type": kind, "pattern": f"^{self.target.prefix}[0-9a-f]{{32}}$"}


class UuidSchema(OpenApiSerializerFieldExtension):
    """Ids are strings in requests and responses, so that clients can send what they read."""

    target_class = "config.api.shapes.Uuid"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        kind = ["string", "null"] if self.target.allow_null else "string"
        return {"type": kind, "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}


class CredentialScheme(OpenApiAuthenticationExtension):
    target_class = "config.api.credentials.Credential"
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
