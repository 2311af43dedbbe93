-- How customers are found (part of 0001_initial; functions that generated columns stand on).

-- Text as people search for it: without case, accents and typographic quotes.
CREATE FUNCTION regulars_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN translate(
    replace(replace(replace(
        lower(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g')),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    'øłđðþı‘’ʼ`´', 'olddti' || repeat('''', 5)
);

-- The words of a text: as they stand between spaces, their parts between punctuation, and the
-- word without its punctuation.
CREATE FUNCTION regulars_words(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT COALESCE(array_agg(DISTINCT word), '{}') FROM (
        SELECT btrim(whole, '.,;:!?()[]"''') AS word
          FROM regexp_split_to_table(regulars_fold(value), '\s+') AS whole
        UNION ALL
        SELECT regexp_split_to_table(regulars_fold(value), '[^[:alnum:]]+')
        UNION ALL
        SELECT regexp_replace(whole, '[^[:alnum:]]+', '', 'g')
          FROM regexp_split_to_table(regulars_fold(value), '\s+') AS whole
         WHERE whole !~ '@'
    ) AS words
    WHERE word <> ''
);

-- Words are marked with the company, so that one index serves all companies and a search walks
-- through one company's words only; "a" marks any word, "n" those of the shown name.
CREATE FUNCTION customers_mark(company uuid, kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN right(replace(company::text, '-', ''), 8) || kind;

CREATE FUNCTION customers_words(
    company uuid, name text, first_name text, last_name text, email text,
    phone text, phone_e164 text, phone_national text
) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT COALESCE(array_to_tsvector(array_agg(DISTINCT lexeme)), ''::tsvector) FROM (
        SELECT customers_mark(company, 'a') || word AS lexeme
          FROM unnest(
            regulars_words(concat_ws(' ', name, first_name, last_name, email))
            || regexp_replace(phone, '\D', '', 'g')
            || ltrim(regexp_replace(phone, '\D', '', 'g'), '0')
            || ltrim(phone_e164, '+')
            || phone_national
          ) AS word
         WHERE word <> ''
        UNION ALL
        SELECT customers_mark(company, 'n') || word
          FROM unnest(regulars_words(
            CASE WHEN name = '' THEN concat_ws(' ', first_name, last_name) ELSE name END
          )) AS word
    ) AS lexemes
);

CREATE FUNCTION regulars_postal_key(code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN upper(regexp_replace(code, '[^[:alnum:]]', '', 'g'));

CREATE FUNCTION regulars_postal_keys(codes text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (SELECT COALESCE(array_agg(regulars_postal_key(code)), '{}') FROM unnest(codes) AS code);

-- What matches a word that begins so.
CREATE FUNCTION customers_prefix(word text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ('''' || replace(replace(word, '\', '\\'), '''', '''''') || ''':*')::tsquery;
