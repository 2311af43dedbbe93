"""Dry runs: a write gets its full response and is then rolled back (contract, section 7).

A dry run counts towards the rate limits. It uses no idempotency key and no number of a sequence,
and sends no events or e-mails.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from config.changes.event_types import PUBLIC
from config.changes.expressions import type_of
from config.changes.models import Change
from config.tenancy.actors import Actor

from .filtering import Filters, Switch

PARAMETER = "dry_run"
HEADER, EVENTS, EMAILS = "Dry-Run", "Dry-Run-Events", "Dry-Run-Emails"
# Jobs whose name contains this send an e-mail, such as `customers.send_invitation`.
_SENDS = ".send_"


class DryRunOption(Filters):
    """The query parameter `dry_run`."""

    dry_run = Switch(
        help_text="true: answer as if the change were made, but change nothing. The headers "
        "`Dry-Run-Events` and `Dry-Run-Emails` name the events and the e-mails that would follow."
    )


def describe(response: Any, request_id: str, actor: Actor) -> None:
    """Add headers with the events and e-mails that the open transaction would cause.

    Raises IntegrityError if a deferred constraint fails.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    changes = Change.objects.visible_to(actor).filter(table_name__in=sorted(PUBLIC))
    made = changes.filter(request_id=request_id, at__gte=TransactionNow()).order_by("id")
    jobs = ProcrastinateJob.objects.filter(
        status="todo",
        task_name__contains=_SENDS,
        args__company_id=str(actor.company_id),
        procrastinateevent__at=TransactionNow(),
    )
    emails = jobs.order_by("id").values_list("task_name", flat=True)
    response[HEADER] = "true"
    response[EVENTS] = _counted(made.annotate(event=type_of()).values_list("event", flat=True))
    response[EMAILS] = _counted(name.partition(_SENDS)[2] for name in emails)
    # These headers refer to a row that will not exist.
    for name in ("Location", "ETag"):
        del response[name]


def _counted(names: Iterable[str]) -> str:
    """Return each name with its count, such as `customer.created=1, address.created=2`."""
    return ", ".join(f"{name}={count}" for name, count in Counter(names).items())
