-- Customers can also be found by their contact points: more e-mail addresses and phones.

-- Return the index words of a contact point, as customers_words has them for the customer's own
-- e-mail address and phone. The index contact_point_words calls it.
CREATE OR REPLACE FUNCTION customers_point_words(
    company uuid, kind text, value text, phone_e164 text, phone_national text
) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN customers_words(
    company, '', '', '',
    CASE WHEN kind = 'email' THEN value ELSE '' END,
    CASE WHEN kind = 'phone' THEN value ELSE '' END,
    phone_e164, phone_national, ''
);

-- Return whether a query of the API also searches contact points: it is a phone number, or contains
-- an e-mail address. Other words do not, so that common words stay fast.
CREATE OR REPLACE FUNCTION customers_asks_for_points(query text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN strpos(query, '@') > 0 OR customers_is_phone(regulars_normalize(query));

-- Return the ids of customers that match a tsquery together with one of their contact points, live
-- ones first, newest first. "considered" limits how many contact points that match a part of the
-- tsquery are read; NULL means all.
CREATE OR REPLACE FUNCTION customers_with_point(company uuid, wanted tsquery, considered integer)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    -- No word has a space in it, so an operator is told from a word.
    part tsquery := replace(wanted::text, ' & ', ' | ')::tsquery;
BEGIN
    RETURN QUERY
        SELECT customer.id
          FROM (SELECT point.customer_id,
                       public.customers_point_words(
                           point.company_id, point.kind, point.value,
                           point.phone_e164, point.phone_national) AS words
                  FROM public.customers_contactpoint AS point
                 WHERE point.company_id IS NOT DISTINCT FROM company
                   AND point.archived_at IS NULL
                   AND public.customers_point_words(
                           point.company_id, point.kind, point.value,
                           point.phone_e164, point.phone_national) @@ part
                 LIMIT considered) AS near
          JOIN public.customers_customer AS customer
            ON customer.company_id = company AND customer.id = near.customer_id
         WHERE (customer.search_words || near.words) @@ wanted
         ORDER BY customer.archived_at IS NOT NULL, customer.id DESC;
END $$;

-- Return the ids of customers whose contact points match a query of staff. The search of
-- back-office lists calls it together with the tsquery of customers_common.
CREATE OR REPLACE FUNCTION customers_reached(query text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery[] := public.customers_ranked_terms(company, query);
BEGIN
    RETURN QUERY
        SELECT public.customers_with_point(
            company, public.customers_either(wanted[3], wanted[4]), 5000);
END $$;
