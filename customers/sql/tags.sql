-- Tags of customers: how they are checked, indexed and looked up.

-- Return whether an array is a valid list of tags: at most 50 of 1 to 60 characters, trimmed, and
-- unique ignoring case. The constraint customer_tags calls it.
CREATE OR REPLACE FUNCTION customers_are_tags(tags text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN cardinality(tags) <= 50 AND (
    SELECT count(*) = count(DISTINCT lower(tag))
           AND COALESCE(bool_and(tag = btrim(tag) AND length(tag) BETWEEN 1 AND 60), true)
      FROM unnest(tags) AS tag
);

-- Return tags as keys for the index customer_tags: in lower case, and with the company, since one
-- index serves all companies.
CREATE OR REPLACE FUNCTION customers_tag_keys(company uuid, tags text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT COALESCE(array_agg(customers_kind(company, 't') || lower(tag)), '{}')
      FROM unnest(tags) AS tag
);

-- Return the ids of the active company's customers that have a tag, ignoring case. The API's filter
-- by tag and that of the back-office call it: row-level security keeps queries from the index,
-- whose operators are not leakproof.
CREATE OR REPLACE FUNCTION customers_tagged(tag text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 1000
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
BEGIN
    RETURN QUERY
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id IS NOT DISTINCT FROM company
           AND customer.tags <> '{}'::varchar(60)[]
           AND public.customers_tag_keys(customer.company_id, customer.tags)
               @> ARRAY[public.customers_kind(company, 't') || lower(btrim(tag))];
END $$;
