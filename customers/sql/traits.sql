-- The traits of customers: likeness.sql compares them, duplicates.sql looks customers up by them.
--
-- The traits of a customer are sorted words, each with a letter for its kind in front: "f" first
-- name, "l" last name, "g" generation (jr), "o" an organisation's name, "e" an e-mail address, "p"
-- a phone, "b" the birthday, "d" the birthday without the year, "a" an address, "t" the tax number.
--
-- Each trait is cut to a length that an index accepts: normalizing can turn a letter into eighteen.

-- Return an e-mail address in lower case, without the parts that its owner can vary: a tag after a
-- plus, and the dots of gmail.com. The index customer_email_key calls it.
CREATE OR REPLACE FUNCTION customers_email_key(email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT left(CASE
               WHEN domain IN ('gmail.com', 'googlemail.com')
               THEN replace(name, '.', '') || '@gmail.com'
               ELSE name || '@' || domain
           END, 200)
      FROM (SELECT regexp_replace(split_part(normal, '@', 1), '(.)\+.*$', '\1') AS name,
                   split_part(normal, '@', 2) AS domain
              FROM regulars_normalize(btrim(email)) AS normal) AS parts
);

-- Return a key for the place of an address: its postal code, or else its city, its numbers in
-- order, and the first distinctive word of the street. An address without a street has no key. The
-- index address_place calls it.
CREATE OR REPLACE FUNCTION customers_place_key(
    postal_code text, city text, street text, sub_premise text
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE WHEN street = '' OR (postal_code = '' AND city = '') THEN '' ELSE (
    SELECT left(concat_ws('/',
               COALESCE(NULLIF(regulars_postal_key(postal_code), ''), regulars_normalize(city)),
               array_to_string(ARRAY(
                   SELECT number[1] FROM regexp_matches(line, '\d+[a-z]?\M', 'g') AS number
                    ORDER BY 1), '.'),
               (SELECT regexp_replace(word[1], '(strasse|str)$', '')
                  FROM regexp_matches(line, '\m[[:alpha:]]{2,}', 'g')
                       WITH ORDINALITY AS one (word, at)
                 WHERE word[1] NOT IN ('flat', 'apt', 'apartment', 'unit', 'floor', 'suite', 'no',
                                       'the', 'st', 'street', 'rd', 'road', 'ave', 'avenue', 'str',
                                       'strasse', 'rue', 'de', 'la', 'du', 'calle', 'via', 'ul')
                 ORDER BY at LIMIT 1)), 200)
      FROM regulars_normalize(concat_ws(' ', street, sub_premise)) AS line
) END;

-- Return the words of a name, without titles and the marks between and in them.
CREATE OR REPLACE FUNCTION customers_split_name(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(
    SELECT left(word, 60)
      FROM regexp_split_to_table(replace(regulars_normalize(name), '''', ''), '[^[:alnum:]]+')
           WITH ORDINALITY AS one (word, at)
     WHERE word NOT IN ('', 'mr', 'mrs', 'ms', 'miss', 'dr', 'prof', 'frau', 'herr', 'mme')
     ORDER BY at
);

-- Return the words of an organisation's name, without its legal form.
CREATE OR REPLACE FUNCTION customers_organisation_words(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(
    SELECT word FROM unnest(customers_split_name(name)) WITH ORDINALITY AS one (word, at)
     WHERE word NOT IN ('the', 'and', 'ltd', 'limited', 'llc', 'inc', 'corp', 'co', 'company',
                        'plc', 'gmbh', 'ag', 'kg', 'ug', 'sa', 'sl', 'srl', 'sarl', 'spa', 'bv',
                        'nv', 'ab', 'as', 'oy', 'aps', 'pty')
     ORDER BY at
);

-- Return the forms of a phone number to compare: its digits with and without the country code, or
-- as typed if it could not be read. A single repeated digit is not a number.
CREATE OR REPLACE FUNCTION customers_phone_keys(phone text, phone_e164 text, phone_national text)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(
    SELECT DISTINCT number
      FROM unnest(CASE WHEN phone_e164 <> '' THEN ARRAY[ltrim(phone_e164, '+'), phone_national]
                       ELSE customers_number_forms(phone) END) AS number
     WHERE length(number) >= 7 AND number !~ '^(\d)\1*$'
     ORDER BY number
);

-- Return the traits of a customer, including those of its live addresses and contact points: the
-- first ten of each.
CREATE OR REPLACE FUNCTION customers_traits(company uuid, customer uuid) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    generations CONSTANT text[] := '{jr,junior,sr,senior,ii,iii,iv}';
    it public.customers_customer;
    found text[] := '{}';
BEGIN
    SELECT * INTO it FROM public.customers_customer AS one
     WHERE one.company_id = company AND one.id = customer;
    IF it.id IS NULL THEN
        RETURN found;
    END IF;
    found := ARRAY(SELECT 'f' || word
                     FROM unnest(public.customers_split_name(it.first_name)) AS word)
        || ARRAY(SELECT CASE WHEN word = ANY (generations) THEN 'g' ELSE 'l' END || word
                   FROM unnest(public.customers_split_name(it.last_name)) AS word)
        || ARRAY(SELECT 'o' || word
                   FROM unnest(public.customers_organisation_words(
                       COALESCE(NULLIF(it.name, ''), it.legal_name))) AS word);
    IF it.birthday <> '' THEN
        found := found || ('d' || right(it.birthday, 5));
        IF left(it.birthday, 1) <> '-' THEN
            found := found || ('b' || it.birthday);
        END IF;
    END IF;
    IF it.tax_id <> '' THEN
        found := found || ('t' || public.regulars_postal_key(it.tax_id));
    END IF;
    IF it.email <> '' THEN
        found := found || ('e' || public.customers_email_key(it.email));
    END IF;
    IF it.phone <> '' THEN
        found := found || ARRAY(
            SELECT 'p' || number FROM unnest(public.customers_phone_keys(
                it.phone, it.phone_e164, it.phone_national)) AS number);
    END IF;
    RETURN found
        || ARRAY(
            SELECT 'a' || place
              FROM (SELECT DISTINCT public.customers_place_key(
                               address.postal_code, address.city,
                               address.street, address.sub_premise) AS place
                      FROM public.customers_address AS address
                     WHERE address.company_id = company AND address.customer_id = customer
                       AND address.archived_at IS NULL
                     LIMIT 10) AS places
             WHERE place <> '')
        || ARRAY(
            SELECT CASE WHEN point.kind = 'email'
                        THEN 'e' || public.customers_email_key(point.value)
                        ELSE 'p' || number END
              FROM (SELECT * FROM public.customers_contactpoint AS own
                     WHERE own.company_id = company AND own.customer_id = customer
                       AND own.archived_at IS NULL
                     ORDER BY own.id LIMIT 10) AS point
              LEFT JOIN LATERAL unnest(public.customers_phone_keys(
                   point.value, point.phone_e164, point.phone_national)) AS number
                ON point.kind = 'phone'
             WHERE point.kind = 'email' OR number IS NOT NULL);
END $$;

-- Return the words of one kind among traits, in their order.
CREATE OR REPLACE FUNCTION customers_traits_of(traits text[], kind text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(SELECT substr(trait, 2) FROM unnest(traits) WITH ORDINALITY AS one (trait, at)
              WHERE left(trait, 1) = kind ORDER BY at);

-- Return a tsquery for customers with this name: a word of the first name and one of the last name,
-- or every word of an organisation's name; NULL if there is only one word. Without "every" one word
-- is enough.
CREATE OR REPLACE FUNCTION customers_name_terms(company uuid, traits text[], every boolean)
RETURNS tsquery
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mark text := public.customers_kind(company, 'w');
    first text;
    last text;
    organisation text;
BEGIN
    SELECT string_agg(term::text, ' | ') FILTER (WHERE kind = 'f'),
           string_agg(term::text, ' | ') FILTER (WHERE kind = 'l'),
           string_agg(term::text, CASE WHEN every THEN ' & ' ELSE ' | ' END)
               FILTER (WHERE kind = 'o')
      INTO first, last, organisation
      FROM (SELECT left(trait, 1) AS kind,
                   public.customers_exactly(mark || substr(trait, 2)) AS term
              FROM unnest(traits) AS trait) AS terms;
    IF NOT every THEN
        RETURN nullif(concat_ws(' | ', first, last, organisation), '')::tsquery;
    END IF;
    RETURN public.customers_either(
        ('(' || first || ') & (' || last || ')')::tsquery,
        CASE WHEN organisation LIKE '% & %' THEN organisation::tsquery END);
END $$;
