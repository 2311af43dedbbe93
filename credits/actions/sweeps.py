"""Credits and passes over time: recurring grants and expiry."""

import datetime
from uuid import UUID

from django.db import connection

from billing.models import Subscription
from config.durations import end_of_day, last_day
from config.jobs.sweeps import for_each_row
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.scoping import acting_for
from config.times import ClockOnce
from customers.errors import CustomerMerged

from ..errors import AlreadyGranted, CouponArchived, CustomerGone, ExpiryPast
from ..models import AnyHolding, Credit, Entry, PassPurchase
from .credits import issue_credit
from .ledger import close, share_receiver

# The sweep skips a grant with these refusals: another worker granted it first, staff archived or
# merged the coupon or the customer meanwhile, or the credit would have ended already.
_PASSED_OVER = (AlreadyGranted, CouponArchived, CustomerGone, CustomerMerged, ExpiryPast)

# The due grants: the periods of each rule on each ACTIVE subscription that began after both were
# created, except periods within a pause and periods whose credit would have ended.
_DUE = """
WITH ruled AS (
    SELECT company.id AS company_id, rule.id AS rule_id, rule.coupon_id, rule.every,
           rule.rolls_over, rule.on_sign_up,
           subscription.id AS subscription_id, subscription.customer_id, subscription.anchor_date,
           CASE rule.every WHEN 'billing_cycle' THEN subscription.billing_period
                           WHEN 'P0D' THEN NULL ELSE rule.every END AS period,
           (rule.created_at AT TIME ZONE company.timezone)::date AS ruled_on,
           (subscription.created_at AT TIME ZONE company.timezone)::date AS subscribed_on,
           company.timezone, regulars_today(company.id) AS today, coupon.valid_for
      FROM access_company company
      JOIN credits_creditrule rule ON rule.company_id = company.id AND rule.archived_at IS NULL
      JOIN credits_coupon coupon
        ON coupon.company_id = company.id AND coupon.id = rule.coupon_id
       AND coupon.archived_at IS NULL
      JOIN billing_subscription subscription
        ON subscription.company_id = company.id AND subscription.plan_id = rule.plan_id
       AND subscription.state = 'ACTIVE'
      JOIN customers_customer customer
        ON customer.company_id = company.id AND customer.id = subscription.customer_id
       AND customer.archived_at IS NULL
     WHERE company.id = %s
), periods AS (
    SELECT ruled.*, number,
           COALESCE(billing_date_after(anchor_date, period, number), anchor_date) AS start,
           billing_date_after(anchor_date, period, number + 1) AS next_start
      FROM ruled CROSS JOIN LATERAL generate_series(
           CASE WHEN period IS NULL THEN 0
                ELSE greatest(billing_periods_between(anchor_date, period, subscribed_on),
                              CASE WHEN on_sign_up THEN 0 ELSE 1 END) END,
           CASE WHEN period IS NULL THEN 0
                ELSE billing_periods_between(anchor_date, period, today) END) AS number
)
SELECT rule_id, coupon_id, subscription_id, customer_id, start,
       CASE WHEN rolls_over THEN NULL ELSE next_start - 1 END AS last_day, valid_for, timezone
  FROM periods
 WHERE start <= today AND start >= ruled_on
   AND (rolls_over OR next_start IS NULL OR next_start > today)
   AND NOT EXISTS (
       SELECT FROM billing_subscriptionpause pause
        WHERE pause.company_id = periods.company_id
          AND pause.subscription_id = periods.subscription_id
          AND (pause.paused_at AT TIME ZONE timezone)::date <= start
          AND next_start <= (pause.resumed_at AT TIME ZONE timezone)::date)
   AND NOT EXISTS (
       SELECT FROM credits_credit credit
        WHERE credit.company_id = periods.company_id AND credit.rule_id = periods.rule_id
          AND credit.subscription_id = periods.subscription_id AND credit.period_start = start)
 ORDER BY start, subscription_id
"""


def issue_recurring_credits(company_id: UUID, *, actor: Actor) -> int:
    """Issue every credit that is due by a rule, and return their number.

    Each period grants once, even with several workers, delays or repeated runs. A failed grant does
    not stop the others; raises RowsFailed after them.
    """
    with acting_for(company_id), connection.cursor() as cursor:
        cursor.execute(_DUE, [company_id])
        due = cursor.fetchall()
    return for_each_row(due, lambda row: _grant(company_id, *row, actor=actor))


def _grant(
    company_id: UUID,
    rule_id: UUID,
    coupon_id: UUID,
    subscription_id: UUID,
    customer_id: UUID,
    start: datetime.date,
    last: datetime.date | None,
    valid_for: str,
    zone: str,
    *,
    actor: Actor,
) -> bool:
    days = [day for day in (last, last_day(start, valid_for)) if day]
    credit = Credit(
        coupon_id=coupon_id,
        customer_id=customer_id,
        subscription_id=subscription_id,
        rule_id=rule_id,
        period_start=start,
        expires_at=end_of_day(min(days), zone) if days else None,
    )
    try:
        with acting_for(company_id), refusing(credit_once_a_period=AlreadyGranted):
            share_receiver(customer_id, actor=actor)
            # A merge or its undo moves the subscription to another customer.
            if not Subscription.objects.filter(customer=customer_id, pk=subscription_id).exists():
                return False
            issue_credit(credit, reason=f"Granted for the period from {start}", actor=actor)
    except _PASSED_OVER:
        return False
    return True


def expire_holdings(company_id: UUID, *, actor: Actor) -> int:
    """Expire credits and passes that have ended, and return their number.

    Each expires in its own transaction; raises RowsFailed after all of them if any failed.
    """
    past: list[AnyHolding] = []
    for model in (Credit, PassPurchase):
        with acting_for(company_id):
            past += model.objects.visible_to(actor).past_expiry(ClockOnce())

    def expire(holding: AnyHolding) -> int:
        with acting_for(company_id):
            return close(holding, Entry.EXPIRE, reason="", actor=actor)

    return for_each_row(past, expire)
