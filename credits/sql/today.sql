-- The day of a company.

-- Return today's date in the company's time zone, by the clock and not by the start of the
-- transaction. Actions and querysets call it, so that a test can move the day.
CREATE OR REPLACE FUNCTION regulars_today(company uuid) RETURNS date
LANGUAGE sql VOLATILE STRICT
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (clock_timestamp() AT TIME ZONE timezone)::date
      FROM public.access_company WHERE id = company
$$;
