-- Likely duplicates of a customer. Candidates are customers that share traits (traits.sql), and
-- likeness.sql scores them. plan_cache_mode is set because planning takes longer than running, and
-- the plan is the same for every argument.

-- Return the ids of a company's customers, live and archived, that share a rare trait. A trait of
-- more than "most" customers means nothing, such as the company's own phone or a placeholder
-- address. This limits the work for one customer.
--
-- "known" has the words of the customer's name. Customers that share only a birthday or an address
-- are returned if their names have one of the words, because otherwise they are not likely.
CREATE OR REPLACE FUNCTION customers_sharing(
    company uuid, kind text, value text, known tsquery, most integer
) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    -- How many with the same birthday are looked through for the words of a name.
    looked CONSTANT integer := 1000;
    exactly tsquery := public.customers_exactly(public.customers_kind(company, 'w') || value);
    found uuid[];
BEGIN
    CASE kind
    WHEN 'e' THEN
        found := ARRAY(
            SELECT customer.id FROM public.customers_customer AS customer
             WHERE customer.company_id = company AND customer.email <> ''
               AND public.customers_email_key(customer.email) = value
             LIMIT most + 2);
    WHEN 'p' THEN
        found := ARRAY(
            SELECT customer.id FROM public.customers_customer AS customer
             WHERE customer.company_id IS NOT DISTINCT FROM company
               AND customer.search_words @@ exactly AND customer.phone <> ''
             LIMIT most + 2);
    WHEN 'b' THEN
        found := ARRAY(
            SELECT near.id
              FROM (SELECT customer.id, customer.search_words
                      FROM public.customers_customer AS customer
                     WHERE customer.company_id = company AND customer.birthday = value
                       AND customer.birthday <> ''
                     LIMIT looked) AS near
             WHERE near.search_words @@ known
             LIMIT most + 2);
    WHEN 'a' THEN
        found := ARRAY(
            SELECT customer.id
              FROM (SELECT DISTINCT address.customer_id
                      FROM public.customers_address AS address
                     WHERE address.company_id = company AND address.archived_at IS NULL
                       AND public.customers_place_key(address.postal_code, address.city,
                                                      address.street, address.sub_premise) = value
                     LIMIT looked) AS near
              JOIN public.customers_customer AS customer
                ON customer.company_id = company AND customer.id = near.customer_id
             WHERE customer.search_words @@ known
             LIMIT most + 2);
    WHEN 't' THEN
        found := ARRAY(
            SELECT customer.id FROM public.customers_customer AS customer
             WHERE customer.company_id = company AND customer.tax_id <> ''
               AND public.regulars_postal_key(customer.tax_id) = value
             LIMIT most + 2);
    ELSE
        RETURN;
    END CASE;
    IF kind IN ('e', 'p') THEN
        found := found || ARRAY(
            SELECT point.customer_id FROM public.customers_contactpoint AS point
             WHERE point.company_id IS NOT DISTINCT FROM company AND point.archived_at IS NULL
               AND public.customers_point_words(
                       point.company_id, point.kind, point.value,
                       point.phone_e164, point.phone_national) @@ exactly
             LIMIT most + 2);
    END IF;
    IF cardinality(found) <= most + 1 THEN
        RETURN QUERY SELECT unnest(found);
    END IF;
END $$;

-- Return the ids of a company's customers whose name has these words, first and last name in either
-- order, unless more than "most" customers match.
CREATE OR REPLACE FUNCTION customers_named(company uuid, named tsquery, most integer)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found uuid[];
BEGIN
    found := ARRAY(
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id IS NOT DISTINCT FROM company
           AND customer.search_words @@ named
         LIMIT most + 2);
    IF cardinality(found) <= most + 1 THEN
        RETURN QUERY SELECT unnest(found);
    END IF;
END $$;

-- Return the likely duplicates of a customer of the active company, the most likely first, at most
-- 50: each with its score and the facts of customers_weights behind it. Archived customers are
-- returned on request. A customer of another company has no duplicates.
CREATE OR REPLACE FUNCTION customers_likely(customer uuid, with_archived boolean)
RETURNS TABLE (id uuid, score integer, reasons text[])
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    company uuid := public.customers_company();
    most CONSTANT integer := 100;
    -- Those of the same name are likely only if an e-mail address or a phone is nearly the same.
    most_named CONSTANT integer := 20;
    likely integer := (SELECT weight FROM public.customers_weights() WHERE fact = 'likely');
    traits text[] := public.customers_traits(company, customer);
    named tsquery := public.customers_name_terms(company, traits, true);
    known tsquery := public.customers_name_terms(company, traits, false);
BEGIN
    RETURN QUERY
        SELECT near.id, alike.score, alike.reasons
          FROM (SELECT sharing.id
                  FROM unnest(traits) AS trait,
                       public.customers_sharing(
                           company, left(trait, 1), substr(trait, 2), known, most) AS sharing (id)
                 UNION
                SELECT named_so.id
                  FROM public.customers_named(company, named, most_named) AS named_so (id)) AS near
          JOIN public.customers_customer AS candidate
            ON candidate.company_id = company AND candidate.id = near.id
         CROSS JOIN LATERAL public.customers_likeness(
                   traits, public.customers_traits(company, near.id)) AS alike
         WHERE near.id <> customer AND alike.score >= likely
           AND (with_archived OR candidate.archived_at IS NULL)
         ORDER BY alike.score DESC, near.id
         LIMIT 50;
END $$;
