-- What the database itself holds, behind the rules. The functions run as the owner, so that they
-- see every row whatever company is set when they run, at the end of a transaction for instance.

-- --- Payments are written once ---------------------------------------------------------------

CREATE FUNCTION billing_payment_is_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'A payment is never changed or removed: refund it.'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_payment_kept';
END $$;

CREATE TRIGGER billing_payment_kept BEFORE UPDATE OR DELETE ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_payment_is_kept();
CREATE TRIGGER billing_payment_kept_whole BEFORE TRUNCATE ON billing_payment
    FOR EACH STATEMENT EXECUTE FUNCTION billing_payment_is_kept();

-- --- Nothing is paid twice, and no more goes back than came in ------------------------------------

-- Locks the row that a payment counts against, so that of two at once the second one sees the first.
CREATE FUNCTION billing_payment_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    invoice public.billing_invoice;
    original public.billing_payment;
    counted numeric;
BEGIN
    IF NEW.kind = 'refund' THEN
        SELECT * INTO original FROM public.billing_payment
         WHERE id = NEW.refunds_id AND company_id = NEW.company_id FOR NO KEY UPDATE;
        IF original.kind IS DISTINCT FROM 'payment' OR original.status <> 'succeeded'
           OR original.customer_id <> NEW.customer_id OR original.currency <> NEW.currency
           OR original.invoice_id IS DISTINCT FROM NEW.invoice_id
        THEN
            RAISE EXCEPTION 'A refund names a payment of the same customer that succeeded.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_of_payment';
        END IF;
        SELECT sum(amount) INTO counted FROM public.billing_payment
         WHERE refunds_id = NEW.refunds_id AND company_id = NEW.company_id
           AND status = 'succeeded';
        IF counted > original.amount THEN
            RAISE EXCEPTION 'Refunds of % would come to %.', original.amount, counted
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_fits';
        END IF;
    ELSIF NEW.invoice_id IS NOT NULL THEN
        SELECT * INTO invoice FROM public.billing_invoice
         WHERE id = NEW.invoice_id AND company_id = NEW.company_id FOR NO KEY UPDATE;
        IF invoice.issued_at IS NULL OR invoice.voided_at IS NOT NULL
           OR invoice.customer_id <> NEW.customer_id OR invoice.currency <> NEW.currency
        THEN
            RAISE EXCEPTION 'A payment is for an issued invoice of the same customer.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payment_of_invoice';
        END IF;
        SELECT sum(amount) INTO counted FROM public.billing_payment
         WHERE invoice_id = NEW.invoice_id AND company_id = NEW.company_id
           AND kind = 'payment' AND status = 'succeeded';
        IF counted > invoice.total THEN
            RAISE EXCEPTION 'Payments of % would come to %.', invoice.total, counted
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payment_fits';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_payment_fits AFTER INSERT ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_payment_fits();

-- --- An invoice adds up, and stays as it was issued ----------------------------------------------

CREATE FUNCTION billing_invoice_is_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.issued_at IS NOT NULL AND
       (NEW.company_id, NEW.customer_id, NEW.number, NEW.currency, NEW.subtotal, NEW.discount,
        NEW.discount_description, NEW.tax_rate, NEW.tax, NEW.total, NEW.issued_at)
       IS DISTINCT FROM
       (OLD.company_id, OLD.customer_id, OLD.number, OLD.currency, OLD.subtotal, OLD.discount,
        OLD.discount_description, OLD.tax_rate, OLD.tax, OLD.total, OLD.issued_at)
       OR OLD.voided_at IS NOT NULL AND NEW.voided_at IS DISTINCT FROM OLD.voided_at
       OR OLD.paid_at IS NOT NULL AND NEW.paid_at IS DISTINCT FROM OLD.paid_at
    THEN
        RAISE EXCEPTION 'An issued invoice is never changed: void it.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_invoice_kept';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER billing_invoice_kept BEFORE UPDATE ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_invoice_is_kept();

CREATE FUNCTION billing_line_is_kept() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    touched uuid[] := CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.invoice_id]
        WHEN 'DELETE' THEN ARRAY[OLD.invoice_id]
        ELSE ARRAY[OLD.invoice_id, NEW.invoice_id]
    END;
BEGIN
    IF EXISTS (SELECT FROM public.billing_invoice
                WHERE id = ANY (touched) AND issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'Lines of an issued invoice are never changed: void it.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_line_kept';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE TRIGGER billing_line_kept BEFORE INSERT OR UPDATE OR DELETE ON billing_invoiceline
    FOR EACH ROW EXECUTE FUNCTION billing_line_is_kept();

-- Looked at when the transaction ends, when lines and payments are there.
CREATE FUNCTION billing_invoice_adds_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    touched uuid := CASE TG_TABLE_NAME
        WHEN 'billing_invoice' THEN (to_jsonb(NEW) ->> 'id')::uuid
        ELSE (to_jsonb(COALESCE(NEW, OLD)) ->> 'invoice_id')::uuid
    END;
    invoice public.billing_invoice;
    lines numeric;
    taken numeric;
BEGIN
    SELECT * INTO invoice FROM public.billing_invoice WHERE id = touched;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT COALESCE(sum(total), 0) INTO lines FROM public.billing_invoiceline
     WHERE company_id = invoice.company_id AND invoice_id = touched;
    IF lines <> invoice.subtotal THEN
        RAISE EXCEPTION 'The lines come to %, the subtotal is %.', lines, invoice.subtotal
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_lines_add_up';
    END IF;
    SELECT COALESCE(sum(amount), 0) INTO taken FROM public.billing_payment
     WHERE company_id = invoice.company_id AND invoice_id = touched
       AND kind = 'payment' AND status = 'succeeded';
    IF (invoice.paid_at IS NOT NULL)
       IS DISTINCT FROM (invoice.issued_at IS NOT NULL AND taken >= invoice.total)
       AND NOT (invoice.voided_at IS NOT NULL AND invoice.paid_at IS NULL)
    THEN
        RAISE EXCEPTION '% of % is paid, and paid_at is %.', taken, invoice.total, invoice.paid_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_paid_when_paid';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER billing_invoice_adds_up AFTER INSERT OR UPDATE ON billing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_invoice_adds_up();
CREATE CONSTRAINT TRIGGER billing_line_adds_up AFTER INSERT OR UPDATE OR DELETE
    ON billing_invoiceline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_invoice_adds_up();
CREATE CONSTRAINT TRIGGER billing_payment_adds_up AFTER INSERT ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_invoice_adds_up();
