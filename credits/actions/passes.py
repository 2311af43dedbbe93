from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models.money import MOST
from config.access.actors import Actor
from config.access.models import Company
from config.statements.inserting import insert
from customers.actions import archive_row, restore_row, share_customer
from customers.errors import AlreadyArchived

from ..durations import read_duration
from ..errors import OutOfBounds, PassArchived
from ..models import Entry, PassProduct, PassPurchase
from ..models.passes import MOST_VISITS
from .ledger import decide_last_day, give_back, hold_receiver, open_holding, revoke, take


@transaction.atomic
def create_pass_product(product: PassProduct, *, actor: Actor) -> PassProduct:
    """Offer a bundle of visits for sale, in the company's currency.

    Raises OutOfBounds or NotADuration.
    """
    product.company_id = actor.company_id
    product.currency = Company.objects.values_list("currency", flat=True).get(pk=actor.company_id)
    _check(product)
    insert(product)
    return product


@transaction.atomic
def update_pass_product(
    product: PassProduct, *, changes: dict[str, Any], actor: Actor
) -> PassProduct:
    """Change what is sold from now on; passes that were bought stay as they are."""
    rows = PassProduct.objects.visible_to(actor).select_for_update(no_key=True)
    product = rows.get(pk=product.pk)
    if product.is_archived:
        raise AlreadyArchived(_("This pass is archived. Restore it first."))
    for name, value in changes.items():
        setattr(product, name, value)
    _check(product)
    product.save(update_fields=[*changes, "updated_at"])
    return product


def _check(product: PassProduct) -> None:
    if not 1 <= product.visits <= MOST_VISITS:
        raise OutOfBounds(
            "visits", _("Must be from 1 to %(most_visits)s.") % {"most_visits": f"{MOST_VISITS:,}"}
        )
    if not 0 <= product.price <= MOST:
        raise OutOfBounds("price", _("Must be zero or more, and money that can be."))
    if product.valid_for:
        read_duration(product.valid_for)


def archive_pass_product(product: PassProduct, *, actor: Actor) -> None:
    """Stop selling a pass; those that were bought stay good. Raises AlreadyArchived."""
    archive_row(product, actor=actor)


def restore_pass_product(product: PassProduct, *, actor: Actor) -> None:
    """Sell a pass again; raises NotArchived."""
    restore_row(product, actor=actor)


@transaction.atomic
def sell_pass(purchase: PassPurchase, *, reason: str = "", actor: Actor) -> PassPurchase:
    """Write that a customer bought a pass, as it is sold now.

    Raises PassArchived, CustomerGone or ExpiryPast.
    """
    hold_receiver(purchase.customer_id, actor=actor)
    product = PassProduct.objects.visible_to(actor).get(pk=purchase.product_id)
    if product.is_archived:
        raise PassArchived
    decide_last_day(purchase, product.valid_for, actor=actor)
    purchase.company_id = actor.company_id
    for name in ("visits", "price", "currency", "offerings"):
        setattr(purchase, name, getattr(product, name))
    open_holding(purchase, purchase.visits, reason=reason, actor=actor)
    return purchase


@transaction.atomic
def use_pass(
    purchase: PassPurchase, *, visits: int = 1, reference: str, reason: str = "", actor: Actor
) -> Entry:
    """Use visits of a pass, once for each reference.

    Raises CustomerArchived, OutOfBounds, UsedUp, Revoked, Expired, NotEnough or ReferenceTaken.
    """
    share_customer(purchase.customer_id, actor=actor)
    if visits < 1:
        raise OutOfBounds("visits", _("Must be one or more."))
    return take(purchase, visits, uses_up=True, reference=reference, reason=reason, actor=actor)


@transaction.atomic
def revoke_pass(purchase: PassPurchase, *, reason: str = "", actor: Actor) -> None:
    """Take back what is left of a pass; doing it again changes nothing.

    Raises CannotBeRevoked for a pass that is used up, has expired, or whose customer is archived.
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
    """Give visits back to their pass; raises CustomerArchived, AlreadyReversed or HasEnded."""
    assert entry.purchase is not None
    share_customer(entry.purchase.customer_id, actor=actor)
    return give_back(entry, reason=reason, actor=actor)
