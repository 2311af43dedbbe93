-- The moment that a day means as an end. Of a time that the clocks show twice, PostgreSQL takes the
-- later one. The latest day is one whose end every time zone can tell.
CREATE FUNCTION credits_end_of_day(day date, zone text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (least(day, DATE '9999-12-29') + TIME '23:59:59') AT TIME ZONE zone
$$;

-- While an upgrade runs, the release before writes `expiry_date` and this one `expires_at`: each
-- finds its own column filled. The release after this one drops `expiry_date` and this function.
CREATE FUNCTION credits_keep_ends() RETURNS trigger
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

CREATE TRIGGER keep_ends BEFORE INSERT ON credits_credit FOR EACH ROW
WHEN ((NEW.expires_at IS NULL) <> (NEW.expiry_date IS NULL))
EXECUTE FUNCTION credits_keep_ends();

CREATE TRIGGER keep_ends BEFORE INSERT ON credits_passpurchase FOR EACH ROW
WHEN ((NEW.expires_at IS NULL) <> (NEW.expiry_date IS NULL))
EXECUTE FUNCTION credits_keep_ends();
