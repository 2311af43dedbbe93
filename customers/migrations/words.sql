-- What customers are found by (part of 0003_find). Beside words and numbers, an external id is
-- marked with "x", and the digits of a phone are written backwards and marked with "r", so that how
-- a number ends can be looked for as well as how it begins.
DROP FUNCTION customers_words(uuid, text, text, text, text, text, text, text);

CREATE FUNCTION customers_words(
    company uuid, name text, first_name text, last_name text, email text,
    phone text, phone_e164 text, phone_national text, external_id text
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
        UNION ALL
        SELECT customers_mark(company, 'x') || regulars_fold(btrim(external_id))
         WHERE btrim(external_id) <> ''
        UNION ALL
        SELECT customers_mark(company, 'r') || reverse(digits)
          FROM regexp_replace(
            CASE WHEN phone_e164 = '' THEN phone ELSE phone_e164 END, '\D', '', 'g'
          ) AS digits
         WHERE digits <> ''
    ) AS lexemes
);
