-- The ledger is appended to and never touched: not by its owner either, whose bulk statements would
-- pass by the missing rights of the runtime role.
CREATE FUNCTION credits_keep_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Ledger entries are appended, never changed or deleted.'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER keep_entry BEFORE UPDATE OR DELETE ON credits_entry
FOR EACH ROW EXECUTE FUNCTION credits_keep_entry();
