-- Functions and triggers for the previous release, whose prices never include tax and whose invoices
-- have one rate. Both releases run during an upgrade and after a rollback. The next release drops
-- everything in this file.

-- Return the tax on a discounted subtotal, rounded half up. Forms of the previous release call it.
CREATE OR REPLACE FUNCTION billing_tax(subtotal bigint, discount bigint, rate numeric)
RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT round((subtotal - discount) * rate * 0.01)::bigint
$$;

-- Give an invoice without tax groups one tax group with its own rate.
CREATE OR REPLACE FUNCTION billing_fill_taxes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.taxes := jsonb_build_array(jsonb_build_object(
        'tax_rate', NEW.tax_rate, 'tax_behavior', NEW.tax_behavior,
        'amount', NEW.subtotal - NEW.discount, 'tax', NEW.tax));
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER billing_fill_taxes BEFORE INSERT ON billing_invoice
    FOR EACH ROW WHEN (NEW.taxes IS NULL) EXECUTE FUNCTION billing_fill_taxes();

-- Give a line without a rate the rate of its invoice.
CREATE OR REPLACE FUNCTION billing_fill_line_tax() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.tax_rate := (SELECT tax_rate FROM public.billing_invoice
                      WHERE company_id = NEW.company_id AND id = NEW.invoice_id);
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER billing_fill_tax BEFORE INSERT ON billing_invoiceline
    FOR EACH ROW WHEN (NEW.tax_rate IS NULL) EXECUTE FUNCTION billing_fill_line_tax();
