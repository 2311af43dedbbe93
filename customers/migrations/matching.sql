-- Full-text search is not leakproof, so row-level security keeps it from its index. This function
-- runs as the owner, with the company of the transaction written into its one statement.
-- A query made of a phone number's characters is one number; else each word stands for itself.
CREATE FUNCTION customers_matching(query text, kind text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := NULLIF(current_setting('regulars.company', true), '')::uuid;
    mark text := public.customers_mark(company, kind);
    digits text := regexp_replace(query, '\D', '', 'g');
    word text;
    wanted tsquery;
BEGIN
    IF query ~ '^[-+()./\s\d]+$' AND digits <> '' THEN
        wanted := public.customers_prefix(mark || digits);
        IF ltrim(digits, '0') NOT IN ('', digits) THEN
            wanted := wanted || public.customers_prefix(mark || ltrim(digits, '0'));
        END IF;
    ELSE
        FOR word IN
            SELECT DISTINCT btrim(part, '.,;:!?()[]"''')
              FROM regexp_split_to_table(public.regulars_fold(query), '\s+') AS part
        LOOP
            CONTINUE WHEN word = '';
            wanted := COALESCE(wanted && public.customers_prefix(mark || word),
                               public.customers_prefix(mark || word));
        END LOOP;
    END IF;
    RETURN QUERY
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id = company AND customer.search_words @@ wanted;
END $$;
