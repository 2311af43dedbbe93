-- What a query of the API asks for in words as they were before (part of
-- 0006_words_of_every_script): customers are found by them until the next migration has filled
-- theirs.
CREATE FUNCTION customers_asked_before(company uuid, query text, kind text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
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
        RETURN wanted;
    END IF;
    FOR word IN
        SELECT DISTINCT btrim(part, '.,;:!?()[]"''')
          FROM regexp_split_to_table(public.regulars_fold(query), '\s+') AS part
    LOOP
        CONTINUE WHEN word = '';
        wanted := COALESCE(wanted && public.customers_prefix(mark || word),
                           public.customers_prefix(mark || word));
    END LOOP;
    RETURN wanted;
END $$;
