-- An issued invoice never changes, and every invoice adds up. SECURITY DEFINER functions see every
-- row, whatever company is active when they run, for instance at the end of a transaction.

-- Refuse to change an issued invoice, with three exceptions: voiding it, marking it as paid, and
-- increasing its covered and reduced amounts. Refuse to move any invoice to another customer,
-- except in a merge of customers, which changes only the customer.
CREATE OR REPLACE FUNCTION billing_invoice_is_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.customer_id <> OLD.customer_id THEN
        IF to_jsonb(NEW) - 'customer_id' = to_jsonb(OLD) - 'customer_id'
           AND public.customers_moves(
               OLD.company_id, 'billing_invoice', OLD.id, OLD.customer_id, NEW.customer_id)
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'An invoice stays with its customer: void it.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_invoice_kept';
    END IF;
    IF OLD.issued_at IS NOT NULL AND
       (NEW.company_id, NEW.customer_id, NEW.number, NEW.currency, NEW.subtotal, NEW.discount,
        NEW.discount_description, NEW.tax_rate, NEW.tax_behavior, NEW.tax, NEW.total,
        NEW.issued_at)
       IS DISTINCT FROM
       (OLD.company_id, OLD.customer_id, OLD.number, OLD.currency, OLD.subtotal, OLD.discount,
        OLD.discount_description, OLD.tax_rate, OLD.tax_behavior, OLD.tax, OLD.total,
        OLD.issued_at)
       OR OLD.issued_at IS NOT NULL AND OLD.taxes IS NOT NULL
       AND NEW.taxes IS DISTINCT FROM OLD.taxes
       OR OLD.voided_at IS NOT NULL AND NEW.voided_at IS DISTINCT FROM OLD.voided_at
       OR OLD.paid_at IS NOT NULL AND NEW.paid_at IS DISTINCT FROM OLD.paid_at
       OR NEW.covered < OLD.covered OR NEW.reduced < OLD.reduced
    THEN
        RAISE EXCEPTION 'An issued invoice is never changed: void it.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_invoice_kept';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER billing_invoice_kept BEFORE UPDATE ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_invoice_is_kept();

-- Refuse to add, change or delete lines of an issued invoice. A migration may fill in the rate of
-- old lines without one.
CREATE OR REPLACE FUNCTION billing_line_is_kept() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.tax_rate IS NULL
       AND to_jsonb(NEW) - 'tax_rate' = to_jsonb(OLD) - 'tax_rate'
    THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM public.billing_invoice
                WHERE (company_id, id) IN ((OLD.company_id, OLD.invoice_id),
                                           (NEW.company_id, NEW.invoice_id))
                  AND issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'Lines of an issued invoice are never changed: void it.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_line_kept';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE OR REPLACE TRIGGER billing_line_kept BEFORE INSERT OR UPDATE OR DELETE ON billing_invoiceline
    FOR EACH ROW EXECUTE FUNCTION billing_line_is_kept();

-- Refuse TRUNCATE of invoice lines, which fires no trigger for each row.
CREATE OR REPLACE FUNCTION billing_lines_are_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Lines of issued invoices are never removed: void the invoice.'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_line_kept';
END $$;

CREATE OR REPLACE TRIGGER billing_line_kept_whole BEFORE TRUNCATE ON billing_invoiceline
    FOR EACH STATEMENT EXECUTE FUNCTION billing_lines_are_kept();

-- Check that the lines of an invoice add up to its subtotal, that its taxes are those of the lines
-- after their share of the discount, that the reduced amount equals the sum of its credit notes,
-- and that it is marked as paid exactly if its balance is 0. The check runs at the end of the
-- transaction, when lines, payments and credit notes exist.
CREATE OR REPLACE FUNCTION billing_invoice_adds_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    touched uuid := CASE TG_TABLE_NAME
        WHEN 'billing_invoice' THEN (to_jsonb(NEW) ->> 'id')::uuid
        ELSE (to_jsonb(COALESCE(NEW, OLD)) ->> 'invoice_id')::uuid
    END;
    invoice public.billing_invoice;
    lines numeric;
    settled numeric;
    reductions numeric;
BEGIN
    -- One that follows a merged customer has nothing to add up.
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'customer_id' = to_jsonb(OLD) - 'customer_id' THEN
        RETURN NULL;
    END IF;
    SELECT * INTO invoice FROM public.billing_invoice
     WHERE company_id = COALESCE(NEW.company_id, OLD.company_id) AND id = touched;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT COALESCE(sum(total), 0) INTO lines FROM public.billing_invoiceline
     WHERE company_id = invoice.company_id AND invoice_id = touched;
    IF lines <> invoice.subtotal THEN
        RAISE EXCEPTION 'The lines come to %, the subtotal is %.', lines, invoice.subtotal
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_lines_add_up';
    END IF;
    -- A share is the exact one, rounded up or down.
    IF invoice.taxes IS NOT NULL AND TG_TABLE_NAME NOT IN ('billing_payment', 'billing_creditnote')
       AND EXISTS (
        SELECT FROM (
            SELECT COALESCE(tax_rate, invoice.tax_rate) AS rate, tax_behavior AS behavior,
                   sum(total) AS priced
              FROM public.billing_invoiceline
             WHERE company_id = invoice.company_id AND invoice_id = touched
             GROUP BY 1, 2
        ) AS lines FULL JOIN jsonb_to_recordset(invoice.taxes)
            AS taxes(tax_rate numeric, tax_behavior text, amount bigint)
            ON taxes.tax_rate = lines.rate AND taxes.tax_behavior = lines.behavior
         WHERE lines.priced IS NULL OR taxes.amount IS NULL OR taxes.amount > lines.priced
            OR abs((lines.priced - taxes.amount) * invoice.subtotal
                   - invoice.discount * lines.priced) >= greatest(invoice.subtotal, 1)
    ) THEN
        RAISE EXCEPTION 'The taxes % are not those of the lines.', invoice.taxes
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_taxes_of_lines';
    END IF;
    SELECT COALESCE(sum(total), 0) INTO reductions FROM public.billing_creditnote
     WHERE company_id = invoice.company_id AND invoice_id = touched
       AND kind IN ('reduction', 'write_off');
    IF reductions <> invoice.reduced THEN
        RAISE EXCEPTION 'Credit notes reduce it by %, not by %.', reductions, invoice.reduced
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_reduced_by_notes';
    END IF;
    SELECT COALESCE(sum(amount), 0) + invoice.covered + reductions INTO settled
      FROM public.billing_payment
     WHERE company_id = invoice.company_id AND invoice_id = touched
       AND kind = 'payment' AND status = 'succeeded';
    IF settled > invoice.total THEN
        RAISE EXCEPTION '% of % would be settled.', settled, invoice.total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_settled_once';
    END IF;
    IF (invoice.paid_at IS NOT NULL)
       IS DISTINCT FROM (invoice.issued_at IS NOT NULL AND settled >= invoice.total)
       AND NOT (invoice.voided_at IS NOT NULL AND invoice.paid_at IS NULL)
    THEN
        RAISE EXCEPTION '% of % is paid, and paid_at is %.', settled, invoice.total, invoice.paid_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_paid_when_paid';
    END IF;
    RETURN NULL;
END $$;

-- PostgreSQL has no CREATE OR REPLACE for constraint triggers.
DROP TRIGGER IF EXISTS billing_invoice_adds_up ON billing_invoice;
CREATE CONSTRAINT TRIGGER billing_invoice_adds_up AFTER INSERT OR UPDATE ON billing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_invoice_adds_up();
DROP TRIGGER IF EXISTS billing_line_adds_up ON billing_invoiceline;
CREATE CONSTRAINT TRIGGER billing_line_adds_up AFTER INSERT OR UPDATE OR DELETE
    ON billing_invoiceline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_invoice_adds_up();
DROP TRIGGER IF EXISTS billing_payment_adds_up ON billing_payment;
CREATE CONSTRAINT TRIGGER billing_payment_adds_up AFTER INSERT ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_invoice_adds_up();
