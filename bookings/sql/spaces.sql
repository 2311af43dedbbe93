-- An event date takes no more bookings than it has spaces. The count is in
-- bookings_eventdate.spaces_taken, where a check constraint limits it. SECURITY DEFINER, because
-- the runtime role may not write the count.

-- Set the count of a new event date to zero.
CREATE OR REPLACE FUNCTION bookings_date_is_empty() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.spaces_taken := 0;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER bookings_empty BEFORE INSERT ON bookings_eventdate
    FOR EACH ROW EXECUTE FUNCTION bookings_date_is_empty();

-- Change the count of an event date by the spaces that a booking takes or gives back.
CREATE OR REPLACE FUNCTION bookings_count_spaces() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before integer := 0;
    after integer := CASE WHEN NEW.cancelled_at IS NULL THEN NEW.spaces ELSE 0 END;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.cancelled_at IS NULL THEN
        before := OLD.spaces;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.event_date_id IS DISTINCT FROM NEW.event_date_id THEN
        UPDATE public.bookings_eventdate SET spaces_taken = spaces_taken - before
         WHERE id = OLD.event_date_id AND company_id = OLD.company_id;
        before := 0;
    END IF;
    IF before <> after THEN
        UPDATE public.bookings_eventdate SET spaces_taken = spaces_taken + after - before
         WHERE id = NEW.event_date_id AND company_id = NEW.company_id;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER bookings_spaces AFTER INSERT ON bookings_booking
    FOR EACH ROW WHEN (NEW.event_date_id IS NOT NULL)
    EXECUTE FUNCTION bookings_count_spaces();
CREATE OR REPLACE TRIGGER bookings_spaces_otherwise
    AFTER UPDATE OF event_date_id, spaces, cancelled_at ON bookings_booking
    FOR EACH ROW WHEN (NEW.event_date_id IS NOT NULL OR OLD.event_date_id IS NOT NULL)
    EXECUTE FUNCTION bookings_count_spaces();
