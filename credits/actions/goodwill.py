"""Credits of a free amount: goodwill, and money that was paid beyond what was owed."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.companies import currency_of
from config.tenancy.money_fields import check_amount
from customers.actions.locks import share_customer
from customers.models import Customer

from ..errors import OutOfBounds
from ..models import Coupon, Credit
from ..models.coupons import AMOUNT
from ..models.credits import terms_of
from .ledger import open_holding


@transaction.atomic
def issue_free_credit(
    customer: Customer,
    *,
    amount: int,
    name: str,
    reason: str,
    currency: str = "",
    revenue: int | None = None,
    actor: Actor,
) -> Credit:
    """Issue a credit of any amount, from a coupon of its own that is archived from the start.

    The credit has no end. It is in the company's currency unless another is given; `revenue` is
    what the company was paid for it. No limit is checked here: the caller knows why the credit is
    owed. Raises CustomerArchived or OutOfBounds.
    """
    share_customer(customer.pk, actor=actor)
    check_amount(amount, field="amount", refusal=OutOfBounds, least=1)
    coupon = Coupon(
        company_id=actor.company_id,
        name=_checked_name(name),
        entitlement=AMOUNT,
        amount=amount,
        currency=currency or currency_of(actor.company_id),
        archived_at=Now(),
    )
    insert(coupon)
    credit = Credit(
        company_id=actor.company_id,
        coupon=coupon,
        customer=customer,
        revenue=revenue,
        **terms_of(coupon),
    )
    open_holding(credit, credit.opening_balance, reason=reason, actor=actor)
    return credit


def _checked_name(name: str) -> str:
    """Return the trimmed name of a coupon; raises OutOfBounds if nothing is left of it."""
    if not name.strip():
        raise OutOfBounds.at("name", _("Must not be blank. Send a name."))
    return name.strip()
