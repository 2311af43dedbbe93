"""Check invoices, payments and credit notes against the rules of money.

The database enforces each of these rules too: a finding means that a write bypassed it.
"""

# Each finding is a row that breaks one of the rules; correct data has none.
FINDINGS = """
WITH line AS (
    SELECT invoice_id AS id, sum(total) AS subtotal
      FROM billing_invoiceline WHERE company_id = %(company)s GROUP BY 1
), paid AS (
    SELECT invoice_id AS id,
           COALESCE(sum(amount) FILTER (WHERE kind = 'payment'), 0) AS taken,
           COALESCE(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS given_back
      FROM billing_payment
     WHERE company_id = %(company)s AND status = 'succeeded' AND invoice_id IS NOT NULL GROUP BY 1
), noted AS (
    SELECT invoice_id AS id, sum(total) AS total, sum(tax) AS tax,
           COALESCE(sum(total) FILTER (WHERE kind = 'refund'), 0) AS refunds,
           COALESCE(sum(total) FILTER (WHERE kind = 'returned'), 0) AS returned,
           COALESCE(sum(total) FILTER (WHERE kind IN ('reduction', 'write_off')), 0) AS reductions
      FROM billing_creditnote WHERE company_id = %(company)s GROUP BY 1
), used AS (
    SELECT split_part(entry.reference, '/', 1) AS reference, sum(entry.covered) AS covered,
           COALESCE(sum(entry.covered) FILTER (WHERE back.id IS NOT NULL), 0) AS returned,
           bool_or(credit.entitlement = 'amount' AND entry.covered <> -entry.amount) AS differs
      FROM credits_entry entry JOIN credits_credit credit
        ON credit.company_id = entry.company_id AND credit.id = entry.credit_id
      LEFT JOIN credits_entry back
        ON back.company_id = entry.company_id AND back.reverses_id = entry.id
     WHERE entry.company_id = %(company)s AND entry.kind = 'redeem'
       AND entry.covered IS NOT NULL AND entry.reference LIKE 'inv\\_%%' GROUP BY 1
), invoice AS (
    SELECT invoice.id, invoice.subtotal, invoice.discount, invoice.tax, invoice.total, issued_at,
           paid_at, voided_at, invoice.covered, reduced, number, taxes,
           line.subtotal AS lines, COALESCE(taken, 0) AS taken,
           COALESCE(given_back, 0) AS given_back, COALESCE(noted.total, 0) AS noted,
           COALESCE(noted.tax, 0) AS noted_tax, COALESCE(noted.refunds, 0) AS noted_refunds,
           COALESCE(noted.returned, 0) AS returned, COALESCE(reductions, 0) AS reductions,
           COALESCE(used.covered, 0) AS used, COALESCE(used.returned, 0) AS used_returned,
           COALESCE(used.differs, false) AS differs
      FROM billing_invoice invoice
      LEFT JOIN line USING (id) LEFT JOIN paid USING (id) LEFT JOIN noted USING (id)
      LEFT JOIN used ON used.reference = 'inv_' || replace(invoice.id::text, '-', '')
     WHERE invoice.company_id = %(company)s
), refund AS (
    SELECT refunds_id AS id, sum(amount) AS total
      FROM billing_payment
     WHERE company_id = %(company)s AND kind = 'refund' AND status = 'succeeded' GROUP BY 1
), kept AS (
    SELECT credit.payment_id AS id, COALESCE(sum(-entry.amount), 0) AS paid_out
      FROM credits_credit credit
      LEFT JOIN billing_payment back
        ON back.company_id = credit.company_id AND back.refunds_id = credit.payment_id
      LEFT JOIN credits_entry entry
        ON entry.company_id = credit.company_id AND entry.credit_id = credit.id
       AND entry.kind = 'redeem'
       AND entry.reference = 'pay_' || replace(back.id::text, '-', '')
     WHERE credit.company_id = %(company)s AND credit.payment_id IS NOT NULL
       AND credit.revoked_at IS NULL AND credit.expired_at IS NULL GROUP BY 1
), part AS (
    SELECT credit_note_id AS id, sum(tax) AS tax,
           sum(amount + CASE tax_behavior WHEN 'exclusive' THEN tax ELSE 0 END) AS total
      FROM billing_creditnotetax WHERE company_id = %(company)s GROUP BY 1
)
SELECT 'invoice', invoice.id, rule FROM invoice CROSS JOIN LATERAL (VALUES
    ('its lines do not come to its subtotal', lines IS DISTINCT FROM subtotal),
    ('its total is not its subtotal less the discount, with the taxes',
     total <> subtotal - discount + public.billing_tax_on_top(taxes)
     OR tax <> (SELECT COALESCE(sum((one ->> 'tax')::bigint), 0)
                  FROM jsonb_array_elements(taxes) AS one)),
    ('more than its total is settled', taken + covered + reduced > total),
    ('it is paid with something owed, or not paid with nothing owed',
     voided_at IS NULL AND (paid_at IS NOT NULL) <> (issued_at IS NOT NULL
         AND taken + covered + reduced >= total)),
    ('it is settled and was never issued', issued_at IS NULL AND taken + covered + reduced > 0),
    ('it is reduced by another amount than its credit notes', reduced <> reductions),
    ('it is covered by another amount than credits have paid', covered <> used OR differs),
    ('other credits were given back than its credit notes say', returned <> used_returned),
    ('its credit notes take back more than its total', noted > total OR noted_tax > tax),
    ('its credit notes give back more than was given',
     noted_refunds > given_back OR returned > covered),
    ('it is void and keeps money or credits',
     voided_at IS NOT NULL AND (taken > given_back OR covered > returned))
  ) AS proof (rule, is_broken) WHERE is_broken
UNION ALL
SELECT 'payment', payment.id, rule FROM billing_payment payment
  LEFT JOIN refund ON refund.id = payment.id
  LEFT JOIN kept ON kept.id = payment.id
  LEFT JOIN billing_payment original
    ON original.company_id = payment.company_id AND original.id = payment.refunds_id
  LEFT JOIN billing_invoice paid_for
    ON paid_for.company_id = payment.company_id AND paid_for.id = payment.invoice_id
  CROSS JOIN LATERAL (VALUES
    ('more was refunded than it brought', refund.total > payment.amount),
    ('it was kept as a credit, which refunds of it have not lowered by as much',
     kept.paid_out <> COALESCE(refund.total, 0)),
    ('it gives back what was not taken', payment.kind = 'refund' AND (
        original.kind IS DISTINCT FROM 'payment' OR original.status <> 'succeeded'
        OR (original.customer_id, original.currency) <> (payment.customer_id, payment.currency)
        OR original.invoice_id IS DISTINCT FROM payment.invoice_id)),
    ('its invoice is of another customer or currency',
     (paid_for.customer_id, paid_for.currency) <> (payment.customer_id, payment.currency))
  ) AS proof (rule, is_broken)
 WHERE payment.company_id = %(company)s AND is_broken
UNION ALL
SELECT 'credit note', note.id, rule FROM billing_creditnote note
  LEFT JOIN part ON part.id = note.id
  LEFT JOIN billing_payment refund
    ON refund.company_id = note.company_id AND refund.id = note.refund_id
  CROSS JOIN LATERAL (VALUES
    ('its taxes do not come to it',
     part.total IS DISTINCT FROM note.total OR part.tax IS DISTINCT FROM note.tax),
    ('its refund is of another amount or invoice', note.kind = 'refund' AND (
        refund.amount, refund.kind, refund.invoice_id)
        IS DISTINCT FROM (note.total, 'refund', note.invoice_id))
  ) AS proof (rule, is_broken)
 WHERE note.company_id = %(company)s AND is_broken
UNION ALL
SELECT series.kind, series.id, 'its numbers have a gap or go beyond the counter' FROM (
    SELECT 'invoice series' AS kind, series.id, series.last, count(numbered.id) AS found,
           max(right(numbered.number, -9)::integer) AS highest
      FROM billing_invoiceseries series LEFT JOIN billing_invoice numbered
        ON numbered.company_id = series.company_id
       AND numbered.number LIKE 'INV-' || lpad(series.year::text, 4, '0') || '-%%'
     WHERE series.company_id = %(company)s GROUP BY series.id
    UNION ALL
    SELECT 'credit note series', series.id, series.last, count(numbered.id),
           max(right(numbered.number, -8)::integer)
      FROM billing_creditnoteseries series LEFT JOIN billing_creditnote numbered
        ON numbered.company_id = series.company_id
       AND numbered.number LIKE 'CN-' || lpad(series.year::text, 4, '0') || '-%%'
     WHERE series.company_id = %(company)s GROUP BY series.id
  ) AS series WHERE last <> found OR last <> COALESCE(highest, 0)
ORDER BY 1, 2, 3
"""

COUNTS = """
SELECT (SELECT count(*) FROM billing_invoice WHERE company_id = %(company)s),
       (SELECT count(*) FROM billing_payment WHERE company_id = %(company)s),
       (SELECT count(*) FROM billing_creditnote WHERE company_id = %(company)s)
"""
