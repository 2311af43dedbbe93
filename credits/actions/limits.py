from django.utils.translation import gettext as _

from config.access.actors import Actor
from config.access.models import Company
from config.access.permissions import Role
from config.money import show_money

from ..errors import AboveYourLimit
from ..models import Coupon


def limit_of(actor: Actor) -> Company | None:
    """Return the company whose `credit_limit` holds the actor back, None for whom none does."""
    if not (actor.is_staff and actor.role == Role.FRONT_DESK):
        return None
    company = Company.objects.only("credit_limit", "currency").get(pk=actor.company_id)
    return None if company.credit_limit is None else company


def refused_by_limit(
    coupon: Coupon, *, actor: Actor, company: Company | None = None
) -> AboveYourLimit | None:
    """Return why front desk may not issue a coupon: it is more than the company lets it give.

    The limit is on the amount of one credit, whatever was paid for it. Percentages and offerings
    have no amount: they may be issued unless the limit is 0. `company` is what `limit_of` returned,
    where it was asked before.
    """
    company = company or limit_of(actor)
    if company is None or company.credit_limit is None:
        return None
    if not company.credit_limit:
        return AboveYourLimit(fields={"coupon_id": str(AboveYourLimit.message)})
    if not coupon.is_amount:
        return None
    if coupon.currency == company.currency and (coupon.amount or 0) <= company.credit_limit:
        return None
    text = _(
        "%(amount)s is above the limit of front desk, which is %(limit)s for one credit. "
        "Ask an owner or a manager to issue it."
    ) % {
        "amount": show_money(coupon.amount or 0, coupon.currency),
        "limit": show_money(company.credit_limit, company.currency),
    }
    return AboveYourLimit(text, fields={"coupon_id": text})
