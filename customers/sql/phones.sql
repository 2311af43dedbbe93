-- Phone numbers, as they are indexed, searched for and shown.

-- Return the ways in which a phone number may be dialled: its digits, its digits without leading
-- zeros, and its digits without the zero in brackets that is dialled inside its own country only.
CREATE OR REPLACE FUNCTION customers_number_forms(phone text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT COALESCE(array_agg(DISTINCT form), '{}')
      FROM regulars_normalize(phone) AS typed,
           regexp_replace(typed, '[^0-9]', '', 'g') AS digits,
           regexp_replace(replace(typed, '(0)', ''), '[^0-9]', '', 'g') AS abroad,
           unnest(ARRAY[digits, ltrim(digits, '0'), ltrim(abroad, '0')]) AS form
     WHERE form <> ''
);

-- Return the extension of a phone number: the digits that follow its national number, '' if there
-- are none.
CREATE OR REPLACE FUNCTION customers_extension(phone text, phone_national text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    WHEN phone_national = '' OR phone ~ '^[-+()./ 0-9]*$' THEN ''
    ELSE split_part(
        regexp_replace(regulars_normalize(phone), '[^0-9]', '', 'g'), phone_national, 2
    )
END;

-- Return a phone number in E.164, with its extension as RFC 3966 writes it. A number that could
-- not be parsed is returned as it was typed. The API shows phones through this function.
CREATE OR REPLACE FUNCTION customers_dialled(phone text, phone_e164 text, phone_national text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    WHEN phone_e164 = '' THEN phone
    ELSE phone_e164 || COALESCE(
        ';ext=' || NULLIF(customers_extension(phone, phone_national), ''), ''
    )
END;

-- Return whether a normalized query is a phone number, with or without an extension.
CREATE OR REPLACE FUNCTION customers_is_phone(normal text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN normal ~ ('^[-+()./\s]*[0-9][-+()./\s0-9]*'
    '(;?\s*(ext(n|ension)?|x|#|доб|anexo|int)[.:=]?\s*[0-9]{1,7})?$');
