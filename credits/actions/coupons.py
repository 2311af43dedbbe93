from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models.money import MOST
from config.access.actors import Actor
from config.access.constraints import refusing
from config.access.models import Company
from config.statements.inserting import insert
from customers.actions import archive_row, restore_row
from customers.errors import AlreadyArchived

from ..durations import read_duration
from ..errors import AmountMultiUse, CodeTaken, OutOfBounds, TermsUnclear
from ..models import Coupon
from ..models.coupons import AMOUNT, OFFERING, PERCENTAGE


@transaction.atomic
def create_coupon(coupon: Coupon, *, actor: Actor) -> Coupon:
    """Make a template of credits, in the company's currency.

    Raises TermsUnclear, OutOfBounds, AmountMultiUse, NotADuration or CodeTaken.
    """
    coupon.company_id = actor.company_id
    coupon.currency = Company.objects.values_list("currency", flat=True).get(pk=actor.company_id)
    _check(coupon)
    with refusing(coupon_code_once=CodeTaken):
        insert(coupon)
    return coupon


@transaction.atomic
def update_coupon(coupon: Coupon, *, changes: dict[str, Any], actor: Actor) -> Coupon:
    """Change a template; credits that are out keep their terms. Raises as `create_coupon` does."""
    coupon = Coupon.objects.visible_to(actor).select_for_update(no_key=True).get(pk=coupon.pk)
    if coupon.is_archived:
        raise AlreadyArchived(_("This coupon is archived. Restore it first."))
    changed = [name for name, value in changes.items() if getattr(coupon, name) != value]
    for name in changed:
        setattr(coupon, name, changes[name])
    _check(coupon)
    if changed:
        with refusing(coupon_code_once=CodeTaken):
            coupon.save(update_fields=[*changed, "entitlement", "updated_at"])
    return coupon


def archive_coupon(coupon: Coupon, *, actor: Actor) -> None:
    """Stop a coupon from being issued; what is out stays good. Raises AlreadyArchived."""
    archive_row(coupon, actor=actor)


@transaction.atomic
def restore_coupon(coupon: Coupon, *, actor: Actor) -> None:
    """Let a coupon be issued again; raises NotArchived or CodeTaken."""
    with refusing(coupon_code_once=CodeTaken):
        restore_row(coupon, actor=actor)


def _check(coupon: Coupon) -> None:
    """Work out what a coupon gives, and refuse what it cannot give."""
    given = {
        AMOUNT: coupon.amount is not None,
        PERCENTAGE: coupon.percentage is not None,
        OFFERING: bool(coupon.offering),
    }
    kinds = [kind for kind, is_given in given.items() if is_given]
    if len(kinds) != 1:
        raise TermsUnclear
    coupon.entitlement = kinds[0]
    if coupon.amount is not None and not 0 < coupon.amount <= MOST:
        raise OutOfBounds("amount", _("Must be above zero, and money that can be."))
    if coupon.percentage is not None and not 1 <= coupon.percentage <= 100:
        raise OutOfBounds("percentage", _("Must be from 1 to 100."))
    if coupon.is_amount and coupon.multi_use:
        raise AmountMultiUse
    if coupon.valid_for:
        read_duration(coupon.valid_for)
