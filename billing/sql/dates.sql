-- Billing periods. The generated column billing_subscription.renewal_date calls
-- billing_date_after.

-- Return the date a number of periods after the anchor. Each date is counted from the anchor, so a
-- subscription that began on the 31st returns to the 31st after a shorter month.
CREATE OR REPLACE FUNCTION billing_date_after(anchor date, period text, count integer) RETURNS date
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

-- Return how many whole periods have passed between the anchor and today, at least 0.
CREATE OR REPLACE FUNCTION billing_periods_between(anchor date, period text, today date)
RETURNS integer
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
