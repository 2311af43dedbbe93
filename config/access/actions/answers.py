from datetime import timedelta

from django.db.models.functions import Now

from ..models import KeptAnswer

HOURS_KEPT = 72


ANSWERS_AT_ONCE = 1_000


def remove_old_answers() -> int:
    """Remove some answers of the active company that are kept no longer; returns how many.

    There may be more where it removed ANSWERS_AT_ONCE: no transaction is to be a long one.
    """
    old = KeptAnswer.objects.filter(created_at__lte=Now() - timedelta(hours=HOURS_KEPT))
    return KeptAnswer.objects.filter(pk__in=old.order_by("created_at")[:ANSWERS_AT_ONCE]).remove()
