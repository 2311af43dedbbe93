"""Fields of a shape that are other shapes, chosen by a condition or an order."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When

from .shapes import At, Part, Shape


class PartIf(Part):
    """Another shape of the same row, null unless a condition holds."""

    def __init__(self, shape: type[Shape], when: Callable[[At], Q], **kwargs: Any) -> None:
        super().__init__(shape, allow_null=True, **kwargs)
        self.when = when

    def expression(self, at: At) -> Any:
        return Case(
            When(self.when(at), then=self.shape.document(at)),
            default=Value(None),
            output_field=models.JSONField(),
        )


class Either(Part):
    """One of two shapes of the same row: `shape` if a condition holds, else `other`."""

    def __init__(
        self, shape: type[Shape], when: Callable[[At], Q], other: type[Shape], **kwargs: Any
    ) -> None:
        super().__init__(shape, **kwargs)
        self.when, self.other = when, other

    @property
    def shapes(self) -> tuple[type[Shape], ...]:
        return (self.shape, self.other)

    def expression(self, at: At) -> Any:
        return Case(
            When(self.when(at), then=self.shape.document(at)),
            default=self.other.document(at),
            output_field=models.JSONField(),
        )


class First(Part):
    """A shape of the first related row; null if there is none.

    `rows` returns the related rows, `by` names their foreign key to the outer row, and `order`
    names the columns that sort them.
    """

    def __init__(
        self,
        shape: type[Shape],
        rows: Callable[[], QuerySet[Any, Any]],
        by: str,
        *order: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(shape, allow_null=True, **kwargs)
        self.rows, self.by, self.order = rows, by, order

    def expression(self, at: At) -> Any:
        rows = self.shape.loaded(self.rows())
        chosen = rows.order_by(*self.order).filter(**{self.by: OuterRef(at("pk").name)})
        return Subquery(chosen.values(found=self.shape.document())[:1])
