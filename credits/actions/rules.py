from django.db import transaction

from config.access.actors import Actor
from config.statements.inserting import insert
from customers.actions import archive_row

from ..errors import CouponArchived
from ..models import Coupon, CreditRule


@transaction.atomic
def create_rule(rule: CreditRule, *, actor: Actor) -> CreditRule:
    """Let a plan grant a coupon every so often; raises CouponArchived."""
    coupon = Coupon.objects.visible_to(actor).get(pk=rule.coupon_id)
    if coupon.is_archived:
        raise CouponArchived
    rule.company_id = actor.company_id
    insert(rule)
    return rule


def archive_rule(rule: CreditRule, *, actor: Actor) -> None:
    """End what a plan grants; what was granted stays. Raises AlreadyArchived."""
    archive_row(rule, actor=actor)
