"""The tables that sample customers fill; columns and defaults are read from the models."""

from collections.abc import Callable
from typing import Any

from django.db import models

from billing.models import Invoice, InvoiceLine, Payment, PaymentMethod, Subscription
from bookings.models import (
    Booking,
    EventDate,
    Facilitator,
    LateCancellation,
    MediaPurchase,
    Transaction,
)
from config.tenancy.models import UpdatedAt
from credits.models import Credit, Entry, Goodwill, PassPurchase
from customers.models import Address, ContactPoint, Customer, CustomerUser, Note

NULL = r"\N"
# Triggers compute this column from the bookings.
_COUNTED = "spaces_taken"

# In the order in which rows are written. Lines are written before their invoices, because an issued
# invoice takes no more lines. Payments come after the invoices, because only an issued invoice can
# be paid.
MODELS: tuple[type[models.Model], ...] = (
    *(Facilitator, EventDate, Customer, Address, ContactPoint, CustomerUser, Note, PaymentMethod),
    Subscription,
    *(PassPurchase, Credit, Goodwill, Entry, Transaction, Booking, LateCancellation),
    *(MediaPurchase, InvoiceLine, Invoice, Payment),
)
TABLES = [model._meta.db_table for model in MODELS]
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Table:
    """One table; a row is a line in COPY's text format. `fixed` columns are equal in all rows."""

    def __init__(self, model: type[models.Model], **fixed: Any) -> None:
        fields = {
            str(one.column): one
            for one in model._meta.concrete_fields
            if not one.generated and one.column != _COUNTED
        }
        self.name, self.columns = model._meta.db_table, list(fields)
        self.moments = {
            column for column, one in fields.items() if isinstance(one, models.DateTimeField)
        }
        self._clocks = [column for column in self.moments if _is_clock(fields[column])]
        self._defaults: dict[str, Any] = {
            column: _default(one) for column, one in fields.items() if _has_default(one)
        }
        self._defaults |= {column: value for column, value in fixed.items() if column in fields}
        self._form = "\t".join(f"%({column})s" for column in self.columns) + "\n"

    def line(self, moment: int, values: dict[str, Any], show: Callable[[int], str]) -> str:
        """Return a row that was created at a moment; `show` formats moments.

        Columns whose default is the database's clock get the moment. Raises TypeError for a column
        that is missing or unknown.
        """
        row = self._defaults | dict.fromkeys(self._clocks, show(moment)) | values
        for column, value in values.items():
            if value is None:
                row[column] = NULL
            elif column in self.moments:
                row[column] = show(value)
        if len(row) != len(self.columns):
            raise TypeError(f"{self.name}: {sorted(set(self.columns) ^ row.keys())}")
        return self._form % row


def escape(text: str) -> str:
    """Escape text that we did not write, so that COPY reads it unchanged."""
    return text.translate(_ESCAPED)


def array(texts: list[str]) -> str:
    """Return texts as an array in COPY's format."""
    quoted = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return escape("{" + ",".join(f'"{text}"' for text in quoted) + "}")


def _is_clock(field: models.Field) -> bool:
    return field.has_db_default() or isinstance(field, UpdatedAt)


def _has_default(field: models.Field) -> bool:
    return not field.primary_key and (field.has_default() or field.null or field.blank)


def _default(field: models.Field) -> Any:
    value = field.get_default()
    # An empty object and an empty array are written in the same way.
    return NULL if value is None else "{}" if value in ({}, []) else value
