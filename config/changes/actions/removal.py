import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from config.access.ids import first_id
from config.access.tenancy import active_company

from ..models import WebhookAttempt, WebhookDelivery

DAYS_KEPT = 30
REMOVED_AT_ONCE = 1_000
# Less than every id.
FIRST = uuid.UUID(int=0)


@transaction.atomic
def remove_old_messages(after: uuid.UUID = FIRST) -> uuid.UUID | None:
    """Remove some messages of the active company for which nothing was tried for DAYS_KEPT.

    What waits stays however old it is, and what the messages told stays in the feed. They are gone
    through oldest first, REMOVED_AT_ONCE in one transaction: returns the id to go on after, None
    where there are no more.
    """
    long_ago = timezone.now() - timedelta(days=DAYS_KEPT)
    old = WebhookDelivery.objects.done_with().filter(
        company_id=active_company(), pk__gt=after, pk__lt=first_id(long_ago)
    )
    # One that is being sent again at this moment is held by whoever does it, and stays.
    held = old.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)
    found = list(held[:REMOVED_AT_ONCE])
    lately = WebhookAttempt.objects.filter(delivery=OuterRef("pk"), began_at__gt=long_ago)
    rows = WebhookDelivery.objects.filter(~Exists(lately), pk__in=found)
    gone = list(rows.values_list("pk", flat=True))
    WebhookAttempt.objects.filter(delivery__in=gone).remove()
    WebhookDelivery.objects.filter(pk__in=gone).remove()
    return found[-1] if len(found) == REMOVED_AT_ONCE else None
