-- Text as people search for it (part of 0006_words_of_every_script): without case, marks, spaces
-- of no width and the differences between letters that people type for one another. Stored text
-- and queries go through this one function.
CREATE FUNCTION regulars_normalize(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    -- Printable ASCII, the backtick excepted, only loses its case.
    WHEN value ~ '^[\x20-\x5f\x61-\x7e]*$' THEN lower(value)
    ELSE normalize(
        translate(
            replace(replace(replace(replace(
                lower(regexp_replace(
                    -- NFKD would make a space and a mark of this apostrophe.
                    normalize(replace(value, '´', ''''), NFKD),
                    -- Combining marks, Hebrew and Arabic points, tatweel, and what has no width.
                    '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a'
                    '\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff'
                    '\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]',
                    '', 'g')),
                'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            -- Apostrophes and their kin, the ʻokina among them; hyphens; letters; digits.
            '‘’‛ʹʻʼʽʾʿˈˊˋ′‵Ꞌꞌ՚׳`' || '‐‑‒–—―−' || 'øłđðıħŧς' || 'ٱةۃەہھىیک'
            || '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
            repeat('''', 19) || repeat('-', 7) || 'olddihtσ' || 'اهههههييك'
            || '01234567890123456789'
        ), NFC)
END;
