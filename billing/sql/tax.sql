-- Tax of an invoice.

-- Return the tax on a discounted subtotal, in the currency's smallest unit, rounded half up. The
-- rate is a percentage. It multiplies by 0.01, because a division would round first.
CREATE OR REPLACE FUNCTION billing_tax(subtotal bigint, discount bigint, rate numeric)
RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT round((subtotal - discount) * rate * 0.01)::bigint
$$;
