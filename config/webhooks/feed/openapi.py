"""The schema of a change: one per kind of object, distinguished by `object_type`."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent

from config.changes.event_types import PUBLIC

from .objects import event_shapes


class ChangeSchema(OpenApiSerializerExtension):
    """Describes a change as one of several schemas, each with the shape of its object."""

    target_class = "config.webhooks.feed.shapes.RecordedChange"

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        whole = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        data = auto_schema.resolve_serializer(type(self.target)().fields["data"].shape, direction)
        # Each kind of change has its own schema instead.
        del auto_schema.registry[data]
        refs = {}
        for table, recorded in PUBLIC.items():
            shape = auto_schema.resolve_serializer(event_shapes()[table], direction).ref
            schema = _of_object(whole, data.schema, recorded, shape)
            name = schema_name(recorded.noun)
            component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)
            auto_schema.registry.register_on_missing(component)
            refs[recorded.noun] = component.ref
        mapping = {noun: ref["$ref"] for noun, ref in refs.items()}
        discriminator = {"propertyName": "object_type", "mapping": mapping}
        return {"oneOf": [*refs.values()], "discriminator": discriminator}


def schema_name(noun: str) -> str:
    """Return the name of the schema of an object's changes, such as `CustomerChange`."""
    return f"{noun.title().replace('_', '')}Change"


def _of_object(whole: Any, data: Any, recorded: Any, shape: dict[str, str]) -> dict[str, Any]:
    """Return the schema of the changes of one kind of object."""
    members, inside = whole["properties"], data["properties"]
    shown = {"object": {**inside["object"], "oneOf": [shape, {"type": "null"}]}}
    narrowed = {
        "type": {**members["type"], "enum": sorted(recorded.types)},
        "object_type": {
            "type": "string",
            "const": recorded.noun,
            "description": f"The kind of object that changed: here always `{recorded.noun}`.",
        },
        "data": {**data, "properties": inside | shown},
    }
    return {**whole, "properties": members | narrowed}
