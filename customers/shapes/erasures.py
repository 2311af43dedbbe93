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

    id = Id(Erasure.id_prefix)
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer whose data is erased."
    )
    status = OneOf(
        _status,
        choices=list(Erasure.STATUSES),
        help_text="`waiting` can be cancelled. It is `erased` within some minutes of `due_at`, "
        "once no background work of the company is under way.",
    )
    requested_by = Text(
        help_text="The name of the staff member, API client or API key that requested it."
    )
    created_at = Instant(help_text="When it was requested.")
    due_at = Instant(help_text="When the waiting time is over.")
    cancelled_by = TextOrNull(
        help_text="The name of the staff member, API client or API key that cancelled it; null if "
        "it was not cancelled."
    )
    cancelled_at = Instant(allow_null=True, help_text="When it was cancelled; null if it was not.")
    erased_at = Instant(allow_null=True, help_text="When the person was erased; null until then.")
    report = Keys(
        help_text="Before the erasure: what is held about the person. After it: the certificate. "
        "`erased` and `kept` count the rows of each table and their filled fields, `changes` the "
        "emptied entries of the audit log, `mentions` the places elsewhere that mentioned the "
        "person. `scan` is the check afterwards: how many columns were searched, and in `found` "
        "those that still have an e-mail address, a phone number or an id of the person. The "
        "report has no personal data."
    )


class NewErasure(Accepted):
    """How long the erasure waits."""

    waiting_days = WholeIn(
        required=False,
        help_text="For how many days the erasure can be cancelled, up to 30 and at least as many "
        "as the company has set. Absent: as many as the company has set.",
    )
