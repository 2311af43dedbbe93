-- How many requests of a company run at the same time. Each running request holds one of the
-- company's slots: a transaction-level advisory lock, released when the transaction ends, however
-- it ends.

-- Take a free slot of the company and return true, or return false if there is none.
CREATE OR REPLACE FUNCTION access_take_place(company uuid, places integer) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    start integer := floor(random() * places);
BEGIN
    FOR step IN 1 .. places LOOP
        IF pg_try_advisory_xact_lock(
            hashtextextended(company::text, 1 + (start + step) % places)) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- Take a free slot of the company; raise RG429 if there is none, so that the statements sent
-- behind this one do not run. Every transaction of an API request calls it.
CREATE OR REPLACE FUNCTION access_claim_place(company uuid, places integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT public.access_take_place(company, places) THEN
        RAISE EXCEPTION 'all % slots of the company are in use', places USING ERRCODE = 'RG429';
    END IF;
END $$;
