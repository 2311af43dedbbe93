-- Purchases and late cancellations are append-only.

-- Refuse to change a purchase or a late cancellation.
CREATE OR REPLACE FUNCTION bookings_is_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Purchases and late cancellations are never changed.'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bookings_kept';
END $$;

-- A merge of customers moves both to another customer.
CREATE OR REPLACE TRIGGER bookings_transaction_kept
    BEFORE UPDATE OF customer_id ON bookings_transaction
    FOR EACH ROW WHEN (NOT customers_moves(
        OLD.company_id, 'bookings_transaction', OLD.id, OLD.customer_id, NEW.customer_id))
    EXECUTE FUNCTION bookings_is_kept();
CREATE OR REPLACE TRIGGER bookings_late_cancellation_kept
    BEFORE UPDATE OF customer_id ON bookings_latecancellation
    FOR EACH ROW WHEN (NOT customers_moves(
        OLD.company_id, 'bookings_latecancellation', OLD.id, OLD.customer_id, NEW.customer_id))
    EXECUTE FUNCTION bookings_is_kept();

-- The erasure of a person may empty the reason of a late cancellation.
CREATE OR REPLACE TRIGGER bookings_late_cancellation_reason
    BEFORE UPDATE OF reason ON bookings_latecancellation
    FOR EACH ROW WHEN (NEW.reason <> '') EXECUTE FUNCTION bookings_is_kept();
