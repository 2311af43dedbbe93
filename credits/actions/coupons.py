from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from config.durations import check_duration
from config.statements.changing import Changes, apply_changes, save_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row, lock_live, restore_row
from config.tenancy.companies import currency_of
from config.tenancy.constraints import refusing
from config.tenancy.money_fields import check_amount

from ..errors import AmountMultiUse, CodeTaken, OutOfBounds, TermsUnclear
from ..models import Coupon
from ..models.coupons import AMOUNT, OFFERING, PERCENTAGE
from .offerings import Offerings, choose_offerings


@transaction.atomic
def create_coupon(coupon: Coupon, *, actor: Actor) -> Coupon:
    """Create a coupon, in the company's currency.

    Raises TermsUnclear, OutOfBounds, AmountMultiUse, NotADuration or CodeTaken.
    """
    coupon.company_id = actor.company_id
    coupon.currency = currency_of(actor.company_id)
    _check(coupon)
    with refusing(coupon_code_once=CodeTaken):
        insert(coupon)
    return coupon


@transaction.atomic
def update_coupon(coupon: Coupon, *, changes: Changes, actor: Actor) -> Coupon:
    """Change a coupon; issued credits keep their terms.

    Raises AlreadyArchived, Invalid for an `offering_id` of another name, or the refusals of
    `create_coupon`.
    """
    coupon = lock_live(coupon, actor=actor)
    changed = apply_changes(coupon, _with_offering(coupon, dict(changes)))
    _check(coupon)
    with refusing(coupon_code_once=CodeTaken):
        save_changes(coupon, changed and [*changed, "entitlement"])
    return coupon


# Issued credits of an archived coupon stay valid.
archive_coupon = archive_row


@transaction.atomic
def restore_coupon(coupon: Coupon, *, actor: Actor) -> None:
    """Restore a coupon; raises NotArchived or CodeTaken."""
    with refusing(coupon_code_once=CodeTaken):
        restore_row(coupon, actor=actor)


def _with_offering(coupon: Coupon, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes with matching name and id of the offering."""
    if not changes.keys() & {"offering", "offering_id"}:
        return changes
    before = Offerings(*([one] if one else [] for one in (coupon.offering, coupon.offering_id)))
    name, offered = changes.get("offering", coupon.offering), changes.get("offering_id")
    after = choose_offerings(
        before,
        names=[name] if name else [],
        offered=([offered] if offered else []) if "offering_id" in changes else None,
        field="offering_id",
    )
    return changes | {"offering": "".join(after.names), "offering_id": "".join(after.ids)}


def _check(coupon: Coupon) -> None:
    """Set the entitlement of a coupon from its terms, and check their bounds."""
    given = {
        AMOUNT: coupon.amount is not None,
        PERCENTAGE: coupon.percentage is not None,
        OFFERING: bool(coupon.offering),
    }
    kinds = [kind for kind, is_given in given.items() if is_given]
    if len(kinds) != 1:
        raise TermsUnclear
    coupon.entitlement = kinds[0]
    if coupon.amount is not None:
        check_amount(coupon.amount, field="amount", refusal=OutOfBounds, least=1)
    if coupon.percentage is not None and not 1 <= coupon.percentage <= 100:
        sentence = _("Must be from 1 to 100; got “%(percentage)s”.")
        raise OutOfBounds.at("percentage", sentence % {"percentage": coupon.percentage})
    if coupon.is_amount and coupon.multi_use:
        raise AmountMultiUse
    if coupon.valid_for:
        check_duration(coupon.valid_for)
