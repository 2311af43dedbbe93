-- How customers are searched for by words (part of 0006_words_of_every_script).
--
-- Row-level security keeps queries from the index of words, whose operators are not leakproof. So
-- these functions run as the owner, with the company of the transaction in each statement.

-- Whether every customer has the words of indexing.sql. The next migration fills those of before.
CREATE FUNCTION customers_is_filled() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN false;

-- Whether a normalized query is a phone number, with or without an extension.
CREATE FUNCTION customers_is_phone(normal text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN normal ~ ('^[-+()./\s]*[0-9][-+()./\s0-9]*'
    '(;?\s*(ext(n|ension)?|x|#|доб|anexo|int)[.:=]?\s*[0-9]{1,7})?$');

-- Add an alternative to a query, of which either may be NULL.
CREATE FUNCTION customers_either(one tsquery, other tsquery) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(one || other, one, other);

CREATE FUNCTION customers_both(one tsquery, other tsquery) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(one && other, one, other);

-- The counted words of a company that begin so, and how many customers have one of them. NULL where
-- such words are not counted, or not yet.
CREATE FUNCTION customers_counted(
    company uuid, beginning text, OUT words text[], OUT customers bigint
)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF beginning ~ '^[[:alpha:]]+$' AND public.customers_is_filled() THEN
        SELECT array_agg(DISTINCT one.word),
               COALESCE(sum(one.customers) FILTER (WHERE one.shared < length(beginning)), 0)
          INTO words, customers
          FROM public.customers_wordcount AS one
         WHERE one.company_id = company
           AND one.word >= beginning COLLATE "C"
           AND one.word < (beginning || chr(1114111)) COLLATE "C";
    END IF;
END $$;
REVOKE ALL ON FUNCTION customers_counted(uuid, text) FROM PUBLIC;

-- What matches a word that begins so. A few words are named, since an index finds them sooner than
-- everything between two words.
CREATE FUNCTION customers_beginning(company uuid, kind text, word text) RETURNS tsquery
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    mark text := public.customers_kind(company, kind);
    words text[];
BEGIN
    IF kind = 'w' THEN
        words := (SELECT counted.words FROM public.customers_counted(company, word) AS counted);
        IF cardinality(words) BETWEEN 1 AND 40 THEN
            RETURN (SELECT string_agg('''' || mark || one || '''', ' | ') FROM unnest(words) AS one)
                ::tsquery;
        END IF;
    END IF;
    RETURN public.customers_prefix(mark || word);
END $$;

-- What matches one word of a query: a word that begins so, also without its punctuation, or a word
-- for each of its parts between hyphens and dots. Only the last part may go on, and no initial.
CREATE FUNCTION customers_word_terms(company uuid, kind text, word text) RETURNS tsquery
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    found tsquery := public.customers_beginning(company, kind, word);
    plain text := regexp_replace(word, '[^[:alnum:]]+', '', 'g');
    parts text[];
    part text;
    every tsquery;
BEGIN
    IF plain IN ('', word) OR strpos(word, '@') > 0 THEN
        RETURN found;
    END IF;
    found := found || public.customers_beginning(company, kind, plain);
    parts := array_remove(regexp_split_to_array(word, '[^[:alnum:]'']+'), '');
    IF cardinality(parts) > 1 THEN
        FOREACH part IN ARRAY parts LOOP
            every := public.customers_both(every, CASE
                WHEN part = parts[cardinality(parts)] AND length(plain) > cardinality(parts)
                THEN public.customers_beginning(company, kind, part)
                ELSE public.customers_exactly(public.customers_kind(company, kind) || part)
            END);
        END LOOP;
    END IF;
    RETURN public.customers_either(found, every);
END $$;

-- The words of a normalized query. An @ in front of a domain says nothing.
CREATE FUNCTION customers_query_words(normal text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
BEGIN ATOMIC
    SELECT DISTINCT word
      FROM regexp_split_to_table(normal, '\s+') AS one,
           ltrim(btrim(one, '.,;:!?()[]"'''), '@') AS word
     WHERE word <> '';
END;

-- What matches every word of a query; a phone number is one word. With `endings` also numbers that
-- end so, as staff look for them.
CREATE FUNCTION customers_terms(
    company uuid, kind text, query text, endings boolean
) RETURNS tsquery
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    normal text := public.regulars_normalize(query);
    mark text := public.customers_kind(company, kind);
    backwards text := public.customers_kind(company, 's');
    found tsquery;
    number text;
    word text;
    terms tsquery;
BEGIN
    IF public.customers_is_phone(normal) THEN
        FOREACH number IN ARRAY public.customers_number_forms(normal) LOOP
            found := public.customers_either(found, public.customers_prefix(mark || number));
            IF endings AND length(number) >= 4 THEN
                found := found || public.customers_prefix(backwards || reverse(number));
            END IF;
        END LOOP;
        RETURN found;
    END IF;
    FOR word IN SELECT public.customers_query_words(normal) LOOP
        terms := public.customers_word_terms(company, kind, word);
        IF endings AND word ~ '^[0-9]{4,}$' THEN
            terms := terms || public.customers_prefix(backwards || reverse(word));
        END IF;
        found := public.customers_both(found, terms);
    END LOOP;
    RETURN found;
END $$;
REVOKE ALL ON FUNCTION customers_terms(uuid, text, text, boolean) FROM PUBLIC;

-- What a query of staff asks for, from the most exact to the least: (1) the very e-mail address,
-- phone or external id, (2) every word as a whole, (3) every word as a beginning, numbers also as an
-- ending, (4) a phone with the same last digits, whatever country stands before them.
CREATE FUNCTION customers_ranked_terms(company uuid, query text) RETURNS tsquery[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    anything text := public.customers_kind(company, 'w');
    outside text := public.customers_kind(company, 'y');
    normal text := btrim(public.regulars_normalize(query));
    before tsquery[];
    number text;
    word text;
    wanted tsquery[] := ARRAY[NULL, NULL, NULL, NULL]::tsquery[];
BEGIN
    IF normal = '' THEN
        RETURN wanted;
    END IF;
    wanted[1] := public.customers_exactly(outside || normal);
    wanted[3] := public.customers_either(
        public.customers_terms(company, 'w', query, true),
        public.customers_prefix(outside || normal));
    IF public.customers_is_phone(normal) THEN
        FOREACH number IN ARRAY public.customers_number_forms(normal) LOOP
            IF length(number) >= 6 THEN
                wanted[1] := wanted[1] || public.customers_exactly(anything || number);
            END IF;
        END LOOP;
        number := (SELECT one FROM unnest(public.customers_number_forms(normal)) AS one
                    ORDER BY length(one) LIMIT 1);
        IF length(number) >= 9 THEN
            wanted[4] := public.customers_prefix(
                public.customers_kind(company, 's') || reverse(right(number, 8)));
        END IF;
    ELSE
        FOR word IN SELECT public.customers_query_words(normal) LOOP
            IF word ~ '@.' THEN
                wanted[1] := wanted[1] || public.customers_exactly(anything || word);
            END IF;
            wanted[2] := public.customers_both(
                wanted[2], public.customers_exactly(anything || word));
        END LOOP;
    END IF;
    IF NOT public.customers_is_filled() THEN
        before := public.customers_wanted(company, query);
        FOR place IN 1..4 LOOP
            wanted[place] := public.customers_either(wanted[place], before[place]);
        END LOOP;
    END IF;
    RETURN wanted;
END $$;
REVOKE ALL ON FUNCTION customers_ranked_terms(uuid, text) FROM PUBLIC;

-- What a query of the API asks for: every word as a beginning. The kind is "a" for anything that a
-- customer is found by, "n" for the shown name.
CREATE FUNCTION customers_asked(company uuid, query text, kind text) RETURNS tsquery
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found tsquery := public.customers_terms(
        company, CASE kind WHEN 'a' THEN 'w' WHEN 'n' THEN 'm' END, query, false);
BEGIN
    IF NOT public.customers_is_filled() THEN
        found := public.customers_either(found, public.customers_asked_before(company, query, kind));
    END IF;
    RETURN found;
END $$;
REVOKE ALL ON FUNCTION customers_asked(uuid, text, text) FROM PUBLIC;

-- Every customer of the active company whom a query of the API matches. The company is compared in
-- a way that no index knows, so that the index of words is used.
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
END $$;

-- Customers who match, among the newest 20,000 of the company, in that order or in the other way's.
CREATE FUNCTION customers_newest_matches(
    company uuid, wanted tsquery, size integer, skipped integer
) RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT COALESCE(array_agg(best.id), '{}') FROM (
        SELECT newest.id FROM (
            SELECT customer.id, customer.search_words
              FROM customers_customer AS customer
             WHERE customer.company_id = company
             ORDER BY customer.company_id DESC, customer.id DESC
             LIMIT 20000
        ) AS newest
         WHERE newest.search_words @@ wanted
         LIMIT size OFFSET skipped
    ) AS best;
END;
REVOKE ALL ON FUNCTION customers_newest_matches(uuid, tsquery, integer, integer) FROM PUBLIC;

-- A numbered page of what a query of the API matches, newest first: its ids, and how many there are
-- in all. Where many customers have the one word that was asked for, their number is counted already
-- and the page is soon met among the newest; else all are found by the index of words.
CREATE FUNCTION customers_page(
    query text, kind text, size integer, skipped integer, OUT ids uuid[], OUT total bigint
)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    wanted tsquery := public.customers_asked(company, query, kind);
    counted bigint;
    every bigint;
BEGIN
    IF kind = 'a' THEN
        counted := (SELECT one.customers
                      FROM public.customers_counted(company, btrim(public.regulars_normalize(query)))
                        AS one);
    END IF;
    IF counted > 500 THEN
        every := (SELECT sum(one.customers) FROM public.customers_wordcount AS one
                   WHERE one.company_id = company AND one.word = '' AND one.shared = -1);
        -- Up to a few times as far as matches that lie evenly would be.
        IF every * (skipped + size) / counted < 10000 THEN
            ids := public.customers_newest_matches(company, wanted, size, skipped);
            IF cardinality(ids) = least(size, greatest(counted - skipped, 0)) THEN
                total := counted;
                RETURN;
            END IF;
        END IF;
    END IF;
    ids := ARRAY(
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id IS NOT DISTINCT FROM company
           AND customer.search_words @@ wanted
         ORDER BY customer.id DESC
    );
    total := cardinality(ids);
    ids := ids[skipped + 1 : skipped + size];
END $$;

-- The customers that a query of staff most likely means, the likeliest first.
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
    found := public.customers_picked(company, wanted[1], most);
    -- A whole address means nobody else.
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

-- Every customer whom a query of staff may mean.
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
END $$;

-- What a query of staff asks for where that is common among the newest customers, else NULL: what is
-- common is found soonest by reading a list from its top, what is rare by the index of words.
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
