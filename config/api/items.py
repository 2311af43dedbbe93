"""The field of a body that has many items, of which each is read by itself."""

from typing import Any

from rest_framework import serializers

from .input_fields import Accepted


class ItemsIn(serializers.Field):
    """A list of up to `most` objects, which the endpoint reads one by one (`config.api.batches`).

    So one that is not valid does not stop the others; `item` declares what each may have.
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
