from django.db import transaction

from billing.actions.tax import gross_of, tax_on
from config.card_numbers import refuse_card_numbers
from config.durations import last_day
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.days import local_day
from config.times import Clock
from customers.actions.locks import lock_customer, lock_owner

from ..errors import LastDayPast, MediaArchived, PurchaseCancelled
from ..models import Media, MediaPurchase
from .giving_back import give_back
from .paying import Means, Parts, pay_together, pays_with_money


@transaction.atomic
def sell_media(
    purchase: MediaPurchase,
    *,
    means: Means | Parts | None = None,
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> MediaPurchase:
    """Sell a medium to a customer at its present terms, and pay for it if `means` is given.

    Without `means` it is paid later. Raises CustomerArchived, MediaArchived, LastDayPast, or the
    refusals of paying.
    """
    purchase.customer = lock_customer(purchase.customer, actor=actor)
    media = Media.objects.visible_to(actor).get(pk=purchase.media_id)
    if media.is_archived:
        raise MediaArchived
    today = local_day(actor.company_id)
    if purchase.expires_on is None:
        purchase.expires_on = last_day(today, media.valid_for)
    elif purchase.expires_on < today:
        raise LastDayPast
    purchase.company_id = actor.company_id
    purchase.tax_rate, purchase.tax_behavior = media.tax_rate, media.tax_behavior
    purchase.total, purchase.currency = gross_of(media), media.currency
    purchase.tax = tax_on(media.price, media.tax_rate, media.tax_behavior)
    insert(purchase)
    if means is not None:
        pay_together(
            [purchase],
            payer=purchase.customer,
            means=means,
            keep_excess_as_credit=keep_excess_as_credit,
            actor=actor,
        )
    return purchase


@transaction.atomic
def pay_media(
    purchase: MediaPurchase,
    *,
    means: Means | Parts,
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> None:
    """Pay for a purchase of a medium, or for the rest that a credit left of its price.

    An archived customer can still pay with money. Raises CustomerArchived, PurchaseCancelled, or
    the refusals of paying.
    """
    payer = lock_owner(purchase, to_end=pays_with_money(means), actor=actor)
    rows = MediaPurchase.objects.visible_to(actor).select_for_update(no_key=True)
    purchase = rows.get(pk=purchase.pk)
    if purchase.is_cancelled:
        raise PurchaseCancelled
    pay_together(
        [purchase],
        payer=payer,
        means=means,
        keep_excess_as_credit=keep_excess_as_credit,
        actor=actor,
    )


@transaction.atomic
def cancel_media_purchase(
    purchase: MediaPurchase, *, reason: str = "", refund: bool = True, actor: Actor
) -> None:
    """Cancel a purchase of a medium and give back visits, credit and, with `refund`, money.

    Raises PurchaseCancelled or CardNumber.
    """
    lock_owner(purchase, to_end=True, actor=actor)
    rows = MediaPurchase.objects.visible_to(actor).select_for_update(no_key=True)
    purchase = rows.get(pk=purchase.pk)
    if purchase.is_cancelled:
        raise PurchaseCancelled
    purchase.reason = reason
    refuse_card_numbers(purchase)
    give_back(purchase, refund=refund, reason=reason, actor=actor)
    purchase.cancelled_at, purchase.cancelled_by = Clock(), actor.name
    purchase.save(update_fields=["cancelled_at", "cancelled_by", "reason", "refund", "updated_at"])
