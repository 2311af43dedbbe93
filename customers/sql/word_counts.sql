-- How many customers have a word that begins with given letters (table customers_wordcount).
-- Counting the 20,000 customers of a common last name takes longer than finding the newest of
-- them, so counts are stored.
--
-- Each statement that writes customers appends the difference that it makes, in its own
-- transaction. Writers never wait for one another, and the sum is exact in every snapshot. A
-- background task later merges the rows of the same word (customers_sum_counts).
--
-- Only words of letters are counted. "shared" is the number of letters that a word has in common
-- with the customer's previous word in alphabetical order. Of the words of one customer that begin
-- with given letters, exactly the first one shares fewer letters than were given, so each customer
-- counts once. The empty word, with -1, counts all customers that have words.

-- Return the counted words of one customer. The words of a tsvector are in byte order.
CREATE OR REPLACE FUNCTION customers_counted_words(search_words tsvector)
RETURNS TABLE (word text, shared smallint)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT ROWS 5 AS $$
DECLARE
    marked text;
    before text := '';
BEGIN
    FOREACH marked IN ARRAY tsvector_to_array(search_words) LOOP
        CONTINUE WHEN substr(marked, 9, 1) <> 'w';
        IF before = '' THEN
            -- The empty word counts every customer that has words.
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

-- Append the changed counts of a statement that inserts, updates or deletes customers.
CREATE OR REPLACE FUNCTION customers_count_words() RETURNS trigger
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

CREATE OR REPLACE TRIGGER words_created AFTER INSERT ON customers_customer
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_count_words();
CREATE OR REPLACE TRIGGER words_changed AFTER UPDATE ON customers_customer
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION customers_count_words();
CREATE OR REPLACE TRIGGER words_deleted AFTER DELETE ON customers_customer
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_count_words();

-- Merge the rows of each word of the active company and return how many rows that removed. It is
-- safe to run twice at once: each run merges only the rows that it deleted itself. A background
-- task calls it.
CREATE OR REPLACE FUNCTION customers_sum_counts() RETURNS bigint
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

-- Count the words of a company from its customers. The owner calls it after loading customers with
-- triggers disabled; the table lock keeps other writers out meanwhile.
CREATE OR REPLACE FUNCTION customers_recount(company uuid) RETURNS void
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
