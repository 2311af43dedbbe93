from django.utils.translation import gettext as _

from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.permissions import Role

from ..errors import AboveYourLimit
from ..models import Coupon


def limit_of(actor: Actor) -> Company | None:
    """Return the company whose `credit_limit` applies to the actor, None if there is no limit."""
    if not (actor.is_staff and actor.role == Role.FRONT_DESK):
        return None
    company = Company.objects.only("credit_limit", "currency").get(pk=actor.company_id)
    return None if company.credit_limit is None else company


def refused_by_limit(
    coupon: Coupon, *, company: Company | None = None, actor: Actor
) -> AboveYourLimit | None:
    """Return the refusal of a coupon above the limit of front desk, None if it may be issued.

    The limit is on the amount of one credit, whatever was paid for it. Percentages and offerings
    have no amount: they may be issued unless the limit is 0. Pass `company` if `limit_of` has
    returned it before.
    """
    company = company or limit_of(actor)
    if company is None or company.credit_limit is None:
        return None
    if not company.credit_limit:
        return AboveYourLimit()
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
    return AboveYourLimit(text)
