-- The words that customers are found by (part of 0006_words_of_every_script). Each is marked with
-- its company and its kind, so that one index serves all companies and a search walks through one
-- company's words only: "w" any word, "m" words of the shown name, "y" the external id, "s" the
-- digits of a phone backwards.

CREATE FUNCTION customers_kind(company uuid, kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN right(replace(company::text, '-', ''), 8) || kind;

-- The words of a text: as they stand between spaces, their parts between punctuation, what begins
-- at each part, and the word without its punctuation. Of a word in Chinese, Japanese or Korean also
-- what begins at each character, and of a name in two words both written together, in either order.
CREATE FUNCTION customers_word_list(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    normal text := public.regulars_normalize(value);
    dense CONSTANT text := '[\u1100-\u11ff\u3005-\u3007\u3031-\u3035\u3041-\u30fa\u30fc-\u31ff'
        '\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+';
    words text[] := '{}';
    names text[] := '{}';
    parts text[];
    word text;
    rest text;
BEGIN
    FOREACH word IN ARRAY regexp_split_to_array(normal, '\s+') LOOP
        word := btrim(word, '.,;:!?()[]"''');
        CONTINUE WHEN word = '';
        words := words || word;
        CONTINUE WHEN word !~ '[^[:alnum:]]';
        parts := regexp_split_to_array(word, '[^[:alnum:]]+');
        words := words || parts;
        IF strpos(word, '@') > 0 THEN
            rest := substr(word, strpos(word, '@') + 1);
        ELSE
            words := words || regexp_replace(word, '[^[:alnum:]]+', '', 'g');
            rest := regexp_replace(word, '^[[:alnum:]]*[^[:alnum:]]+', '');
        END IF;
        WHILE rest ~ '[^[:alnum:]]' LOOP
            words := words || rest;
            rest := regexp_replace(rest, '^[[:alnum:]]*[^[:alnum:]]+', '');
        END LOOP;
    END LOOP;
    -- Initials apart, such as "J. R.", are a word together.
    IF normal ~ '\m[[:alnum:]][. ]+[[:alnum:]]\M' THEN
        words := words || ARRAY(
            SELECT regexp_replace(one[1], '[. ]', '', 'g')
              FROM regexp_matches(normal, '\m[[:alnum:]](?:[. ]+[[:alnum:]]\M)+', 'g') AS one
        );
    END IF;
    IF normal ~ dense THEN
        names := ARRAY(SELECT one[1] FROM regexp_matches(normal, dense, 'g') AS one);
        words := words || ARRAY(
            SELECT substr(name, start, 40)
              FROM unnest(names) AS name, generate_series(1, least(length(name), 40)) AS start
        );
        IF cardinality(names) > 1 THEN
            words := words || array_to_string(names, '') || (
                SELECT string_agg(name, '' ORDER BY place DESC)
                  FROM unnest(names) WITH ORDINALITY AS one (name, place)
            );
        END IF;
    END IF;
    RETURN words;
END $$;

-- The ways in which a number may be dialled: its digits, those without the zeros in front, and
-- those without the zero in brackets that is dialled in its own country only.
CREATE FUNCTION customers_number_forms(phone text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT COALESCE(array_agg(DISTINCT form), '{}')
      FROM regulars_normalize(phone) AS typed,
           regexp_replace(typed, '[^0-9]', '', 'g') AS digits,
           regexp_replace(replace(typed, '(0)', ''), '[^0-9]', '', 'g') AS abroad,
           unnest(ARRAY[digits, ltrim(digits, '0'), ltrim(abroad, '0')]) AS form
     WHERE form <> ''
);

-- The extension of a phone: the digits that were typed behind its national number.
CREATE FUNCTION customers_extension(phone text, phone_national text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    WHEN phone_national = '' OR phone ~ '^[-+()./ 0-9]*$' THEN ''
    ELSE split_part(
        regexp_replace(regulars_normalize(phone), '[^0-9]', '', 'g'), phone_national, 2
    )
END;

-- A number in E.164, with its extension as RFC 3966 writes it; as typed where it could not be read.
CREATE FUNCTION customers_dialled(phone text, phone_e164 text, phone_national text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    WHEN phone_e164 = '' THEN phone
    ELSE phone_e164 || COALESCE(
        ';ext=' || NULLIF(customers_extension(phone, phone_national), ''), ''
    )
END;

-- The same signature as before: the generated column stays, and old rows are filled in batches.
CREATE OR REPLACE FUNCTION customers_words(
    company uuid, name text, first_name text, last_name text, email text,
    phone text, phone_e164 text, phone_national text, external_id text
) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    mark text := public.customers_kind(company, '');
    person text[] := public.customers_word_list(concat_ws(' ', last_name, first_name));
    shown text[] := CASE WHEN name = '' THEN person ELSE public.customers_word_list(name) END;
    every text[] := person || shown || public.customers_word_list(email);
    numbers text[] := '{}';
    backwards text[] := '{}';
    extension text;
BEGIN
    IF phone <> '' THEN
        extension := public.customers_extension(phone, phone_national);
        numbers := public.customers_number_forms(phone);
        IF phone_e164 <> '' THEN
            numbers := numbers || ltrim(phone_e164, '+') || phone_national;
            backwards := ARRAY[reverse(ltrim(phone_e164, '+'))];
        ELSE
            backwards := ARRAY[reverse(
                regexp_replace(public.regulars_normalize(phone), '[^0-9]', '', 'g')
            )];
        END IF;
        IF extension <> '' THEN
            numbers := numbers || (ltrim(phone_e164, '+') || extension)
                || (phone_national || extension);
            backwards := backwards || reverse(phone_national || extension);
        END IF;
    END IF;
    RETURN array_to_tsvector(ARRAY(
        SELECT mark || 'w' || word FROM unnest(every || numbers) AS word WHERE word <> ''
        UNION ALL
        -- What a word begins with before its first digit or sign is counted (counting.sql).
        SELECT mark || 'w' || substring(word from '^[[:alpha:]]+')
          FROM unnest(every) AS word WHERE word ~ '^[[:alpha:]]+[^[:alpha:]]'
        UNION ALL
        SELECT mark || 'm' || word FROM unnest(shown) AS word WHERE word <> ''
        UNION ALL
        SELECT mark || 's' || digits FROM unnest(backwards) AS digits WHERE digits <> ''
        UNION ALL
        SELECT mark || 'y' || public.regulars_normalize(btrim(external_id))
         WHERE btrim(external_id) <> ''
    ));
END $$;
