import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.tax import check_tax, fill_tax
from config.durations import check_duration
from config.statements.changing import Changes, apply_changes, save_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import lock_live
from config.tenancy.companies import currency_of
from config.tenancy.money_fields import check_amount
from config.tenancy.money_permissions import MoneyAction, check_money_action, check_price_change
from customers.actions.locks import share_customer

from ..errors import OutOfBounds
from ..models import Entry, PassProduct, PassPurchase
from ..models.passes import MOST_VISITS
from .ledger import give_back, revoke, take
from .offerings import Offerings, choose_offerings


@transaction.atomic
def create_pass_product(product: PassProduct, *, actor: Actor) -> PassProduct:
    """Create a pass for sale, by default with the company's currency and tax.

    Raises OutOfBounds or NotADuration.
    """
    check_money_action(actor, MoneyAction.CHANGE_PRICES)
    product.company_id, product.currency = actor.company_id, currency_of(actor.company_id)
    fill_tax(product, company_id=actor.company_id, refusal=OutOfBounds)
    _check(product)
    insert(product)
    return product


@transaction.atomic
def update_pass_product(product: PassProduct, *, changes: Changes, actor: Actor) -> PassProduct:
    """Change a pass for future sales; sold passes do not change.

    Raises AlreadyArchived, Invalid for `offering_ids` of other names, or the refusals of
    `create_pass_product`.
    """
    product = lock_live(product, actor=actor)
    changed = apply_changes(product, _with_offerings(product, dict(changes)))
    check_price_change(actor, changed)
    _check(product)
    save_changes(product, changed)
    return product


def _with_offerings(product: PassProduct, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes with matching names and ids of the offerings."""
    if not changes.keys() & {"offerings", "offering_ids"}:
        return changes
    after = choose_offerings(
        Offerings(product.offerings, product.offering_ids or []),
        names=changes.get("offerings"),
        offered=changes.get("offering_ids"),
        field="offering_ids",
    )
    return changes | {"offerings": after.names, "offering_ids": after.ids or None}


def _check(product: PassProduct) -> None:
    if not 1 <= product.visits <= MOST_VISITS:
        raise OutOfBounds.at(
            "visits",
            _("Must be from 1 to %(most_visits)s; got “%(visits)s”.")
            % {"most_visits": f"{MOST_VISITS:,}", "visits": product.visits},
        )
    check_amount(product.price, field="price", refusal=OutOfBounds)
    check_tax(product, refusal=OutOfBounds)
    if product.valid_for:
        check_duration(product.valid_for)


@transaction.atomic
def use_pass(
    purchase: PassPurchase,
    *,
    visits: int = 1,
    begins_at: datetime.datetime | None = None,
    reference: str,
    reason: str = "",
    actor: Actor,
) -> Entry:
    """Use visits of a pass, once for each reference.

    `begins_at` is the start of the booking to pay, now by default. Raises CustomerArchived,
    OutOfBounds, UsedUp, Revoked, Expired, EndsTooSoon, NotEnough or ReferenceTaken.
    """
    share_customer(purchase.customer_id, actor=actor)
    if visits < 1:
        raise OutOfBounds.at(
            "visits", _("Must be 1 or more; got “%(visits)s”.") % {"visits": visits}
        )
    return take(
        purchase,
        visits,
        begins_at=begins_at,
        uses_up=True,
        reference=reference,
        reason=reason,
        actor=actor,
    )


@transaction.atomic
def revoke_pass(purchase: PassPurchase, *, reason: str = "", actor: Actor) -> None:
    """Revoke the rest of a pass; revoking it again changes nothing.

    Raises CannotBeRevoked if the pass is used up or has expired, or if the customer is archived.
    """
    revoke(
        purchase,
        used_up="This pass is used up and cannot be revoked.",
        expired="This pass has expired and cannot be revoked.",
        reason=reason,
        actor=actor,
    )


@transaction.atomic
def reverse_use(entry: Entry, *, reason: str = "", actor: Actor) -> Entry:
    """Reverse a use and return its visits to the pass; raises AlreadyReversed or HasEnded."""
    assert entry.purchase is not None
    share_customer(entry.purchase.customer_id, to_end=True, actor=actor)
    return give_back(entry, reason=reason, actor=actor)
