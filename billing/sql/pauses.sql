-- The pauses of a subscription are append-only.

-- Refuse to change the reason of a pause.
CREATE OR REPLACE FUNCTION billing_pause_is_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'The reason of a pause is never changed.'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_pause_kept';
END $$;

-- The erasure of a person may empty the reason.
CREATE OR REPLACE TRIGGER billing_pause_kept BEFORE UPDATE OF reason ON billing_subscriptionpause
    FOR EACH ROW WHEN (NEW.reason <> '') EXECUTE FUNCTION billing_pause_is_kept();
