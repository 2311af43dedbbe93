from django.db import transaction

from config.statements.inserting import insert
from config.tenancy.actors import Actor

from ..errors import CouponArchived
from ..models import Coupon, CreditRule


@transaction.atomic
def create_rule(rule: CreditRule, *, actor: Actor) -> CreditRule:
    """Create a rule by which a plan grants a coupon; raises CouponArchived."""
    coupon = Coupon.objects.visible_to(actor).get(pk=rule.coupon_id)
    if coupon.is_archived:
        raise CouponArchived
    rule.company_id = actor.company_id
    insert(rule)
    return rule
