-- Functions and triggers for the previous release, which writes "expiry_date" where this one
-- writes "expires_at". Both releases run during an upgrade and after a rollback. The next release
-- drops the column "expiry_date" and everything in this file.

-- Return the last second of a day in a time zone. If the clocks show that time twice, PostgreSQL
-- takes the later one. Days after 9999-12-29 are cut to it, so that every time zone can represent
-- the result.
CREATE OR REPLACE FUNCTION credits_end_of_day(day date, zone text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (least(day, DATE '9999-12-29') + TIME '23:59:59') AT TIME ZONE zone
$$;

-- Fill in the column that the release that writes the row does not know.
CREATE OR REPLACE FUNCTION credits_keep_ends() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    zone text := (SELECT timezone FROM public.access_company WHERE id = NEW.company_id);
BEGIN
    NEW.expires_at := COALESCE(
        NEW.expires_at, public.credits_end_of_day(NEW.expiry_date, zone));
    NEW.expiry_date := COALESCE(
        NEW.expiry_date, (NEW.expires_at AT TIME ZONE zone)::date);
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER keep_ends BEFORE INSERT ON credits_credit FOR EACH ROW
WHEN ((NEW.expires_at IS NULL) <> (NEW.expiry_date IS NULL))
EXECUTE FUNCTION credits_keep_ends();
CREATE OR REPLACE TRIGGER keep_ends BEFORE INSERT ON credits_passpurchase FOR EACH ROW
WHEN ((NEW.expires_at IS NULL) <> (NEW.expiry_date IS NULL))
EXECUTE FUNCTION credits_keep_ends();
