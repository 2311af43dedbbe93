-- The similarity of two customers by their traits (traits.sql): the score of likely duplicates.

-- Return the weights, which define the score. The score is a percentage: the strongest evidence,
-- plus "further" points for each other piece of evidence, at most 100, times the factors of the
-- names and of contrary evidence. Two customers are likely one person from "likely" on.
--
-- The evidence counts for little where first names differ, since families and twins share a phone,
-- an address and a birthday; and a name alone is no evidence, however rare it is. A misspelt name
-- needs a birthday or an address, which just reaches "likely". A change of the table takes effect
-- for pairs that are stored once RULES of customers/models/duplicates.py is raised.
CREATE OR REPLACE FUNCTION customers_weights() RETURNS TABLE (fact text, kind text, weight integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    VALUES
        ('same_tax_number', 'evidence', 95),
        ('same_email', 'evidence', 90),
        ('same_phone', 'evidence', 80),
        ('same_birthday', 'evidence', 60),
        ('same_address', 'evidence', 60),
        ('similar_email', 'evidence', 55),
        ('similar_phone', 'evidence', 55),
        ('similar_birthday', 'evidence', 40),
        ('same_name', 'factor', 100),
        ('names_swapped', 'factor', 95),
        ('organisation_as_person', 'factor', 95),
        ('longer_name', 'factor', 95),
        ('name_misspelt', 'factor', 90),
        ('part_of_name', 'factor', 85),
        ('no_name', 'factor', 80),
        ('other_last_name', 'factor', 80),
        ('other_first_name', 'factor', 40),
        ('organisation_and_person', 'factor', 40),
        ('other_name', 'factor', 30),
        ('other_birthday', 'factor', 50),
        ('other_generation', 'factor', 50),
        ('other_tax_number', 'factor', 50),
        ('further', 'bonus', 10),
        ('likely', 'threshold', 54);
END;

-- Return whether two words differ by one letter, or by two swapped neighbouring letters. Words of
-- less than three letters have no typing errors.
CREATE OR REPLACE FUNCTION customers_are_near(one text, other text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    same integer := 0;
    rest text;
    rest_of_other text;
BEGIN
    IF one = other OR abs(length(one) - length(other)) > 1
       OR least(length(one), length(other)) < 3 OR greatest(length(one), length(other)) < 4 THEN
        RETURN false;
    END IF;
    WHILE substr(one, same + 1, 1) = substr(other, same + 1, 1) LOOP
        same := same + 1;
    END LOOP;
    rest := substr(one, same + 1);
    rest_of_other := substr(other, same + 1);
    RETURN substr(rest, 2) = substr(rest_of_other, 2)
        OR substr(rest, 2) = rest_of_other
        OR rest = substr(rest_of_other, 2)
        OR (left(rest, 1) = substr(rest_of_other, 2, 1)
            AND left(rest_of_other, 1) = substr(rest, 2, 1)
            AND substr(rest, 3) = substr(rest_of_other, 3));
END $$;

-- Return how two names of one kind agree: missing (on a side), same, longer (one has more words),
-- near (a letter differs), part (an initial or a short form), other. Two first names that differ in
-- their last letter only, of which one is an a, are those of two people: Mario and Maria.
CREATE OR REPLACE FUNCTION customers_words_agree(one text[], other text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    joined text := array_to_string(one, '');
    of_other text := array_to_string(other, '');
    short text := CASE WHEN length(joined) <= length(of_other) THEN joined ELSE of_other END;
    long text := CASE WHEN length(joined) <= length(of_other) THEN of_other ELSE joined END;
BEGIN
    RETURN CASE
        WHEN short = '' THEN 'missing'
        WHEN short = long THEN 'same'
        WHEN one <@ other OR other <@ one THEN 'longer'
        WHEN (right(long, 1) = 'a' AND left(long, -1) = regexp_replace(short, '[aeiouy]$', ''))
          OR (right(short, 1) = 'a' AND left(short, -1) = regexp_replace(long, '[aeiouy]$', ''))
        THEN 'other'
        WHEN public.customers_are_near(short, long) THEN 'near'
        WHEN starts_with(long, short)
         AND (length(short) = 1 OR (length(short) >= 3 AND length(long) - length(short) >= 2))
        THEN 'part'
        ELSE 'other'
    END;
END $$;

-- Return the facts (customers_weights) about the names of two customers, from their traits.
CREATE OR REPLACE FUNCTION customers_names_agree(one text[], other text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first text[] := public.customers_traits_of(one, 'f');
    last text[] := public.customers_traits_of(one, 'l');
    organisation text[] := public.customers_traits_of(one, 'o');
    their_first text[] := public.customers_traits_of(other, 'f');
    their_last text[] := public.customers_traits_of(other, 'l');
    their_organisation text[] := public.customers_traits_of(other, 'o');
    generation text[] := public.customers_traits_of(one, 'g');
    their_generation text[] := public.customers_traits_of(other, 'g');
    alike CONSTANT text[] := '{same,near,longer}';
    by_first text;
    by_last text;
BEGIN
    IF organisation <> '{}' AND their_organisation <> '{}' THEN
        RETURN ARRAY[CASE public.customers_words_agree(organisation, their_organisation)
            WHEN 'same' THEN 'same_name'
            WHEN 'longer' THEN 'longer_name'
            WHEN 'near' THEN 'name_misspelt'
            ELSE 'other_name' END];
    ELSIF first || last = '{}' AND organisation = '{}'
       OR their_first || their_last = '{}' AND their_organisation = '{}' THEN
        RETURN ARRAY['no_name'];
    ELSIF organisation <> '{}' OR their_organisation <> '{}' THEN
        -- The name of one stands where a person's does at the other.
        RETURN ARRAY[CASE
            WHEN public.customers_words_agree(
                CASE WHEN organisation <> '{}' THEN organisation ELSE first || last END,
                CASE WHEN their_organisation <> '{}' THEN their_organisation
                     ELSE their_first || their_last END) IN ('same', 'near')
            THEN 'organisation_as_person' ELSE 'organisation_and_person' END];
    END IF;
    by_first := public.customers_words_agree(first, their_first);
    by_last := public.customers_words_agree(last, their_last);
    RETURN ARRAY[CASE
        WHEN by_first = 'same' AND by_last = 'same' THEN 'same_name'
        WHEN first <> '{}' AND last <> '{}' AND their_first <> '{}' AND their_last <> '{}'
         AND public.customers_words_agree(first, their_last) IN ('same', 'near')
         AND public.customers_words_agree(last, their_first) IN ('same', 'near')
        THEN 'names_swapped'
        -- Somebody typed the whole name into one of the two fields.
        WHEN array_to_string(first || last, '') = array_to_string(their_first || their_last, '')
        THEN 'same_name'
        WHEN by_first = ANY (alike) AND by_last = ANY (alike)
        THEN CASE WHEN 'near' IN (by_first, by_last) THEN 'name_misspelt' ELSE 'longer_name' END
        WHEN by_first IN ('part', 'missing') AND by_last = ANY (alike) THEN 'part_of_name'
        WHEN by_last = 'missing' AND (by_first = ANY (alike) OR by_first = 'part')
        THEN 'part_of_name'
        WHEN by_last = 'part' AND by_first = ANY (alike) THEN 'part_of_name'
        WHEN by_last = ANY (alike) THEN 'other_first_name'
        WHEN by_first = ANY (alike) THEN 'other_last_name'
        ELSE 'other_name'
    END]
    || CASE WHEN generation <> their_generation THEN '{other_generation}' ELSE '{}' END::text[];
END $$;

-- Return the other facts (customers_weights) about two customers.
CREATE OR REPLACE FUNCTION customers_agreements(one text[], other text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    shared text[] := ARRAY(SELECT left(trait, 1) FROM unnest(one) AS trait
                            WHERE trait = ANY (other));
    born text := (public.customers_traits_of(one, 'b'))[1];
    their_born text := (public.customers_traits_of(other, 'b'))[1];
    day text := (public.customers_traits_of(one, 'd'))[1];
    their_day text := (public.customers_traits_of(other, 'd'))[1];
    found text[] := '{}';
BEGIN
    IF 'e' = ANY (shared) THEN
        found := found || 'same_email'::text;
    ELSIF EXISTS (
        SELECT FROM unnest(public.customers_traits_of(one, 'e')) AS email,
                    unnest(public.customers_traits_of(other, 'e')) AS their_email
         -- Numbers count people who have the same name.
         WHERE regexp_replace(email, '\d', '', 'g') <> regexp_replace(their_email, '\d', '', 'g')
           AND public.customers_are_near(email, their_email)
    ) THEN
        found := found || 'similar_email'::text;
    END IF;
    IF 'p' = ANY (shared) THEN
        found := found || 'same_phone'::text;
    ELSIF EXISTS (
        SELECT FROM unnest(public.customers_traits_of(one, 'p')) AS phone,
                    unnest(public.customers_traits_of(other, 'p')) AS their_phone
         WHERE length(phone) = length(their_phone)
           AND public.customers_are_near(phone, their_phone)
    ) THEN
        found := found || 'similar_phone'::text;
    END IF;
    IF 'a' = ANY (shared) THEN
        found := found || 'same_address'::text;
    END IF;
    IF 't' = ANY (shared) THEN
        found := found || 'same_tax_number'::text;
    ELSIF public.customers_traits_of(one, 't') <> '{}'
      AND public.customers_traits_of(other, 't') <> '{}' THEN
        found := found || 'other_tax_number'::text;
    END IF;
    RETURN found || CASE
        WHEN day IS NULL OR their_day IS NULL THEN '{}'
        WHEN born = their_born THEN '{same_birthday}'
        -- The year is missing, or day and month stand in the other order, or a digit differs.
        WHEN (born IS NULL OR their_born IS NULL) AND day = their_day
          OR left(born, 4) = left(their_born, 4)
         AND day = right(their_day, 2) || '-' || left(their_day, 2)
          OR public.customers_are_near(born, their_born) THEN '{similar_birthday}'
        ELSE '{other_birthday}'
    END::text[];
END $$;

-- Return the score of two customers by their traits (customers_traits), and the facts of
-- customers_weights for and against it.
CREATE OR REPLACE FUNCTION customers_likeness(
    one text[], other text[], OUT score integer, OUT reasons text[]
)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    reasons := public.customers_agreements(one, other)
        || public.customers_names_agree(one, other);
    SELECT CASE WHEN bool_or(kind = 'evidence') THEN round(
               least(100, max(weight) FILTER (WHERE kind = 'evidence')
                   + (count(*) FILTER (WHERE kind = 'evidence') - 1)
                   * (SELECT weight FROM public.customers_weights() WHERE fact = 'further'))
               -- The product of the factors.
               * exp(sum(ln(weight / 100.0)) FILTER (WHERE kind = 'factor')))
           ELSE 0 END
      INTO score
      FROM public.customers_weights() WHERE fact = ANY (reasons);
END $$;
