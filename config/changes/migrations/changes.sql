-- --- Kept for good -------------------------------------------------------------------------------

CREATE FUNCTION changes_are_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'What was recorded is never changed or removed.'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER changes_kept BEFORE UPDATE OR DELETE ON changes_change
    FOR EACH ROW EXECUTE FUNCTION changes_are_kept();
CREATE TRIGGER changes_kept_whole BEFORE TRUNCATE ON changes_change
    FOR EACH STATEMENT EXECUTE FUNCTION changes_are_kept();

-- --- No gap is skipped ---------------------------------------------------------------------------

-- Ids are handed out while the changed rows are locked, so that they tell in which order an object
-- was changed. They appear in the order in which transactions end, though, so that a reader at 12
-- may not know that 11 is still to come. So each transaction notes, before it takes its first id for
-- a company, how far ids have come: by a shared advisory lock whose second half is the number, which
-- nobody waits for and which ends with the transaction, or the savepoint, that took it.
CREATE FUNCTION changes_hold(company uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held text := COALESCE(current_setting('regulars.held', true), '');
BEGIN
    IF position(company::text IN held) = 0 THEN
        PERFORM pg_advisory_xact_lock_shared(
            hashtext(company::text),
            (COALESCE(pg_sequence_last_value('public.changes_change_id_seq'), 0) & 4294967295)
                ::bit(32)::integer);
        PERFORM set_config('regulars.held', held || ' ' || company::text, true);
    END IF;
END $$;

-- Returns the id up to which every change of a company is there, or never will be, for whoever
-- reads in a later statement. The order in here is what makes it right: who is not seen holding
-- anything has ended, or will take ids beyond `newest`, which was read before.
CREATE FUNCTION changes_settled(company uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    newest bigint := COALESCE(pg_sequence_last_value('public.changes_change_id_seq'), 0);
    behind bigint;
BEGIN
    SELECT max(CASE WHEN far < 2147483648 THEN far ELSE 0 END) INTO behind
      FROM (SELECT (newest - objid::bigint) & 4294967295 AS far
              FROM pg_locks
             WHERE locktype = 'advisory' AND objsubid = 2 AND pid <> pg_backend_pid()
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND classid::bigint = hashtext(company::text)::bigint & 4294967295) held;
    RETURN newest - COALESCE(behind, 0);
END $$;
