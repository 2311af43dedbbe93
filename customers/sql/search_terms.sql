-- How a search query becomes a tsquery. search.sql runs the tsquery.

-- Return a tsquery for words that begin with this one.
CREATE OR REPLACE FUNCTION customers_prefix(word text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ('''' || replace(replace(word, '\', '\\'), '''', '''''') || ''':*')::tsquery;

-- Return a tsquery for exactly this word.
CREATE OR REPLACE FUNCTION customers_exactly(word text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ('''' || replace(replace(word, '\', '\\'), '''', '''''') || '''')::tsquery;

-- Return the OR of two tsqueries, of which either may be NULL.
CREATE OR REPLACE FUNCTION customers_either(one tsquery, other tsquery) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(one || other, one, other);

-- Return the AND of two tsqueries, of which either may be NULL.
CREATE OR REPLACE FUNCTION customers_both(one tsquery, other tsquery) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(one && other, one, other);

-- Return the counted words of a company that begin with these letters, and how many customers have
-- one of them. Both are NULL if the argument is not letters only: other words are not counted.
CREATE OR REPLACE FUNCTION customers_counted(
    company uuid, beginning text, OUT words text[], OUT customers bigint
)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF beginning ~ '^[[:alpha:]]+$' THEN
        SELECT array_agg(DISTINCT one.word),
               COALESCE(sum(one.customers) FILTER (WHERE one.shared < length(beginning)), 0)
          INTO words, customers
          FROM public.customers_wordcount AS one
         WHERE one.company_id = company
           AND one.word >= beginning COLLATE "C"
           AND one.word < (beginning || chr(1114111)) COLLATE "C";
    END IF;
END $$;

-- Return a tsquery for words that begin with this one. A few words are listed by name, because an
-- index finds them sooner than a range.
CREATE OR REPLACE FUNCTION customers_beginning(company uuid, kind text, word text) RETURNS tsquery
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

-- Return a tsquery for one word of a query: as a prefix, as a prefix without its punctuation, or
-- with every part between hyphens and dots. Only the last part is a prefix, and an initial never
-- is.
CREATE OR REPLACE FUNCTION customers_word_terms(company uuid, kind text, word text) RETURNS tsquery
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

-- Return the words of a normalized query. An @ in front of a domain is removed.
CREATE OR REPLACE FUNCTION customers_query_words(normal text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
BEGIN ATOMIC
    SELECT DISTINCT word
      FROM regexp_split_to_table(normal, '\s+') AS one,
           ltrim(btrim(one, '.,;:!?()[]"'''), '@') AS word
     WHERE word <> '';
END;

-- Return a tsquery for every word of a query; a phone number counts as one word. With "endings",
-- numbers that end with the digits match too, as staff search for them.
CREATE OR REPLACE FUNCTION customers_terms(
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

-- Return four tsqueries for a query of staff, from the most exact to the least: (1) the whole
-- e-mail address, phone number or external id, (2) every word as a whole, (3) every word as a
-- prefix, numbers also as a suffix, (4) a phone number with the same last digits, whatever its
-- country code.
CREATE OR REPLACE FUNCTION customers_ranked_terms(company uuid, query text) RETURNS tsquery[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    anything text := public.customers_kind(company, 'w');
    outside text := public.customers_kind(company, 'y');
    normal text := btrim(public.regulars_normalize(query));
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
    RETURN wanted;
END $$;

-- Return a tsquery for a query of the API: every word as a prefix. The kind is "a" for any word,
-- "n" for words of the displayed name.
CREATE OR REPLACE FUNCTION customers_asked(company uuid, query text, kind text) RETURNS tsquery
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN public.customers_terms(
        company, CASE kind WHEN 'a' THEN 'w' WHEN 'n' THEN 'm' END, query, false);
END $$;
