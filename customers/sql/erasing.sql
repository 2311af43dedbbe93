-- The erasure of a person in append-only tables. The runtime role may not write these tables, so
-- the functions run as the owner. Each acts for one due erasure of the active company and only
-- removes values, as the guards of the tables enforce.

-- Return the ids of the people of an erasure of the active company; raises an error unless the
-- erasure is due and neither cancelled nor done.
CREATE OR REPLACE FUNCTION customers_erased_people(of_erasure uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    found uuid[];
BEGIN
    SELECT erasure.people INTO found FROM public.customers_erasure AS erasure
     WHERE erasure.company_id = company AND erasure.id = of_erasure
       AND erasure.cancelled_at IS NULL AND erasure.erased_at IS NULL
       AND erasure.due_at <= clock_timestamp();
    IF COALESCE(cardinality(found), 0) = 0 THEN
        RAISE EXCEPTION 'This erasure is not due.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN found;
END $$;

-- Return the ranges of changes of other customers that may contain people's values: `kept` had the
-- values from the merge until its undo. The changes from `first` to `last` belong to the merge,
-- those from `undoing` to `until` to its undo.
CREATE OR REPLACE FUNCTION customers_merged_spans(company uuid, people uuid[])
RETURNS TABLE (kept uuid, first bigint, last bigint, undoing bigint, until bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT merge.kept_id, merge.first_change, merge.last_change, merge.undo_after, merge.undo_until
      FROM public.customers_customermerge AS merge
     WHERE merge.company_id = company AND merge.merged_id = ANY (people)
       AND merge.undone_at IS NOT NULL AND company = public.customers_company()
$$;

-- Return whether a text mentions one of several ids (32 hexadecimal digits) or words in lower case.
-- Only whole words match: `ana@example.com` is not in `mariana@example.com`. A word without a
-- letter, such as a phone number or the external id `10001`, could be any number. It matches only
-- the whole text, or the value of a JSON member for such words.
CREATE OR REPLACE FUNCTION customers_mentions(body text, ids text[], words text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN EXISTS (
           SELECT FROM regexp_matches(lower(replace(body, '-', '')), '[0-9a-f]{32}', 'g') AS found
            WHERE found[1] = ANY (ids))
    OR EXISTS (
           SELECT FROM unnest(words) AS word
            WHERE position(word IN lower(body)) > 0
              -- The letter of an escape such as \n is no part of a word.
              AND regexp_replace(lower(body), '\\[bfnrt]', ' ', 'g') ~ replace(
                  CASE WHEN word ~ '[^-0-9 ()+./]'
                       THEN '(?<![[:alnum:]._%+@-])<word>(?![[:alnum:]_%+@-]|\.[[:alnum:]])'
                       ELSE '(^|"(external_id|tax_id|phone[a-z0-9_]*|value|token)"\s*:\s*")<word>($|")'
                  END,
                  '<word>', regexp_replace(word, '([^[:alnum:] ])', '\\\1', 'g')));

-- Return recorded values without those of some columns (NULL: of all columns). The column names
-- remain, so the record still says which columns changed.
CREATE OR REPLACE FUNCTION customers_emptied(held jsonb, columns text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(jsonb_object_agg(key, CASE WHEN columns IS NULL OR key = ANY (columns)
                                                   THEN 'null'::jsonb ELSE value END), held)
          FROM jsonb_each(held));

-- Erase the values of some columns, and the reasons, from the recorded changes of a table, and
-- return the number of erased changes.
CREATE OR REPLACE FUNCTION customers_erase_history(
    of_erasure uuid, of_table text, columns text[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    company uuid := public.customers_company();
    people uuid[] := public.customers_erased_people(of_erasure);
    emptied bigint;
BEGIN
    PERFORM set_config('regulars.erasing', 'on', true);
    UPDATE public.changes_change AS change
       SET before = public.customers_emptied(change.before, columns),
           after = public.customers_emptied(change.after, columns), reason = ''
     WHERE change.company_id = company AND change.table_name = of_table
       AND (change.customer_id = ANY (people) OR EXISTS (
               SELECT FROM public.customers_merged_spans(company, people) AS span
                WHERE change.customer_id = span.kept
                  AND (change.id > span.first AND change.id <= span.last
                       OR change.id > span.undoing AND change.id <= span.until)));
    GET DIAGNOSTICS emptied = ROW_COUNT;
    PERFORM set_config('regulars.erasing', '', true);
    RETURN emptied;
END $$;

-- Erase the object and the changed fields from webhook messages that mention the person, and empty
-- the receivers' responses to them. Return the numbers of messages and responses. A message about
-- another customer stays, unless it contains a row of the person: a mere id of the person, as in a
-- merge, reveals nothing.
CREATE OR REPLACE FUNCTION customers_erase_messages(
    of_erasure uuid, ids text[], words text[], OUT messages bigint, OUT answers bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    people uuid[] := public.customers_erased_people(of_erasure);
    rows_ids text[];
    found uuid[];
BEGIN
    SELECT COALESCE(array_agg(id), '{}') INTO rows_ids
      FROM unnest(ids) AS id WHERE id::uuid <> ALL (people);
    SELECT COALESCE(array_agg(delivery.id), '{}') INTO found
      FROM public.changes_webhookdelivery AS delivery
      LEFT JOIN public.changes_change AS change
        ON change.company_id = company AND change.id = delivery.change_id
     WHERE delivery.company_id = company
       AND CASE WHEN change.customer_id <> ALL (people) AND NOT EXISTS (
                         SELECT FROM public.customers_merged_spans(company, people) AS span
                          WHERE change.customer_id = span.kept
                            AND change.id > span.first AND change.id <= span.until)
                THEN public.customers_mentions(delivery.body, rows_ids, '{}')
                ELSE public.customers_mentions(delivery.body, ids, words) END;
    UPDATE public.changes_webhookdelivery AS delivery
       SET body = (delivery.body::jsonb || jsonb_build_object(
               'reason', '',
               'data', jsonb_build_object('object', NULL, 'changes', '{}'::jsonb)))::text
     WHERE delivery.company_id = company AND delivery.id = ANY (found);
    messages := cardinality(found);
    UPDATE public.changes_webhookattempt AS attempt SET error = '', answer = ''
     WHERE attempt.company_id = company AND (attempt.error <> '' OR attempt.answer <> '')
       AND (attempt.delivery_id = ANY (found)
            OR public.customers_mentions(attempt.error || ' ' || attempt.answer, ids, words));
    GET DIAGNOSTICS answers = ROW_COUNT;
END $$;

-- Empty the filters of data exports that mention the person, and return the number of exports.
CREATE OR REPLACE FUNCTION customers_erase_filters(of_erasure uuid, ids text[], words text[])
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    emptied bigint;
BEGIN
    PERFORM public.customers_erased_people(of_erasure);
    PERFORM set_config('regulars.erasing', 'on', true);
    UPDATE public.changes_dataexport AS taken SET query = ''
     WHERE taken.company_id = company AND taken.query <> ''
       AND public.customers_mentions(taken.query, ids, words);
    GET DIAGNOSTICS emptied = ROW_COUNT;
    PERFORM set_config('regulars.erasing', '', true);
    RETURN emptied;
END $$;
