-- How staff find customers (part of 0003_find).

-- What matches exactly this word.
CREATE FUNCTION customers_exactly(word text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ('''' || replace(replace(word, '\', '\\'), '''', '''''') || '''')::tsquery;

-- The ways in which a number may be kept: as its digits, without the zeros that it is dialled with,
-- and without the zero in brackets that is dialled in its own country only.
CREATE FUNCTION customers_numbers(query text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT COALESCE(array_agg(DISTINCT number), '{}')
      FROM regexp_replace(query, '\D', '', 'g') AS digits,
           regexp_replace(replace(query, '(0)', ''), '\D', '', 'g') AS abroad,
           unnest(ARRAY[digits, ltrim(digits, '0'), ltrim(abroad, '0')]) AS number
     WHERE number <> ''
);

CREATE FUNCTION customers_is_number(query text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN query ~ '^[-+()./\s\d]+$' AND query ~ '\d';

-- What a query asks for, from the most exact to the least: (1) the very e-mail address, phone or
-- external id, (2) every word as a whole, (3) every word as a beginning, numbers also as an ending,
-- (4) a phone with the same last digits, whatever country stands before them.
CREATE FUNCTION customers_wanted(company uuid, query text) RETURNS tsquery[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    anything text := public.customers_mark(company, 'a');
    outside text := public.customers_mark(company, 'x');
    backwards text := public.customers_mark(company, 'r');
    folded text := btrim(public.regulars_fold(query));
    numbers text[] := '{}';
    longest text;
    number text;
    word text;
    part text;
    parts tsquery;
    beginning tsquery;
    wanted tsquery[] := ARRAY[NULL, NULL, NULL, NULL]::tsquery[];
BEGIN
    IF folded = '' THEN
        RETURN wanted;
    END IF;
    wanted[1] := public.customers_exactly(outside || folded);
    IF public.customers_is_number(query) THEN
        numbers := public.customers_numbers(query);
        FOREACH number IN ARRAY numbers LOOP
            IF length(number) >= 6 THEN
                wanted[1] := wanted[1] || public.customers_exactly(anything || number);
            END IF;
            wanted[3] := COALESCE(wanted[3] || public.customers_prefix(anything || number),
                                  public.customers_prefix(anything || number));
            IF length(number) >= 4 THEN
                wanted[3] := wanted[3] || public.customers_prefix(backwards || reverse(number));
            END IF;
        END LOOP;
        longest := (SELECT one FROM unnest(numbers) AS one ORDER BY length(one) LIMIT 1);
        IF length(longest) >= 9 THEN
            wanted[4] := public.customers_prefix(backwards || reverse(right(longest, 8)));
        END IF;
    ELSE
        FOR word IN
            SELECT DISTINCT btrim(one, '.,;:!?()[]"''')
              FROM regexp_split_to_table(folded, '\s+') AS one
        LOOP
            CONTINUE WHEN word = '';
            IF word ~ '@.+' THEN
                wanted[1] := wanted[1] || public.customers_exactly(anything || word);
            END IF;
            beginning := public.customers_prefix(anything || word);
            IF word ~ '^\d{4,}$' THEN
                beginning := beginning || public.customers_prefix(backwards || reverse(word));
            END IF;
            -- The parts of a domain or a double name; its short ends, such as com, are in every
            -- other address. What stands before an @ begins the whole, which is asked for above.
            parts := NULL;
            IF word !~ '.@' THEN
                FOR part IN
                    SELECT one FROM regexp_split_to_table(word, '[^[:alnum:]]+') AS one
                     WHERE length(one) > 3 AND one <> word
                LOOP
                    parts := COALESCE(parts && public.customers_prefix(anything || part),
                                      public.customers_prefix(anything || part));
                END LOOP;
            END IF;
            beginning := COALESCE(beginning || parts, beginning);
            wanted[2] := COALESCE(wanted[2] && public.customers_exactly(anything || word),
                                  public.customers_exactly(anything || word));
            wanted[3] := COALESCE(wanted[3] && beginning, beginning);
        END LOOP;
    END IF;
    wanted[3] := COALESCE(wanted[3] || public.customers_prefix(outside || folded),
                          public.customers_prefix(outside || folded));
    RETURN wanted;
END $$;

CREATE FUNCTION customers_company() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('regulars.company', true), '')::uuid;

-- The company's newest customers: of what is common among them the newest are found here, without
-- looking at all that there are.
CREATE FUNCTION customers_newest(company uuid)
RETURNS TABLE (id uuid, archived_at timestamptz, search_words tsvector)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT customer.id, customer.archived_at, customer.search_words
      FROM customers_customer AS customer
     WHERE customer.company_id = company
     ORDER BY customer.company_id DESC, customer.id DESC
     LIMIT 3000;
END;
REVOKE ALL ON FUNCTION customers_newest(uuid) FROM PUBLIC;

-- Customers who match, live ones first, newer ones first; of more than 5,000 any 5,000 are looked
-- at. The company is compared in a way that no index knows, so that the one of words is used.
CREATE FUNCTION customers_picked(company uuid, wanted tsquery, most integer) RETURNS uuid[]
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
REVOKE ALL ON FUNCTION customers_picked(uuid, tsquery, integer) FROM PUBLIC;

-- The customers that a query most likely means, the likeliest first. It runs as the owner, since
-- row-level security keeps a query from the index of words, and has the company in each statement.
CREATE FUNCTION customers_found(query text, most integer)
RETURNS TABLE (id uuid, place bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery[] := public.customers_wanted(company, query);
    words uuid[];
    beginnings uuid[];
    found uuid[] := '{}';
BEGIN
    IF wanted[1] IS NULL OR company IS NULL THEN
        RETURN;
    END IF;
    found := public.customers_picked(company, wanted[1], most);
    -- Whoever typed a whole address means nobody else.
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
    RETURN QUERY
        SELECT one.id, min(one.place) FROM unnest(found) WITH ORDINALITY AS one (id, place)
         GROUP BY one.id ORDER BY 2 LIMIT most;
END $$;

-- Every customer whom a query may mean.
CREATE FUNCTION customers_searched(query text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery[] := public.customers_wanted(company, query);
BEGIN
    RETURN QUERY
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id = company
           AND customer.search_words @@ COALESCE(wanted[3] || wanted[4], wanted[3]);
END $$;

-- What a query asks for where that is common among the newest customers, else NULL: what is common
-- is found soonest by reading a list from its top, what is rare by the index of words.
CREATE FUNCTION customers_common(query text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery[] := public.customers_wanted(company, query);
    every tsquery := COALESCE(wanted[3] || wanted[4], wanted[3]);
BEGIN
    RETURN (
        SELECT CASE WHEN count(*) >= 15 THEN every::text END
          FROM (SELECT FROM public.customers_newest(company) AS newest
                 WHERE newest.search_words @@ every LIMIT 15) AS hits
    );
END $$;
