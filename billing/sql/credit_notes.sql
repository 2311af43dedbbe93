-- Credit notes are append-only and never exceed the amount that they can take back. SECURITY
-- DEFINER functions see every row, whatever company is active when they run.

-- Refuse to change or delete a credit note or its taxes. The one exception is a merge of customers,
-- which changes only the customer.
CREATE OR REPLACE FUNCTION billing_credit_note_is_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'billing_creditnote' THEN
        IF to_jsonb(NEW) - 'customer_id' = to_jsonb(OLD) - 'customer_id'
           AND public.customers_moves(
               OLD.company_id, 'billing_creditnote', OLD.id,
               (to_jsonb(OLD) ->> 'customer_id')::uuid, (to_jsonb(NEW) ->> 'customer_id')::uuid)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'A credit note is never changed or removed.'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_credit_note_kept';
END $$;

CREATE OR REPLACE TRIGGER billing_credit_note_kept BEFORE UPDATE OR DELETE ON billing_creditnote
    FOR EACH ROW EXECUTE FUNCTION billing_credit_note_is_kept();
CREATE OR REPLACE TRIGGER billing_credit_note_kept_whole BEFORE TRUNCATE ON billing_creditnote
    FOR EACH STATEMENT EXECUTE FUNCTION billing_credit_note_is_kept();
CREATE OR REPLACE TRIGGER billing_credit_note_tax_kept
    BEFORE UPDATE OR DELETE ON billing_creditnotetax
    FOR EACH ROW EXECUTE FUNCTION billing_credit_note_is_kept();
CREATE OR REPLACE TRIGGER billing_credit_note_tax_kept_whole BEFORE TRUNCATE ON billing_creditnotetax
    FOR EACH STATEMENT EXECUTE FUNCTION billing_credit_note_is_kept();

-- Refuse a credit note that takes back too much: more than the rest of the invoice or its tax, more
-- than the balance for a reduction or a write-off, another amount than its refund, or more than
-- credits had paid. The function locks the invoice, so that the second of two concurrent credit
-- notes sees the first.
CREATE OR REPLACE FUNCTION billing_credit_note_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    invoice public.billing_invoice;
    refund public.billing_payment;
    noted record;
    taken numeric;
BEGIN
    SELECT * INTO invoice FROM public.billing_invoice
     WHERE id = NEW.invoice_id AND company_id = NEW.company_id FOR NO KEY UPDATE;
    SELECT * INTO refund FROM public.billing_payment
     WHERE id = NEW.refund_id AND company_id = NEW.company_id;
    IF invoice.issued_at IS NULL OR invoice.voided_at IS NOT NULL
       OR invoice.customer_id <> NEW.customer_id OR invoice.currency <> NEW.currency
       OR NEW.kind = 'refund'
          AND (refund.kind, refund.status, refund.invoice_id, refund.amount)
              IS DISTINCT FROM ('refund', 'succeeded', NEW.invoice_id, NEW.total)
    THEN
        RAISE EXCEPTION 'A credit note is for an issued invoice, and for the whole of its refund.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_credit_note_of_invoice';
    END IF;
    SELECT sum(total) AS total, sum(tax) AS tax,
           COALESCE(sum(total) FILTER (WHERE kind IN ('reduction', 'write_off')), 0) AS reductions,
           COALESCE(sum(total) FILTER (WHERE kind = 'returned'), 0) AS returned
      INTO noted FROM public.billing_creditnote
     WHERE invoice_id = NEW.invoice_id AND company_id = NEW.company_id;
    SELECT COALESCE(sum(amount), 0) INTO taken FROM public.billing_payment
     WHERE invoice_id = NEW.invoice_id AND company_id = NEW.company_id
       AND kind = 'payment' AND status = 'succeeded';
    IF noted.total > invoice.total OR noted.tax > invoice.tax OR noted.returned > invoice.covered
       OR taken + invoice.covered + noted.reductions > invoice.total
    THEN
        RAISE EXCEPTION 'Credit notes of % would come to %.', invoice.total, noted.total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_credit_note_fits';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER billing_credit_note_fits AFTER INSERT ON billing_creditnote
    FOR EACH ROW EXECUTE FUNCTION billing_credit_note_fits();

-- PostgreSQL has no CREATE OR REPLACE for constraint triggers.
DROP TRIGGER IF EXISTS billing_credit_note_adds_up ON billing_creditnote;
CREATE CONSTRAINT TRIGGER billing_credit_note_adds_up AFTER INSERT ON billing_creditnote
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_invoice_adds_up();
