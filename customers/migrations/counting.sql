-- How many customers have a word that begins so (part of 0006_words_of_every_script). Counting the
-- 20,000 customers of one last name takes longer than finding the newest of them, so counts are
-- kept. Each statement that writes customers appends what it adds or takes away, in its own
-- transaction: nobody waits, and the sum is exact in every snapshot. Rows of the same word are
-- summed up later (customers_sum_counts).
--
-- Only words of letters are counted. `shared` is the number of letters that the word has in common
-- with the customer's word before it in the order of the alphabet. Of a customer's words that begin
-- so, exactly the first shares fewer letters than were asked for: so each customer counts once.
-- The empty word, with -1, counts all customers that have words.

CREATE TABLE customers_wordcount (
    company_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    shared smallint NOT NULL,
    customers integer NOT NULL
);
CREATE INDEX customers_wordcount_word
    ON customers_wordcount (company_id, word, shared) INCLUDE (customers);

-- The counted words of one customer. The words of a tsvector are in the order of their bytes.
CREATE FUNCTION customers_counted_words(search_words tsvector)
RETURNS TABLE (word text, shared smallint)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT ROWS 5 AS $$
DECLARE
    marked text;
    before text := '';
BEGIN
    FOREACH marked IN ARRAY tsvector_to_array(search_words) LOOP
        CONTINUE WHEN substr(marked, 9, 1) <> 'w';
        IF before = '' THEN
            -- Every customer counts, whatever the words are.
            word := '';
            shared := -1;
            RETURN NEXT;
            before := ' ';
        END IF;
        word := substr(marked, 10);
        CONTINUE WHEN word !~ '^[[:alpha:]]+$';
        shared := 0;
        WHILE left(word, shared + 1) = left(before, shared + 1) LOOP
            shared := shared + 1;
        END LOOP;
        RETURN NEXT;
        before := word;
    END LOOP;
END $$;

CREATE FUNCTION customers_count_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.customers_wordcount (company_id, word, shared, customers)
        SELECT n.company_id, counted.word, counted.shared, count(*)
          FROM new_rows AS n, public.customers_counted_words(n.search_words) AS counted
         GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO public.customers_wordcount (company_id, word, shared, customers)
        SELECT changed.company_id, counted.word, counted.shared, sum(changed.by)
          FROM (SELECT o.company_id, o.search_words, -1 AS by
                  FROM old_rows AS o LEFT JOIN new_rows AS n ON n.id = o.id
                 WHERE n.search_words IS DISTINCT FROM o.search_words
                 UNION ALL
                SELECT n.company_id, n.search_words, 1
                  FROM new_rows AS n LEFT JOIN old_rows AS o ON o.id = n.id
                 WHERE n.search_words IS DISTINCT FROM o.search_words) AS changed,
               public.customers_counted_words(changed.search_words) AS counted
         GROUP BY 1, 2, 3 HAVING sum(changed.by) <> 0;
    ELSE
        INSERT INTO public.customers_wordcount (company_id, word, shared, customers)
        SELECT o.company_id, counted.word, counted.shared, -count(*)
          FROM old_rows AS o, public.customers_counted_words(o.search_words) AS counted
         GROUP BY 1, 2, 3;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER words_created AFTER INSERT ON customers_customer
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_count_words();
CREATE TRIGGER words_changed AFTER UPDATE ON customers_customer
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION customers_count_words();
CREATE TRIGGER words_deleted AFTER DELETE ON customers_customer
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_count_words();

-- Sum up the rows of each word of the active company; returns how many rows there were too many.
-- Two of these at once are safe: each sums only the rows that it removed itself.
CREATE FUNCTION customers_sum_counts() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := NULLIF(current_setting('regulars.company', true), '')::uuid;
    removed bigint;
    summed bigint;
BEGIN
    WITH removed AS (
        DELETE FROM public.customers_wordcount AS one
         USING (SELECT word, shared FROM public.customers_wordcount
                 WHERE company_id = company
                 GROUP BY word, shared HAVING count(*) > 1 OR sum(customers) = 0) AS several
         WHERE one.company_id = company
           AND one.word = several.word AND one.shared = several.shared
        RETURNING one.word, one.shared, one.customers
    ), summed AS (
        INSERT INTO public.customers_wordcount (company_id, word, shared, customers)
        SELECT company, removed.word, removed.shared, sum(removed.customers)
          FROM removed GROUP BY 2, 3 HAVING sum(removed.customers) <> 0
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM removed), (SELECT count(*) FROM summed) INTO removed, summed;
    RETURN removed - summed;
END $$;

-- Count the words of the customers of a company anew, for the owner who has written customers
-- without triggers. Nobody else writes customers meanwhile.
CREATE FUNCTION customers_recount(company uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    LOCK TABLE public.customers_customer IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM public.customers_wordcount WHERE company_id = company;
    INSERT INTO public.customers_wordcount (company_id, word, shared, customers)
    SELECT company, counted.word, counted.shared, count(*)
      FROM public.customers_customer AS customer,
           public.customers_counted_words(customer.search_words) AS counted
     WHERE customer.company_id = company
     GROUP BY 2, 3;
END $$;
