-- The day it is for a company, by the clock of the moment and not of the transaction's beginning.
CREATE FUNCTION regulars_today(company uuid) RETURNS date
LANGUAGE sql VOLATILE STRICT
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (clock_timestamp() AT TIME ZONE timezone)::date
      FROM public.access_company WHERE id = company
$$;
