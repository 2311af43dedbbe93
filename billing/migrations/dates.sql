-- Dates of billing, which columns are generated from: the same for ever for the same arguments.

-- The date so many periods after another. Each is counted from the anchor, so that what began on
-- the 31st comes back to it after a shorter month.
CREATE FUNCTION billing_date_after(anchor date, period text, count integer) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (anchor + count * CASE period
        WHEN 'P1W' THEN interval '7 days'
        WHEN 'P1M' THEN interval '1 month'
        WHEN 'P3M' THEN interval '3 months'
        WHEN 'P6M' THEN interval '6 months'
        WHEN 'P1Y' THEN interval '1 year'
    END)::date
$$;

-- How many periods have passed since the anchor: the most after which the date is not past today.
CREATE FUNCTION billing_periods_between(anchor date, period text, today date) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
    WITH guess AS (
        SELECT CASE period
            WHEN 'P1W' THEN (today - anchor) / 7
            ELSE ((extract(year FROM today) - extract(year FROM anchor)) * 12
                  + extract(month FROM today) - extract(month FROM anchor))::integer
                 / CASE period WHEN 'P1M' THEN 1 WHEN 'P3M' THEN 3 WHEN 'P6M' THEN 6 ELSE 12 END
        END AS periods
    )
    SELECT greatest(0, CASE
        WHEN public.billing_date_after(anchor, period, periods) > today THEN periods - 1
        ELSE periods
    END) FROM guess
$$;

-- Tax on the discounted sum, in percent, rounded half up. Multiplied, as a division would round.
CREATE FUNCTION billing_tax(subtotal bigint, discount bigint, rate numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT round((subtotal - discount) * rate * 0.01)::bigint
$$;
