-- A function and a trigger for the previous release, whose places have the tax of their event. Both
-- releases run during an upgrade and after a rollback. The next release drops everything in this
-- file.

-- Give a pricing option without a rate the rate of its event.
CREATE OR REPLACE FUNCTION bookings_fill_option_tax() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.tax_rate := (SELECT tax_rate FROM public.bookings_event
                      WHERE company_id = NEW.company_id AND id = NEW.event_id);
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER bookings_fill_tax BEFORE INSERT ON bookings_pricingoption
    FOR EACH ROW WHEN (NEW.tax_rate IS NULL) EXECUTE FUNCTION bookings_fill_option_tax();
