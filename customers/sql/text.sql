-- How text is normalized before it is stored in an index or compared.

-- Return text as people search for it: without case, accents, zero-width characters and the
-- differences between letters that people type for one another. Stored words (words.sql) and
-- queries (search_terms.sql) both go through this function.
CREATE OR REPLACE FUNCTION regulars_normalize(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    -- Printable ASCII except the backtick only needs lower case.
    WHEN value ~ '^[\x20-\x5f\x61-\x7e]*$' THEN lower(value)
    ELSE normalize(
        translate(
            replace(replace(replace(replace(
                lower(regexp_replace(
                    -- NFKD would turn this apostrophe into a space and a combining mark.
                    normalize(replace(value, '´', ''''), NFKD),
                    -- Combining marks, Hebrew and Arabic points, tatweel, zero-width characters.
                    '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a'
                    '\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff'
                    '\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]',
                    '', 'g')),
                'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            -- Apostrophes and similar marks, the ʻokina among them; hyphens; letters; digits.
            '‘’‛ʹʻʼʽʾʿˈˊˋ′‵Ꞌꞌ՚׳`' || '‐‑‒–—―−' || 'øłđðıħŧς' || 'ٱةۃەہھىیک'
            || '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
            repeat('''', 19) || repeat('-', 7) || 'olddihtσ' || 'اهههههييك'
            || '01234567890123456789'
        ), NFC)
END;

-- Return a postal code without spaces and punctuation, in capitals. The generated column
-- customers_address.postal_key calls it.
CREATE OR REPLACE FUNCTION regulars_postal_key(code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN upper(regexp_replace(code, '[^[:alnum:]]', '', 'g'));

-- Return the keys of several postal codes. The generated column customers_zone.postal_keys calls
-- it.
CREATE OR REPLACE FUNCTION regulars_postal_keys(codes text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (SELECT COALESCE(array_agg(regulars_postal_key(code)), '{}') FROM unnest(codes) AS code);
