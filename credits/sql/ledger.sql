-- The ledger of credits is append-only.

-- Refuse to change or delete ledger entries, also for the owner, who needs no rights. The erasure
-- of a person may empty the reason of an entry.
CREATE OR REPLACE FUNCTION credits_keep_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.reason = '' AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'Ledger entries are appended, never changed or deleted.'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE TRIGGER keep_entry BEFORE UPDATE OR DELETE ON credits_entry
FOR EACH ROW EXECUTE FUNCTION credits_keep_entry();
CREATE OR REPLACE TRIGGER keep_entries BEFORE TRUNCATE ON credits_entry
FOR EACH STATEMENT EXECUTE FUNCTION credits_keep_entry();
