-- The audit log is append-only, and its readers skip no change. audit_trigger.sql writes it.

-- Refuse to change or delete rows of the audit log. The erasure of a person
-- (customers/sql/erasing.sql) takes values and the reason away, and changes nothing else.
CREATE OR REPLACE FUNCTION changes_are_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF current_setting('regulars.erasing', true) = 'on' AND NEW.reason = ''
           AND to_jsonb(NEW) - '{before,after,reason}'::text[]
               = to_jsonb(OLD) - '{before,after,reason}'::text[]
           AND (NEW.before IS NULL) = (OLD.before IS NULL)
           AND (NEW.after IS NULL) = (OLD.after IS NULL)
           AND NOT EXISTS (
               SELECT FROM jsonb_each(COALESCE(NEW.before, '{}')) AS now
                WHERE now.value <> 'null' AND now.value IS DISTINCT FROM OLD.before -> now.key)
           AND NOT EXISTS (
               SELECT FROM jsonb_each(COALESCE(NEW.after, '{}')) AS now
                WHERE now.value <> 'null' AND now.value IS DISTINCT FROM OLD.after -> now.key)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'Rows of the audit log are never changed or removed.'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE TRIGGER changes_kept BEFORE UPDATE OR DELETE ON changes_change
    FOR EACH ROW EXECUTE FUNCTION changes_are_kept();
CREATE OR REPLACE TRIGGER changes_kept_whole BEFORE TRUNCATE ON changes_change
    FOR EACH STATEMENT EXECUTE FUNCTION changes_are_kept();

-- Announce that the transaction will write changes of a company. The audit triggers call it before
-- their first INSERT for that company.
--
-- Ids are assigned while the changed rows are locked, so they tell in which order an object
-- changed. But rows become visible in the order in which transactions commit: a reader that has
-- seen 12 cannot know that 11 is still to come. So each transaction first takes a shared advisory
-- lock whose second half is the newest id so far. Nobody waits for the lock, and it ends with its
-- transaction or savepoint.
CREATE OR REPLACE FUNCTION changes_hold(company uuid) RETURNS void
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

-- Return the id up to which all changes of a company are visible to the caller's next statement.
-- The change feed and the webhook dispatcher call it.
--
-- The order of the two reads matters: "newest" is read first, so a transaction whose lock is not
-- seen has ended, or will use ids after "newest".
CREATE OR REPLACE FUNCTION changes_settled(company uuid) RETURNS bigint
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
