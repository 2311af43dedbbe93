-- The words of a company's names (table customers_nameword), among which similar.sql finds misspelt
-- words. Words that occur only in e-mail addresses are left out.
--
-- Each statement that writes customers appends the words that are new, in its own transaction.
-- Writers never wait for one another, so a word may be appended twice. Background tasks remove
-- repeated words and words that no customer has any more (customers_tidy_names), and read all
-- customers once a week (customers_gather_names): for customers from before the upgrade, and for a
-- word that one transaction used again while it was removed.

-- Return the words of a customer's names that can be found with typing errors: words of 3 to 40
-- letters of the displayed name, and of an organisation's contact person.
CREATE OR REPLACE FUNCTION customers_name_words(
    search_words tsvector, name text, first_name text, last_name text
) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
    SELECT one.word
      FROM (SELECT substr(marked, 10) AS word FROM unnest(tsvector_to_array(search_words)) AS marked
             WHERE substr(marked, 9, 1) = 'm'
             UNION
            SELECT word FROM unnest(customers_word_list(last_name || ' ' || first_name)) AS word
             WHERE name <> '') AS one
     WHERE one.word ~ '^[[:alpha:]]{3,40}$';
END;

-- Append the new name words of a statement that inserts or updates customers.
CREATE OR REPLACE FUNCTION customers_note_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off AS $$
BEGIN
    -- The subquery after WHERE is no join on purpose: each word is looked up in the index.
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.customers_nameword (company_id, word)
        SELECT one.company_id, one.word
          FROM (SELECT DISTINCT n.company_id, name.word
                  FROM new_rows AS n,
                       public.customers_name_words(
                           n.search_words, n.name, n.first_name, n.last_name) AS name (word)
               ) AS one
         WHERE (SELECT known.word FROM public.customers_nameword AS known
                 WHERE known.company_id = one.company_id AND known.word = one.word
                 LIMIT 1) IS NULL;
    ELSE
        INSERT INTO public.customers_nameword (company_id, word)
        SELECT one.company_id, one.word
          FROM (SELECT DISTINCT n.company_id, name.word
                  FROM new_rows AS n
                  JOIN old_rows AS o
                    ON o.id = n.id AND o.search_words IS DISTINCT FROM n.search_words,
                       public.customers_name_words(
                           n.search_words, n.name, n.first_name, n.last_name) AS name (word)
               ) AS one
         WHERE (SELECT known.word FROM public.customers_nameword AS known
                 WHERE known.company_id = one.company_id AND known.word = one.word
                 LIMIT 1) IS NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER names_created AFTER INSERT ON customers_customer
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_note_names();
CREATE OR REPLACE TRIGGER names_changed AFTER UPDATE ON customers_customer
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION customers_note_names();

-- Append the missing name words of the active company's next customers, up to a limit, and return
-- whether there are more customers. It starts again a week after the last customer. Two concurrent
-- runs are safe: the second returns at once. A background task calls it.
CREATE OR REPLACE FUNCTION customers_gather_names(most integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    company uuid := public.customers_company();
    since uuid;
    ids uuid[];
BEGIN
    INSERT INTO public.customers_namegathering (company_id) VALUES (company)
        ON CONFLICT DO NOTHING;
    SELECT walk.customer_id INTO since FROM public.customers_namegathering AS walk
     WHERE walk.company_id = company
       AND (walk.ended_at IS NULL OR walk.ended_at < now() - interval '7 days')
       FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    ids := ARRAY(
        SELECT customer.id FROM public.customers_customer AS customer
         WHERE customer.company_id = company
           AND customer.id > COALESCE(since, '00000000-0000-0000-0000-000000000000')
         ORDER BY customer.company_id, customer.id LIMIT most);
    INSERT INTO public.customers_nameword (company_id, word)
    SELECT company, one.word
      FROM (SELECT DISTINCT name.word
              FROM public.customers_customer AS customer,
                   public.customers_name_words(
                       customer.search_words, customer.name,
                       customer.first_name, customer.last_name) AS name (word)
             WHERE customer.company_id = company AND customer.id = ANY(ids)) AS one
     WHERE (SELECT known.word FROM public.customers_nameword AS known
             WHERE known.company_id = company AND known.word = one.word
             LIMIT 1) IS NULL;
    UPDATE public.customers_namegathering AS walk
       SET customer_id = CASE WHEN cardinality(ids) = most THEN ids[most] END,
           ended_at = CASE WHEN cardinality(ids) < most THEN now() END
     WHERE walk.company_id = company;
    RETURN cardinality(ids) = most;
END $$;

-- Remove name words that no customer of the active company has any more, and duplicates of the
-- others. Return the number of removed rows. It uses the word counts, so these must be merged
-- before (customers_sum_counts). A background task calls it.
CREATE OR REPLACE FUNCTION customers_tidy_names() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    gone bigint;
    repeated bigint;
BEGIN
    DELETE FROM public.customers_nameword AS known
     WHERE known.company_id = company
       AND NOT EXISTS (SELECT FROM public.customers_wordcount AS one
                        WHERE one.company_id = company AND one.word = known.word);
    GET DIAGNOSTICS gone = ROW_COUNT;
    WITH removed AS (
        DELETE FROM public.customers_nameword AS known
         USING (SELECT one.word FROM public.customers_nameword AS one
                 WHERE one.company_id = company
                 GROUP BY one.word HAVING count(*) > 1) AS several
         WHERE known.company_id = company AND known.word = several.word
        RETURNING known.word
    ), left_over AS (
        INSERT INTO public.customers_nameword (company_id, word)
        SELECT DISTINCT company, removed.word FROM removed
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM removed) - (SELECT count(*) FROM left_over) INTO repeated;
    RETURN gone + repeated;
END $$;
