from django.db import transaction
from django.utils import timezone

from billing.cards import refuse_card_numbers
from config.access.actors import Actor
from config.statements.inserting import insert
from credits.actions.ledger import local_today
from credits.durations import last_day
from customers.actions import lock_customer

from ..errors import LastDayPast, MediaArchived, PurchaseCancelled
from ..models import Media, MediaPurchase
from .paying import Means, give_back, pay_together


@transaction.atomic
def sell_media(
    purchase: MediaPurchase, *, means: Means | None = None, actor: Actor
) -> MediaPurchase:
    """Write that a customer bought a medium, as it is sold now, and how it was paid.

    Raises CustomerArchived, MediaArchived, LastDayPast, or what paying raises.
    """
    purchase.customer = lock_customer(purchase.customer, actor=actor)
    media = Media.objects.visible_to(actor).get(pk=purchase.media_id)
    if media.is_archived:
        raise MediaArchived
    today = local_today(actor.company_id)
    if purchase.expires_on is None:
        purchase.expires_on = last_day(today, media.valid_for)
    elif purchase.expires_on < today:
        raise LastDayPast
    purchase.company_id = actor.company_id
    purchase.total, purchase.currency = media.price, media.currency
    insert(purchase)
    if means is not None:
        pay_together([purchase], purchase.customer, means, actor=actor)
    return purchase


@transaction.atomic
def cancel_media_purchase(
    purchase: MediaPurchase, *, reason: str = "", refund: bool = True, actor: Actor
) -> None:
    """Take a medium back and give back what it took: visits, credit, money unless told not to.

    Raises CustomerArchived, PurchaseCancelled or CardNumber.
    """
    lock_customer(purchase.customer, actor=actor)
    rows = MediaPurchase.objects.visible_to(actor).select_for_update(no_key=True)
    purchase = rows.get(pk=purchase.pk)
    if purchase.is_cancelled:
        raise PurchaseCancelled
    purchase.reason = reason
    refuse_card_numbers(purchase)
    give_back(purchase, refund=refund, reason=reason, actor=actor)
    purchase.cancelled_at, purchase.cancelled_by = timezone.now(), actor.name
    purchase.save(update_fields=["cancelled_at", "cancelled_by", "reason", "refund", "updated_at"])
