"""Base classes of input serializers, which report unknown fields and all errors at once."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from .faults import detail_of, faults_of
from .problems import Fault, quoted
from .unknown import UnknownNames

_REQUIRED = "Send this field: it is required."


class ListOfObjects(serializers.ListSerializer):
    """A list of objects; each reports its own faults."""

    default_error_messages = {"null": "Must be a list of objects; got “null”."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise serializers.ValidationError(f"Must be a list of objects; got {quoted(data)}.")
        most: int | None = vars(self)["max_length"]
        if not self.allow_empty and not data:
            raise serializers.ValidationError("Must have at least one entry; got none.")
        if most is not None and len(data) > most:
            raise serializers.ValidationError(
                f"Must have at most {most:,} entries; got {len(data):,}."
            )
        return super().to_internal_value(data)


class Accepted(serializers.Serializer):
    """Base class of input serializers. The `source` of a field is its name in the domain.

    `refuses`: error messages for unknown fields that clients are likely to try. The UnknownNames of
    the request decides whether to ignore other unknown fields. Without an UnknownNames, all unknown
    fields are refused.
    `needs_one_of`: alternative sets of required fields. It is only shown in the OpenAPI document;
    an action, `find_missing` or `validate` checks the rule.
    `shown_as`: the path of a field in the response, if it has another name there:
    `{"configuration": "service.configuration"}`.
    """

    shown_as: ClassVar[dict[str, str]] = {}
    refuses: ClassVar[dict[str, str]] = {}
    needs_one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()

    default_error_messages = {"null": "Must be an object; got “null”."}

    class Meta:
        list_serializer_class = ListOfObjects

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.error_messages["required"] = _REQUIRED
        return fields

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Validate an object; raises a ValidationError with all its faults."""
        if self.root is not self:
            return super().run_validation(data)
        unknown = self.context.get("unknown") or UnknownNames()
        faults = self.find_unknown(data, unknown)
        try:
            value = super().run_validation(data)
        except serializers.ValidationError as error:
            faults += faults_of(error.detail)
        if faults:
            raise serializers.ValidationError(detail_of(faults))
        return value

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError(
                {"non_field_errors": f"Must be an object; got {quoted(data)}."}
            )
        missing = self.find_missing(data)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            missing = {name: text for name, text in missing.items() if name not in error.detail}
            raise serializers.ValidationError(
                {**error.detail, **_required(missing)}  # type: ignore[dict-item]
            )
        if missing:
            raise serializers.ValidationError(_required(missing))
        return value

    def find_missing(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Return an error message for each field that the given fields make required."""
        return {}

    def find_unknown(self, data: Any, unknown: UnknownNames, where: str = "") -> list[Fault]:
        """Return the faults for unknown fields of an object and of its nested objects."""
        if not isinstance(data, Mapping):
            return []
        fields: dict[str, Any] = dict(self.fields)
        faults: list[Fault] = []
        given = [name for name in data if name not in fields]
        if given:
            known = [name for name in fields if not unknown.is_lenient or self._omits(name)]
            faults += unknown.find(
                given, [*known, *self.refuses], refuses=self.refuses, where=where
            )
        for name, field in fields.items():
            part = data.get(name)
            if isinstance(field, Accepted):
                faults += field.find_unknown(part, unknown, f"{where}{name}.")
            elif isinstance(field, serializers.ListSerializer) and isinstance(part, list):
                item: Any = field.child
                for at, inner in enumerate(part):
                    faults += item.find_unknown(inner, unknown, f"{where}{name}.{at}.")
        return faults

    def _omits(self, name: str) -> bool:
        """Whether a field may be left out."""
        return self.root.partial or not self.fields[name].required

    def domain_names(self) -> dict[str, str]:
        """Map field names of the domain to those of this serializer, for refusals.

        Fields of nested objects have dotted names, such as `payment.method`.
        """
        nested = {
            inner: f"{name}.{public}"
            for name, field in self.fields.items()
            if isinstance(part := getattr(field, "child", field), Accepted)
            for inner, public in part.domain_names().items()
        }
        return nested | {(field.source or name): name for name, field in self.fields.items()}


def _required(missing: Mapping[str, str]) -> dict[str, list[ErrorDetail]]:
    return {name: [ErrorDetail(text, "required")] for name, text in missing.items()}


class ItemsIn(serializers.Field):
    """A list of up to `most` objects that are validated one by one (`config.api.batches`).

    So an invalid item does not stop the others. `item` is the serializer of each.
    """

    default_error_messages = {
        "list": "Must be a list of objects.",
        "many": "Has {count} items, and {most} are the most. Send the others in another request.",
    }

    def __init__(self, item: type[Accepted], *, most: int, **kwargs: Any) -> None:
        self.item, self.most = item, most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("list")
        if len(data) > self.most:
            self.fail("many", count=len(data), most=self.most)
        return data
