-- What the database itself holds, behind the rules. The functions run as the owner, since the
-- runtime role may write neither engagements nor the count of spaces.

-- --- A place is when its event date is -------------------------------------------------------

ALTER TABLE bookings_booking ADD CONSTRAINT booking_moves_with_its_event_date
    FOREIGN KEY (event_date_id, starts_at, duration)
    REFERENCES bookings_eventdate (id, starts_at, duration) ON UPDATE CASCADE;

-- --- Nobody leads two things at a time -------------------------------------------------------

CREATE FUNCTION bookings_keep_engagement() RETURNS trigger
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

CREATE TRIGGER bookings_engaged AFTER INSERT ON bookings_booking
    FOR EACH ROW WHEN (NEW.facilitator_id IS NOT NULL)
    EXECUTE FUNCTION bookings_keep_engagement();
CREATE TRIGGER bookings_engaged_otherwise
    AFTER UPDATE OF id, facilitator_id, starts_at, duration, cancelled_at ON bookings_booking
    FOR EACH ROW WHEN (NEW.facilitator_id IS NOT NULL OR OLD.facilitator_id IS NOT NULL)
    EXECUTE FUNCTION bookings_keep_engagement();
CREATE TRIGGER bookings_engaged AFTER INSERT ON bookings_eventdate
    FOR EACH ROW WHEN (NEW.facilitator_id IS NOT NULL)
    EXECUTE FUNCTION bookings_keep_engagement();
CREATE TRIGGER bookings_engaged_otherwise
    AFTER UPDATE OF id, facilitator_id, starts_at, duration, cancelled_at ON bookings_eventdate
    FOR EACH ROW WHEN (NEW.facilitator_id IS NOT NULL OR OLD.facilitator_id IS NOT NULL)
    EXECUTE FUNCTION bookings_keep_engagement();

-- --- No more come than there is space for ----------------------------------------------------

CREATE FUNCTION bookings_date_is_empty() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.spaces_taken := 0;
    RETURN NEW;
END $$;

CREATE TRIGGER bookings_empty BEFORE INSERT ON bookings_eventdate
    FOR EACH ROW EXECUTE FUNCTION bookings_date_is_empty();

CREATE FUNCTION bookings_count_spaces() RETURNS trigger
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

CREATE TRIGGER bookings_spaces AFTER INSERT ON bookings_booking
    FOR EACH ROW WHEN (NEW.event_date_id IS NOT NULL)
    EXECUTE FUNCTION bookings_count_spaces();
CREATE TRIGGER bookings_spaces_otherwise
    AFTER UPDATE OF event_date_id, spaces, cancelled_at ON bookings_booking
    FOR EACH ROW WHEN (NEW.event_date_id IS NOT NULL OR OLD.event_date_id IS NOT NULL)
    EXECUTE FUNCTION bookings_count_spaces();
