-- Customer search with typing errors in names. An index finds the words of the company's names
-- (name_words.sql) that share all but one or two letters with a misspelt word. Only these few words
-- are compared with it, and the similar ones are then looked up exactly.

-- Return how many typing errors are tolerated in a word of a query. A short word has too many
-- similar words: "Ann" would match half of the short names.
CREATE OR REPLACE FUNCTION customers_most_errors(word text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    WHEN length(word) NOT BETWEEN 4 AND 40 THEN 0
    WHEN length(word) < 8 THEN 1
    ELSE 2
END;

-- Return hashes of a word and of its variants without one letter; for a word of 8 letters or more
-- also of those without two. Two words that differ by this many typing errors share one of the
-- hashes. Only the first 10 letters count, so a word has at most 56 hashes. Each hash includes the
-- company, since one index serves all companies (customers_nameword_neighbours).
CREATE OR REPLACE FUNCTION customers_neighbours(company uuid, word text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT array_agg(DISTINCT uuid_hash(company) # hashtext(one.letters))
      FROM (SELECT left(word, 10)
             UNION ALL
            SELECT left(word, first - 1) || substr(left(word, 10), first + 1)
              FROM generate_series(1, least(length(word), 10)) AS first
             UNION ALL
            SELECT left(word, first - 1) || substr(left(word, 10), first + 1, second - first - 1)
                   || substr(left(word, 10), second + 1)
              FROM generate_series(1, 9) AS first,
                   generate_series(first + 1, least(length(word), 10)) AS second
             WHERE length(word) >= 8) AS one (letters)
);

-- Return the number of typing errors between two words: a missing, added or wrong letter, or two
-- swapped neighbours. NULL if there are more than the limit.
CREATE OR REPLACE FUNCTION customers_typing_errors(one text, other text, most integer)
RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    a text[] := string_to_array(one, NULL);
    b text[] := string_to_array(other, NULL);
    n integer := cardinality(a);
    m integer := cardinality(b);
    -- The distances of the beginnings of one word from those of the other, for the letter before
    -- the last, the last letter and this letter. Those of the empty beginning stand at 1.
    before integer[];
    last integer[];
    this integer[];
    nearest integer;
    errors integer;
BEGIN
    IF abs(n - m) > most THEN
        RETURN NULL;
    END IF;
    -- What both words begin and end with makes no difference.
    WHILE n > 0 AND m > 0 AND a[n] = b[m] LOOP
        n := n - 1;
        m := m - 1;
    END LOOP;
    WHILE n > 0 AND m > 0 AND a[1] = b[1] LOOP
        a := a[2:];
        b := b[2:];
        n := n - 1;
        m := m - 1;
    END LOOP;
    IF n = 0 OR m = 0 THEN
        RETURN n + m;
    ELSIF most < 2 AND n + m > 2 THEN
        RETURN CASE WHEN most = 1 AND n = 2 AND m = 2 AND a[1] = b[2] AND a[2] = b[1] THEN 1 END;
    END IF;
    last := ARRAY(SELECT generate_series(0, m));
    FOR i IN 1..n LOOP
        this := ARRAY[i];
        nearest := i;
        FOR j IN 1..m LOOP
            errors := least(
                last[j] + CASE WHEN a[i] = b[j] THEN 0 ELSE 1 END, last[j + 1] + 1, this[j] + 1);
            IF i > 1 AND j > 1 AND a[i] = b[j - 1] AND a[i - 1] = b[j] THEN
                errors := least(errors, before[j - 1] + 1);
            END IF;
            this := this || errors;
            nearest := least(nearest, errors);
        END LOOP;
        IF nearest > most THEN
            RETURN NULL;
        END IF;
        before := last;
        last := this;
    END LOOP;
    RETURN CASE WHEN errors <= most THEN errors END;
END $$;

-- Return the words of the company's names that equal the wanted word except for typing errors,
-- including the word itself: the fewest errors first, then the most frequent word. The wanted word
-- is normalized. customers_similar calls it.
CREATE OR REPLACE FUNCTION customers_similar_words(company uuid, wanted text, most integer)
RETURNS TABLE (word text, errors integer, customers bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    allowed integer := public.customers_most_errors(wanted);
    neighbours integer[] := public.customers_neighbours(company, wanted);
BEGIN
    IF allowed = 0 OR wanted !~ '^[[:alpha:]]+$' THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT near.word, near.errors, counted.customers
          FROM (SELECT DISTINCT known.word,
                       public.customers_typing_errors(wanted, known.word, allowed) AS errors
                  FROM public.customers_nameword AS known
                 WHERE known.company_id IS NOT DISTINCT FROM company
                   AND public.customers_neighbours(known.company_id, known.word) && neighbours
               ) AS near,
               LATERAL (SELECT sum(one.customers) AS customers
                          FROM public.customers_wordcount AS one
                         WHERE one.company_id = company AND one.word = near.word) AS counted
         WHERE near.errors IS NOT NULL AND counted.customers > 0
         ORDER BY near.errors, counted.customers DESC, near.word
         LIMIT most;
END $$;

-- Return the active company's customers whose names have every word of a query, as a prefix or with
-- typing errors, at most two in total. The fewest errors come first, then live customers. If
-- several names have equally many errors, the first customer of each name comes first, the most
-- frequent name first, and then their next customers. A query of more than 4 words, a phone number
-- or an e-mail address matches nobody.
CREATE OR REPLACE FUNCTION customers_similar(query text, most integer)
RETURNS TABLE (id uuid, place bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    mark text := public.customers_kind(company, 'w');
    normal text := public.regulars_normalize(query);
    words text[] := ARRAY(
        SELECT DISTINCT part
          FROM regexp_split_to_table(replace(normal, '''', ''), '[^[:alnum:]]+') AS part
         WHERE part <> '');
    one text;
    near record;
    -- What one word is read as, and what all words are, with no error, with one and with two.
    terms tsquery[];
    readings tsquery[];
    -- The similar words, how many customers have each, and its tsquery.
    similar_words text[] := '{}';
    customers bigint[] := '{}';
    exactly tsquery[] := '{}';
    picked uuid[];
    found uuid[] := '{}';
BEGIN
    IF company IS NULL OR cardinality(words) NOT BETWEEN 1 AND 4
       OR strpos(normal, '@') > 0 OR public.customers_is_phone(normal) THEN
        RETURN;
    END IF;
    FOREACH one IN ARRAY words LOOP
        terms := ARRAY[public.customers_beginning(company, 'w', one), NULL, NULL]::tsquery[];
        FOR near IN SELECT * FROM public.customers_similar_words(company, one, 20) LOOP
            CONTINUE WHEN near.errors = 0;
            similar_words := similar_words || near.word;
            customers := customers || near.customers;
            exactly := exactly || public.customers_exactly(mark || near.word);
            terms[near.errors + 1] := public.customers_either(
                terms[near.errors + 1], exactly[cardinality(exactly)]);
        END LOOP;
        readings := CASE WHEN readings IS NULL THEN terms ELSE ARRAY[
            readings[1] && terms[1],
            public.customers_either(readings[1] && terms[2], readings[2] && terms[1]),
            public.customers_either(
                readings[2] && terms[2],
                public.customers_either(readings[1] && terms[3], readings[3] && terms[1]))
        ] END;
    END LOOP;
    FOR errors IN 1..3 LOOP
        EXIT WHEN cardinality(found) >= most;
        CONTINUE WHEN readings[errors] IS NULL;
        picked := '{}';
        -- Of a word that more customers have than customers_picked considers, the newest are read.
        IF (SELECT sum(one_word) FROM unnest(customers) AS one_word) > 5000 THEN
            picked := ARRAY(
                SELECT newest.id FROM public.customers_newest(company) AS newest
                 WHERE newest.archived_at IS NULL AND newest.search_words @@ readings[errors]
                 ORDER BY newest.id DESC LIMIT 100);
        END IF;
        IF cardinality(picked) < most THEN
            picked := public.customers_picked(company, readings[errors], 100);
        END IF;
        found := found || ARRAY(
            SELECT ranked.id
              FROM (SELECT customer.id, customer.archived_at IS NOT NULL AS is_archived,
                           named.customers,
                           row_number() OVER (
                               PARTITION BY customer.archived_at IS NOT NULL, named.words
                               ORDER BY customer.id DESC) AS turn
                      FROM public.customers_customer AS customer,
                           LATERAL (
                               SELECT array_agg(similar_one.word) AS words,
                                      sum(similar_one.customers) AS customers
                                 FROM unnest(similar_words, customers, exactly)
                                   AS similar_one (word, customers, term)
                                WHERE customer.search_words @@ similar_one.term) AS named
                     WHERE customer.company_id = company AND customer.id = ANY(picked)) AS ranked
             ORDER BY ranked.is_archived, ranked.turn, ranked.customers DESC NULLS LAST,
                      ranked.id DESC);
    END LOOP;
    RETURN QUERY
        SELECT ranked.id, min(ranked.place)
          FROM unnest(found) WITH ORDINALITY AS ranked (id, place)
         GROUP BY ranked.id ORDER BY 2 LIMIT most;
END $$;

-- Return the customers that best match a query of staff, the most likely first: the matches of
-- customers_found or, if there are none, customers with similar names. The find box of the
-- back-office calls it.
CREATE OR REPLACE FUNCTION customers_found_or_similar(query text, most integer)
RETURNS TABLE (id uuid, place bigint, is_similar boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT one.id, one.place, false FROM public.customers_found(query, most) AS one;
    IF NOT FOUND AND public.regulars_normalize(query) ~ '[[:alpha:]]{4}' THEN
        RETURN QUERY
            SELECT one.id, one.place, true FROM public.customers_similar(query, most) AS one;
    END IF;
END $$;
