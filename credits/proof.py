"""Check every balance and every state against the ledger.

Includes the checks of `money_proof`.
"""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from config.tenancy.scoping import acting_for

from . import money_proof

# Each finding is a credit or pass that breaks one of the rules; a correct ledger has none.
_FINDINGS = """
WITH holding AS (
    SELECT id, 'credit' AS kind, balance, redeemed_at, revoked_at, expired_at, times_redeemed,
           multi_use, entitlement = 'amount' AS is_money, COALESCE(amount, 1) AS opening
      FROM credits_credit WHERE company_id = %(company)s
    UNION ALL
    SELECT id, 'pass', balance, redeemed_at, revoked_at, expired_at, times_redeemed,
           false, false, visits
      FROM credits_passpurchase WHERE company_id = %(company)s
), summed AS (
    SELECT COALESCE(credit_id, purchase_id) AS id,
           sum(amount) AS balance,
           count(*) FILTER (WHERE kind = 'issue') AS issued,
           COALESCE(sum(amount) FILTER (WHERE kind = 'issue'), 0) AS opening,
           count(*) FILTER (WHERE kind = 'redeem') - count(*) FILTER (WHERE kind = 'reverse')
               AS uses,
           count(*) FILTER (WHERE kind = 'revoke') AS revoked,
           count(*) FILTER (WHERE kind = 'expire') AS expired
      FROM credits_entry WHERE company_id = %(company)s GROUP BY 1
), running AS (
    SELECT DISTINCT id FROM (
        SELECT COALESCE(credit_id, purchase_id) AS id,
               sum(amount) OVER (PARTITION BY COALESCE(credit_id, purchase_id)
                                 ORDER BY created_at, id) AS balance
          FROM credits_entry WHERE company_id = %(company)s) AS steps
     WHERE balance < 0
), reversal AS (
    SELECT DISTINCT COALESCE(back.credit_id, back.purchase_id) AS id
      FROM credits_entry back JOIN credits_entry use
        ON use.company_id = back.company_id AND use.id = back.reverses_id
     WHERE back.company_id = %(company)s
       AND (use.kind <> 'redeem' OR back.amount <> -use.amount
            OR COALESCE(back.credit_id, back.purchase_id)
               IS DISTINCT FROM COALESCE(use.credit_id, use.purchase_id))
), gift AS (
    SELECT credit.id FROM credits_goodwill goodwill JOIN credits_credit credit
        ON credit.company_id = goodwill.company_id AND credit.id = goodwill.credit_id
     WHERE goodwill.company_id = %(company)s
       AND (credit.amount IS DISTINCT FROM goodwill.amount
            OR credit.currency <> goodwill.currency
            OR credit.customer_id <> goodwill.customer_id)
)
SELECT holding.kind, holding.id, rule FROM holding
  LEFT JOIN summed USING (id)
  CROSS JOIN LATERAL (VALUES
    ('its balance is not the sum of its entries',
     holding.balance IS DISTINCT FROM COALESCE(summed.balance, 0)),
    ('its balance is below zero', holding.balance < 0),
    ('its entries went below zero on the way', holding.id IN (SELECT id FROM running)),
    ('it was not issued exactly once', COALESCE(summed.issued, 0) <> 1),
    ('it was not issued with what its terms say', summed.opening <> holding.opening),
    ('its uses are not those of its entries',
     holding.times_redeemed IS DISTINCT FROM COALESCE(summed.uses, 0)),
    ('it is revoked without an entry, or has one and is not',
     (holding.revoked_at IS NOT NULL) <> (COALESCE(summed.revoked, 0) = 1)),
    ('it is expired without an entry, or has one and is not',
     (holding.expired_at IS NOT NULL) <> (COALESCE(summed.expired, 0) = 1)),
    ('it is used up with something left, or empty and not used up',
     (holding.redeemed_at IS NOT NULL) <> (holding.balance = 0 AND NOT holding.multi_use
         AND holding.revoked_at IS NULL AND holding.expired_at IS NULL)),
    ('something was given back that was not taken', holding.id IN (SELECT id FROM reversal)),
    ('it is not what was given as goodwill, or to whom', holding.id IN (SELECT id FROM gift))
  ) AS proof (rule, is_broken)
 WHERE is_broken
 ORDER BY holding.kind, holding.id, rule
"""

_COUNTS = """
SELECT (SELECT count(*) FROM credits_credit WHERE company_id = %(company)s),
       (SELECT count(*) FROM credits_passpurchase WHERE company_id = %(company)s),
       (SELECT count(*) FROM credits_entry WHERE company_id = %(company)s)
"""

# The outstanding credits at the end of a day in the company's time zone, by coupon.
_LIABILITY = """
WITH moment AS (
    SELECT (%(day)s::date + 1)::timestamp AT TIME ZONE timezone AS at
      FROM access_company WHERE id = %(company)s
), held AS (
    SELECT credit.coupon_id, credit.id, credit.entitlement, sum(entry.amount) AS balance
      FROM credits_credit credit JOIN moment ON true
      JOIN credits_entry entry ON entry.company_id = credit.company_id
       AND entry.credit_id = credit.id AND entry.created_at < moment.at
     WHERE credit.company_id = %(company)s
       AND (credit.expires_at IS NULL OR credit.expires_at >= moment.at)
     GROUP BY credit.id HAVING sum(entry.amount) > 0
)
SELECT coupon.id, coupon.name, coupon.currency, count(*),
       COALESCE(sum(held.balance) FILTER (WHERE held.entitlement = 'amount'), 0)::bigint
  FROM held JOIN credits_coupon coupon
    ON coupon.company_id = %(company)s AND coupon.id = held.coupon_id
 GROUP BY coupon.id ORDER BY 5 DESC, 4 DESC, coupon.name
"""


@dataclass(frozen=True)
class Finding:
    """One row that breaks a rule of the ledger or of money."""

    kind: str
    id: UUID
    rule: str


def check_ledger(company_id: UUID) -> tuple[list[Finding], dict[str, int]]:
    """Return the broken rules in a company's ledger and money, and the number of rows checked."""
    findings = _read(company_id, _FINDINGS) + _read(company_id, money_proof.FINDINGS)
    counts = (*_read(company_id, _COUNTS)[0], *_read(company_id, money_proof.COUNTS)[0])
    names = ("credits", "passes", "entries", "invoices", "payments", "credit_notes")
    return [Finding(*row) for row in findings], dict(zip(names, counts, strict=True))


def credit_liability(company_id: UUID, day: datetime.date) -> list[dict[str, Any]]:
    """Return the outstanding credits of each coupon at the end of a local day.

    `credits` is their number, `amount` the money among them in the smallest unit.
    """
    names = ("coupon_id", "coupon", "currency", "credits", "amount")
    rows = _read(company_id, _LIABILITY, day=day)
    return [dict(zip(names, (str(row[0]), *row[1:]), strict=True)) for row in rows]


def _read(company_id: UUID, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with acting_for(company_id), connection.cursor() as cursor:
        cursor.execute(statement, {"company": company_id, **values})
        return cursor.fetchall()
