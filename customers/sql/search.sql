-- Customer search. Row-level security keeps queries from the index of words, because its operators
-- are not leakproof. These functions therefore run as the owner (SECURITY DEFINER) and compare the
-- company in each statement.
--
-- A comparison of the company with IS NOT DISTINCT FROM is intended: no index supports it, so the
-- planner uses the index of words.

-- Return the active company of the transaction, NULL if there is none.
CREATE OR REPLACE FUNCTION customers_company() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('regulars.company', true), '')::uuid;

-- Return the ids of the customers that match a query of the API. The API's search filters call it;
-- see customers_asked for the kinds.
CREATE OR REPLACE FUNCTION customers_matching(query text, kind text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 1000
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery := public.customers_asked(company, query, kind);
BEGIN
    RETURN QUERY
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id IS NOT DISTINCT FROM company
           AND customer.search_words @@ wanted;
    IF kind = 'a' AND public.customers_asks_for_points(query) THEN
        RETURN QUERY SELECT public.customers_with_point(company, wanted, NULL);
    END IF;
END $$;

-- Return the ids of the customers with an e-mail address, ignoring case. The API's filter by e-mail
-- address calls it: `lower` is not leakproof either.
CREATE OR REPLACE FUNCTION customers_with_email(address text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id = public.customers_company()
           AND lower(customer.email) = lower(address)
           AND customer.email <> '';
END $$;

-- Return the id just before the company's newest customers, as many as given; the lowest id if
-- there are not more. A condition on this id keeps the planner from reading other companies'
-- customers, as it otherwise does for a company that has a large part of the table.
CREATE OR REPLACE FUNCTION customers_edge(company uuid, newest bigint) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT COALESCE(
        (SELECT customer.id
           FROM customers_customer AS customer
          WHERE customer.company_id = company
          ORDER BY customer.company_id DESC, customer.id DESC
          LIMIT 1 OFFSET newest),
        '00000000-0000-0000-0000-000000000000');
END;

-- Return one numbered page of the customers that match a query of the API, newest first: the ids,
-- and the total number of matches. Numbered pages of the API call it.
--
-- If the query is one common word, its count is stored, and the page is searched among the
-- company's newest customers: one and a half times as many as an even spread of matches would need.
-- If these do not fill the page, all matches are read.
CREATE OR REPLACE FUNCTION customers_page(
    query text, kind text, size integer, skipped integer, OUT ids uuid[], OUT total bigint
)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery := public.customers_asked(company, query, kind);
    counted bigint;
    newest bigint;
    edge uuid;
    found text;
BEGIN
    IF kind = 'a' THEN
        counted := (SELECT one.customers
                      FROM public.customers_counted(company, btrim(public.regulars_normalize(query)))
                        AS one);
    END IF;
    IF counted > 500 THEN
        newest := (SELECT sum(one.customers) * (skipped + size) / counted * 3 / 2 + 1000
                     FROM public.customers_wordcount AS one
                    WHERE one.company_id = company AND one.word = '' AND one.shared = -1);
    END IF;
    -- Of a common word the newest customers are read until the page is full. The fewer have the
    -- word, the deeper the page: then the index of words and that of ids are cheaper to join. Of
    -- 3,000 matches or fewer all are read.
    found := CASE
        WHEN newest > 300000 THEN NULL
        WHEN newest * 2 < counted OR counted > 50000 THEN
            'SELECT id FROM (SELECT id, search_words FROM public.customers_customer
                              WHERE company_id = $1 AND id > $2
                              ORDER BY company_id DESC, id DESC OFFSET 0) AS newest
              WHERE search_words @@ $3'
        WHEN counted > 3000 THEN
            'SELECT id FROM public.customers_customer
              WHERE company_id = $1 AND id > $2 AND search_words @@ $3
              ORDER BY id DESC OFFSET 0'
    END;
    IF found IS NOT NULL THEN
        edge := public.customers_edge(company, newest);
        -- Planned anew each time, for the word at hand.
        EXECUTE 'SELECT ARRAY(SELECT id FROM (' || found || ') AS found LIMIT $4 OFFSET $5)'
           INTO ids USING company, edge, wanted, size, skipped;
        IF cardinality(ids) = least(size, greatest(counted - skipped, 0)) THEN
            total := counted;
            RETURN;
        END IF;
    END IF;
    IF kind = 'a' AND public.customers_asks_for_points(query) THEN
        ids := ARRAY(
            SELECT customer.id FROM public.customers_customer AS customer
             WHERE customer.company_id IS NOT DISTINCT FROM company
               AND customer.search_words @@ wanted
             UNION
            SELECT public.customers_with_point(company, wanted, NULL)
             ORDER BY 1 DESC
        );
    ELSE
        ids := ARRAY(
            SELECT customer.id FROM public.customers_customer AS customer
             WHERE customer.company_id IS NOT DISTINCT FROM company
               AND customer.search_words @@ wanted
             ORDER BY customer.id DESC
        );
    END IF;
    total := cardinality(ids);
    ids := ids[skipped + 1 : skipped + size];
END $$;

-- Return the company's newest 3,000 customers. A common word is found among them without reading
-- all matches. customers_found and customers_common call it.
CREATE OR REPLACE FUNCTION customers_newest(company uuid)
RETURNS TABLE (id uuid, archived_at timestamptz, search_words tsvector)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT customer.id, customer.archived_at, customer.search_words
      FROM customers_customer AS customer
     WHERE customer.company_id = company AND customer.id > customers_edge(company, 3000)
     ORDER BY customer.company_id DESC, customer.id DESC
     LIMIT 3000;
END;

-- Return the ids of matching customers, live ones first, newest first. It considers at most 5,000
-- matches. customers_found calls it.
CREATE OR REPLACE FUNCTION customers_picked(company uuid, wanted tsquery, most integer)
RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off
BEGIN ATOMIC
    SELECT COALESCE(array_agg(best.id), '{}') FROM (
        SELECT few.id FROM (
            SELECT customer.id, customer.archived_at
              FROM customers_customer AS customer
             WHERE customer.company_id IS NOT DISTINCT FROM company
               AND customer.search_words @@ wanted
             LIMIT 5000
        ) AS few
        ORDER BY few.archived_at IS NOT NULL, few.id DESC LIMIT most
    ) AS best;
END;

-- Return the customers that best match a query of staff, the most likely first. The search box of
-- the back-office calls it.
CREATE OR REPLACE FUNCTION customers_found(query text, most integer)
RETURNS TABLE (id uuid, place bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery[] := public.customers_ranked_terms(company, query);
    words uuid[];
    beginnings uuid[];
    found uuid[] := '{}';
BEGIN
    IF wanted[1] IS NULL OR company IS NULL THEN
        RETURN;
    END IF;
    found := public.customers_picked(company, wanted[1], most)
        || ARRAY(SELECT public.customers_with_point(company, wanted[1], 5000) LIMIT most);
    -- A complete e-mail address means this one customer.
    IF cardinality(found) < most AND NOT (cardinality(found) > 0 AND query ~ '@') THEN
        SELECT array_agg(newest.id ORDER BY newest.id DESC)
                   FILTER (WHERE newest.search_words @@ wanted[2]),
               array_agg(newest.id ORDER BY newest.id DESC)
          INTO words, beginnings
          FROM public.customers_newest(company) AS newest
         WHERE newest.archived_at IS NULL AND newest.search_words @@ wanted[3];
        IF wanted[2] IS NOT NULL AND COALESCE(cardinality(words), 0) < most THEN
            words := public.customers_picked(company, wanted[2], most);
        END IF;
        found := found || words[1:most];
        IF cardinality(found) < most THEN
            IF COALESCE(cardinality(beginnings), 0) < most THEN
                beginnings := public.customers_picked(company, wanted[3], most);
            END IF;
            found := found || beginnings[1:2 * most];
        END IF;
    END IF;
    IF cardinality(found) < most AND wanted[4] IS NOT NULL THEN
        found := found || public.customers_picked(company, wanted[4], most);
    END IF;
    IF cardinality(found) < most THEN
        found := found || ARRAY(SELECT public.customers_reached(query) LIMIT most);
    END IF;
    RETURN QUERY
        SELECT one.id, min(one.place) FROM unnest(found) WITH ORDINALITY AS one (id, place)
         GROUP BY one.id ORDER BY 2 LIMIT most;
END $$;

-- Return the ids of all customers that match a query of staff. The search of back-office lists
-- calls it, unless customers_common returns a tsquery.
CREATE OR REPLACE FUNCTION customers_searched(query text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery[] := public.customers_ranked_terms(company, query);
BEGIN
    RETURN QUERY
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id IS NOT DISTINCT FROM company
           AND customer.search_words @@ public.customers_either(wanted[3], wanted[4]);
    RETURN QUERY
        SELECT public.customers_with_point(
            company, public.customers_either(wanted[3], wanted[4]), 5000);
END $$;

-- Return the tsquery of a query of staff if it is common among the newest customers, else NULL. A
-- list filters by a common tsquery row by row; a rare one is looked up in the index of words
-- (customers_searched).
CREATE OR REPLACE FUNCTION customers_common(query text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery[] := public.customers_ranked_terms(company, query);
    every tsquery := public.customers_either(wanted[3], wanted[4]);
BEGIN
    RETURN (
        SELECT CASE WHEN count(*) >= 15 THEN every::text END
          FROM (SELECT FROM public.customers_newest(company) AS newest
                 WHERE newest.search_words @@ every LIMIT 15) AS hits
    );
END $$;
