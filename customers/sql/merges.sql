-- Merges of customers: the rows that may move, and the external ids of merged customers. SECURITY
-- DEFINER functions see every row, whatever company is active when they run.

-- Return whether the journal of a merge moves a row from one customer to another, or back if the
-- merge was undone. Triggers of append-only tables call it.
CREATE OR REPLACE FUNCTION customers_moves(
    company uuid, moved_table text, moved_row uuid, old_customer uuid, new_customer uuid
) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.customers_movedrow AS moved
          JOIN public.customers_customermerge AS merge
            ON merge.company_id = moved.company_id AND merge.id = moved.merge_id
         WHERE moved.company_id = company AND moved.row_id = moved_row
           AND moved.table_name = moved_table
           AND (moved.before ->> 'customer_id', moved.after ->> 'customer_id')
               = CASE WHEN merge.undone_at IS NULL
                      THEN (old_customer::text, new_customer::text)
                      ELSE (new_customer::text, old_customer::text) END)
$$;

-- Refuse an external id that still leads to another customer, because a customer with it was merged
-- into that one. The error is that of the unique constraint, which cannot see merges.
CREATE OR REPLACE FUNCTION customers_keep_external_id() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.customers_customermerge AS merge
          JOIN public.customers_customer AS merged
            ON merged.company_id = merge.company_id AND merged.id = merge.merged_id
         WHERE merge.company_id = NEW.company_id AND merge.external_id = NEW.external_id
           AND merge.external_id <> '' AND merge.undone_at IS NULL
           AND merged.merged_into_id <> NEW.id
    ) THEN
        RAISE EXCEPTION 'Another customer is known by this external id, which a merged one had.'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'customer_external_id_once';
    END IF;
    RETURN NULL;
END $$;

-- AFTER: a row that waited for a merge at the unique index then sees the merge.
CREATE OR REPLACE TRIGGER customers_external_id_kept AFTER INSERT ON customers_customer
    FOR EACH ROW WHEN (NEW.external_id <> '' AND NEW.archived_at IS NULL)
    EXECUTE FUNCTION customers_keep_external_id();
CREATE OR REPLACE TRIGGER customers_external_id_kept_otherwise
    AFTER UPDATE OF external_id, archived_at ON customers_customer
    FOR EACH ROW WHEN (
        NEW.external_id <> '' AND NEW.archived_at IS NULL
        AND (NEW.external_id <> OLD.external_id OR OLD.archived_at IS NOT NULL))
    EXECUTE FUNCTION customers_keep_external_id();

-- Return recorded values, with null for each value that is the same in `given`.
CREATE OR REPLACE FUNCTION customers_without(held jsonb, given jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(jsonb_object_agg(
                   key, CASE WHEN value = given -> key THEN 'null'::jsonb ELSE value END), held)
          FROM jsonb_each(held));

-- Erase the merged person's values after an undone merge: delete the journal, and remove from the
-- recorded changes of the remaining customer each value of some columns that came from the merge,
-- with the reason of that change. The author and the time of the merge and its undo remain.
CREATE OR REPLACE FUNCTION customers_forget_merge(of_merge uuid, columns text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid := public.customers_company();
    merge public.customers_customermerge;
    given jsonb;
BEGIN
    SELECT * INTO STRICT merge FROM public.customers_customermerge AS one
     WHERE one.company_id = company AND one.id = of_merge AND one.undone_at IS NOT NULL;
    SELECT COALESCE(jsonb_object_agg(field.key, field.value), '{}') INTO given
      FROM public.customers_movedrow AS moved CROSS JOIN jsonb_each(moved.after) AS field
     WHERE moved.company_id = company AND moved.merge_id = merge.id
       AND moved.table_name = 'customers_customer' AND moved.row_id = merge.kept_id
       AND field.key = ANY (columns) AND field.value NOT IN ('null', '""', '[]', '{}');
    PERFORM set_config('regulars.erasing', 'on', true);
    UPDATE public.changes_change AS change
       SET before = public.customers_without(change.before, given),
           after = public.customers_without(change.after, given), reason = ''
     WHERE change.company_id = company AND change.object_id = merge.kept_id
       AND change.table_name = 'customers_customer' AND change.id > merge.first_change
       AND (change.before IS DISTINCT FROM public.customers_without(change.before, given)
            OR change.after IS DISTINCT FROM public.customers_without(change.after, given));
    PERFORM set_config('regulars.erasing', '', true);
    DELETE FROM public.customers_movedrow AS moved
     WHERE moved.company_id = company AND moved.merge_id = merge.id;
    UPDATE public.customers_customermerge AS one SET external_id = '', fields = '[]'
     WHERE one.company_id = company AND one.id = merge.id;
END $$;
