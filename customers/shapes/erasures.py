"""Erasures of people, on the v1 surface."""

from typing import Any

from django.db import models
from django.db.models import Case, Q, Value, When

from config.api.input_fields import Accepted, WholeIn
from config.api.shapes import At, Id, Instant, Keys, OneOf, Shape, Text, TextOrNull

from ..models import Customer, Erasure


def _status(at: At) -> Any:
    done, cancelled = at("erased_at").name, at("cancelled_at").name
    return Case(
        When(Q(**{f"{done}__isnull": False}), then=Value("erased")),
        When(Q(**{f"{cancelled}__isnull": False}), then=Value("cancelled")),
        default=Value("waiting"),
        output_field=models.CharField(),
    )


class ErasureRecord(Shape):
    """The erasure of a person: requested, then cancelled or done."""

    schema_name = "Erasure"

    id = Id(Erasure.id_prefix, help_text="Id of the erasure.")
    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer.")
    status = OneOf(
        _status,
        choices=list(Erasure.STATUSES),
        help_text="`waiting` can be cancelled. It is `erased` within some minutes of `due_at`, "
        "once no background work of the company is under way.",
    )
    requested_by = Text(help_text="The name of who requested it.")
    created_at = Instant(help_text="When it was requested.")
    due_at = Instant(help_text="When the waiting time is over.")
    cancelled_by = TextOrNull(help_text="The name of who cancelled it; null if nobody did.")
    cancelled_at = Instant(allow_null=True, help_text="When it was cancelled; null if it was not.")
    erased_at = Instant(allow_null=True, help_text="When the person was erased; null until then.")
    report = Keys(
        help_text="What is held, as of the request, and after the erasure the certificate. "
        "`erased` and `kept` count the rows of each table and the filled fields. `changes` are "
        "entries of the audit log that were emptied, `mentions` what mentioned the person "
        "elsewhere. `scan` is the second look: in how many columns, and in `found` where an e-mail "
        "address, a phone number or an id of the person still stands. It holds no value."
    )


class NewErasure(Accepted):
    """How long the erasure waits."""

    waiting_days = WholeIn(
        required=False,
        help_text="How many days the erasure can be cancelled, up to 30. Absent: as many as the "
        "company has set, which is the least.",
    )
