"""Balances of customers, computed from the ledger."""

import datetime

from django.db import connection

from customers.models import Customer

# Counts credits and passes that were issued by the moment and neither used nor ended. One whose end
# had passed counts as 0, even if the ledger did not say so yet.
_BALANCE = """
WITH moment AS (
    SELECT company.currency, COALESCE(%(as_of)s, clock_timestamp()) AS at
      FROM access_company company WHERE company.id = %(company)s
), held AS (
    SELECT credit.entitlement, credit.multi_use, sum(entry.amount) AS balance
      FROM credits_credit credit JOIN moment ON true
      JOIN credits_entry entry ON entry.company_id = credit.company_id
       AND entry.credit_id = credit.id AND entry.created_at <= moment.at
     WHERE credit.company_id = %(company)s AND credit.customer_id = %(customer)s
       AND (credit.expires_at IS NULL OR credit.expires_at > moment.at)
     GROUP BY credit.id
    UNION ALL
    SELECT 'visits', false, sum(entry.amount)
      FROM credits_passpurchase purchase JOIN moment ON true
      JOIN credits_entry entry ON entry.company_id = purchase.company_id
       AND entry.purchase_id = purchase.id AND entry.created_at <= moment.at
     WHERE purchase.company_id = %(company)s AND purchase.customer_id = %(customer)s
       AND (purchase.expires_at IS NULL OR purchase.expires_at > moment.at)
     GROUP BY purchase.id
)
SELECT to_char(moment.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), moment.currency,
       COALESCE(sum(balance) FILTER (WHERE entitlement = 'amount'), 0)::bigint,
       COALESCE(sum(balance) FILTER (
           WHERE entitlement IN ('percentage', 'offering') AND NOT multi_use), 0)::bigint,
       COALESCE(sum(balance) FILTER (WHERE multi_use), 0)::bigint,
       COALESCE(sum(balance) FILTER (WHERE entitlement = 'visits'), 0)::bigint
  FROM moment LEFT JOIN held ON true
 GROUP BY moment.at, moment.currency
"""


def balance_as_of(
    customer: Customer, *, as_of: datetime.datetime | None = None
) -> dict[str, object]:
    """Return the balances of a customer at a moment, now by default.

    `amount` is money in the smallest unit of `currency`; `single_use` and `multi_use` count
    credits, and `visits` counts the visits left on passes.
    """
    values = {"company": customer.company_id, "customer": customer.pk, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, values)
        found = cursor.fetchone()
    names = ("as_of", "currency", "amount", "single_use", "multi_use", "visits")
    return dict(zip(names, found, strict=True))
