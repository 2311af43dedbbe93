-- The log of data exports is append-only.

-- Refuse to change or delete entries of the log of data exports, by the owner too. An erasure
-- (customers/sql/erasing.sql) empties the filter of an entry that mentions the person.
CREATE OR REPLACE FUNCTION changes_exports_are_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF current_setting('regulars.erasing', true) = 'on' AND NEW.query = ''
           AND to_jsonb(NEW) - 'query' = to_jsonb(OLD) - 'query' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'Entries of the log of data exports are never changed or removed.'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE TRIGGER data_exports_kept BEFORE UPDATE OR DELETE ON changes_dataexport
    FOR EACH ROW EXECUTE FUNCTION changes_exports_are_kept();
CREATE OR REPLACE TRIGGER data_exports_kept_whole BEFORE TRUNCATE ON changes_dataexport
    FOR EACH STATEMENT EXECUTE FUNCTION changes_exports_are_kept();
