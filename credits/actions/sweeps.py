"""What time does to credits and passes: periods grant, last days pass."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from config.access.actors import Actor
from config.access.constraints import refusing
from config.access.tenancy import acting_for
from config.errors import Refusal

from ..durations import last_day
from ..errors import AlreadyGranted
from ..models import Credit, Entry, PassPurchase
from .credits import issue_credit
from .ledger import close

# Every grant that is due and not made: the periods of each rule on each ACTIVE subscription that
# have begun since both were there, but for those that lay wholly in a pause, and those whose
# credit would be past its last day. A period's number counts from the subscription's anchor.
_DUE = """
WITH ruled AS (
    SELECT rule.id AS rule_id, rule.coupon_id, rule.every, rule.rolls_over, rule.on_sign_up,
           subscription.id AS subscription_id, subscription.customer_id, subscription.anchor_date,
           CASE rule.every WHEN 'billing_cycle' THEN subscription.billing_period
                           WHEN 'P0D' THEN NULL ELSE rule.every END AS period,
           (rule.created_at AT TIME ZONE company.timezone)::date AS ruled_on,
           (subscription.created_at AT TIME ZONE company.timezone)::date AS subscribed_on,
           company.timezone, regulars_today(company.id) AS today, coupon.valid_for
      FROM access_company company
      JOIN credits_creditrule rule ON rule.company_id = company.id AND rule.archived_at IS NULL
      JOIN credits_coupon coupon ON coupon.id = rule.coupon_id AND coupon.archived_at IS NULL
      JOIN billing_subscription subscription
        ON subscription.company_id = company.id AND subscription.plan_id = rule.plan_id
       AND subscription.state = 'ACTIVE'
      JOIN customers_customer customer
        ON customer.id = subscription.customer_id AND customer.archived_at IS NULL
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
       CASE WHEN rolls_over THEN NULL ELSE next_start - 1 END AS last_day, valid_for
  FROM periods
 WHERE start <= today AND start >= ruled_on
   AND (rolls_over OR next_start IS NULL OR next_start > today)
   AND NOT EXISTS (
       SELECT FROM billing_subscriptionpause pause
        WHERE pause.subscription_id = periods.subscription_id
          AND (pause.paused_at AT TIME ZONE timezone)::date <= start
          AND next_start <= (pause.resumed_at AT TIME ZONE timezone)::date)
   AND NOT EXISTS (
       SELECT FROM credits_credit credit
        WHERE credit.rule_id = periods.rule_id
          AND credit.subscription_id = periods.subscription_id AND credit.period_start = start)
 ORDER BY start, subscription_id
"""


def issue_recurring_credits(company_id: UUID, *, actor: Actor) -> int:
    """Issue every credit that a period has brought, and return how many.

    Any number of workers may do so at once, late or again: a period grants once. What one refusal
    stops does not stop the others.
    """
    with acting_for(company_id), connection.cursor() as cursor:
        cursor.execute(_DUE, [company_id])
        due = cursor.fetchall()
    return sum(_grant(company_id, *row, actor=actor) for row in due)


def _grant(
    company_id: UUID,
    rule_id: UUID,
    coupon_id: UUID,
    subscription_id: UUID,
    customer_id: UUID,
    start: Any,
    last: Any,
    valid_for: str,
    *,
    actor: Actor,
) -> bool:
    ends = [day for day in (last, last_day(start, valid_for)) if day]
    credit = Credit(
        coupon_id=coupon_id,
        customer_id=customer_id,
        subscription_id=subscription_id,
        rule_id=rule_id,
        period_start=start,
        expiry_date=min(ends, default=None),
    )
    try:
        with acting_for(company_id), refusing(credit_once_a_period=AlreadyGranted):
            issue_credit(credit, reason=f"Granted for the period from {start}", actor=actor)
    except Refusal:
        return False
    return True


def expire_holdings(company_id: UUID, *, actor: Actor) -> int:
    """Write into the ledger that credits and passes have ended whose last day is over.

    Returns how many; each in a transaction of its own.
    """
    expired = 0
    for model in (Credit, PassPurchase):
        with acting_for(company_id):
            past = list(model.objects.visible_to(actor).past_expiry())
        for holding in past:
            with acting_for(company_id), transaction.atomic():
                expired += close(holding, Entry.EXPIRE, reason="", actor=actor)
    return expired
