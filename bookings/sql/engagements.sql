-- Keep a facilitator from leading two bookings or event dates at the same time. The table
-- bookings_engagement has a row for each booking and event date that has a facilitator, and an
-- exclusion constraint. SECURITY DEFINER, because the runtime role may not write the table.

-- Write, move or delete the engagement of a booking or an event date.
CREATE OR REPLACE FUNCTION bookings_keep_engagement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was_engaged boolean := TG_OP = 'UPDATE'
        AND OLD.facilitator_id IS NOT NULL AND OLD.cancelled_at IS NULL;
    is_engaged boolean := NEW.facilitator_id IS NOT NULL AND NEW.cancelled_at IS NULL;
    hours tstzrange := pg_catalog.tstzrange(
        NEW.starts_at, NEW.starts_at + pg_catalog.make_interval(mins => NEW.duration));
BEGIN
    IF was_engaged AND is_engaged THEN
        UPDATE public.bookings_engagement
           SET id = NEW.id, facilitator_id = NEW.facilitator_id, during = hours
         WHERE id = OLD.id AND company_id = OLD.company_id;
    ELSIF was_engaged THEN
        DELETE FROM public.bookings_engagement
         WHERE id = OLD.id AND company_id = OLD.company_id;
    ELSIF is_engaged THEN
        INSERT INTO public.bookings_engagement (id, company_id, facilitator_id, during)
        VALUES (NEW.id, NEW.company_id, NEW.facilitator_id, hours);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER bookings_engaged AFTER INSERT ON bookings_booking
    FOR EACH ROW WHEN (NEW.facilitator_id IS NOT NULL)
    EXECUTE FUNCTION bookings_keep_engagement();
CREATE OR REPLACE TRIGGER bookings_engaged_otherwise
    AFTER UPDATE OF id, facilitator_id, starts_at, duration, cancelled_at ON bookings_booking
    FOR EACH ROW WHEN (NEW.facilitator_id IS NOT NULL OR OLD.facilitator_id IS NOT NULL)
    EXECUTE FUNCTION bookings_keep_engagement();
CREATE OR REPLACE TRIGGER bookings_engaged AFTER INSERT ON bookings_eventdate
    FOR EACH ROW WHEN (NEW.facilitator_id IS NOT NULL)
    EXECUTE FUNCTION bookings_keep_engagement();
CREATE OR REPLACE TRIGGER bookings_engaged_otherwise
    AFTER UPDATE OF id, facilitator_id, starts_at, duration, cancelled_at ON bookings_eventdate
    FOR EACH ROW WHEN (NEW.facilitator_id IS NOT NULL OR OLD.facilitator_id IS NOT NULL)
    EXECUTE FUNCTION bookings_keep_engagement();
