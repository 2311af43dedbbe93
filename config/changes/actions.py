"""Write the log of data exports."""

from uuid import UUID

from django.db.models import CharField, Func, Value
from django.db.models.functions import Coalesce

from config.tenancy.actors import Actor

from .models import DataExport

LONGEST_QUERY = 1_000

# The request or the job that runs this transaction (config.tenancy.authors).
_REQUEST = Coalesce(
    Func(Value("regulars.request"), Value(True), function="current_setting"),
    Value(""),
    output_field=CharField(),
)


def record_data_export(
    kind: DataExport.Kind,
    *,
    what: str = "",
    query: str = "",
    count: int | None = None,
    customer_id: UUID | None = None,
    job_id: UUID | None = None,
    actor: Actor,
) -> None:
    """Record an export of customer data, in the transaction that allows it."""
    DataExport.objects.create(
        company_id=actor.company_id,
        kind=kind,
        what=what[:200],
        query=query[:LONGEST_QUERY],
        count=count,
        customer_id=customer_id,
        job_id=job_id,
        actor_kind=actor.kind,
        actor_name=actor.name[:255],
        credential_id=actor.credential_id,
        request_id=_REQUEST,
    )
