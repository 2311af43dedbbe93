-- Tax of prices and invoices, in the currency's smallest unit. A rate is a percentage, a behavior
-- 'inclusive' (the amount includes the tax) or 'exclusive' (the tax is added to the amount).

-- Return the tax included in an amount or added to it. For an exclusive amount, the tax is rounded
-- half up. For an inclusive amount, the net amount is rounded half up, and the tax is the rest. The
-- function multiplies by 0.01 and divides into whole numbers, because another division would round
-- before that.
CREATE OR REPLACE FUNCTION billing_tax_on(amount bigint, rate numeric, behavior text)
RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE behavior
        WHEN 'inclusive' THEN amount - div(200 * amount::numeric + 100 + rate, 200 + 2 * rate)
        WHEN 'exclusive' THEN round(amount * rate * 0.01)
    END::bigint
$$;

-- Return whether the taxes of an invoice are right: one for each rate and behavior, each computed
-- from its amount, adding up to the discounted subtotal and the tax of the invoice. The constraint
-- invoice_tax of billing_invoice calls it.
CREATE OR REPLACE FUNCTION billing_taxes_hold(taxes jsonb, whole_amount bigint, whole_tax bigint)
RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT COALESCE(
               sum(one.amount) = whole_amount AND sum(one.tax) = whole_tax
               AND bool_and(
                   one.tax IS NOT DISTINCT FROM
                   public.billing_tax_on(one.amount, one.tax_rate, one.tax_behavior))
               AND min(one.amount) >= 0
               AND count(DISTINCT (one.tax_rate, one.tax_behavior)) = count(*),
               false)
      FROM jsonb_to_recordset(taxes)
        AS one(tax_rate numeric, tax_behavior text, amount bigint, tax bigint)
$$;

-- Return the tax that the subtotal of an invoice does not include. The constraint invoice_total of
-- billing_invoice calls it.
CREATE OR REPLACE FUNCTION billing_tax_on_top(taxes jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT COALESCE(sum(one.tax) FILTER (WHERE one.tax_behavior = 'exclusive'), 0)::bigint
      FROM jsonb_to_recordset(taxes) AS one(tax_behavior text, tax bigint)
$$;
