-- Payments are append-only and never exceed the amount due. SECURITY DEFINER functions see every
-- row, whatever company is active when they run.

-- Refuse to change or delete a payment, with two exceptions: the erasure of a person may empty the
-- reason, and a merge of customers changes the customer. PostgreSQL computes "signed_amount" after
-- this trigger.
CREATE OR REPLACE FUNCTION billing_payment_is_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.reason = '' AND to_jsonb(NEW) - '{reason,signed_amount}'::text[]
                               = to_jsonb(OLD) - '{reason,signed_amount}'::text[] THEN
            RETURN NEW;
        END IF;
        IF to_jsonb(NEW) - '{customer_id,signed_amount}'::text[]
           = to_jsonb(OLD) - '{customer_id,signed_amount}'::text[]
           AND public.customers_moves(
               OLD.company_id, 'billing_payment', OLD.id, OLD.customer_id, NEW.customer_id)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'A payment is never changed or removed: refund it.'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_payment_kept';
END $$;

CREATE OR REPLACE TRIGGER billing_payment_kept BEFORE UPDATE OR DELETE ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_payment_is_kept();
CREATE OR REPLACE TRIGGER billing_payment_kept_whole BEFORE TRUNCATE ON billing_payment
    FOR EACH STATEMENT EXECUTE FUNCTION billing_payment_is_kept();

-- Refuse a payment above the balance of its invoice, and a refund above the rest of its payment.
-- The function locks the invoice or the payment, so that the second of two concurrent payments sees
-- the first.
CREATE OR REPLACE FUNCTION billing_payment_fits() RETURNS trigger
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
        IF counted + invoice.covered + invoice.reduced > invoice.total THEN
            RAISE EXCEPTION 'Payments of % would come to %.',
                invoice.total - invoice.covered - invoice.reduced, counted
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payment_fits';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER billing_payment_fits AFTER INSERT ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_payment_fits();
