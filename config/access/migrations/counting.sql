-- How often each client, company and address came lately. It says nothing that is missed after a
-- crash, so it is UNLOGGED: to count writes no log, and waits for no disk.
--
-- Time is cut into slices of two seconds. A minute lies within thirty-one of them wherever it
-- begins, so what their sum allows holds for every minute, not only for those that the clock cuts.
-- Each slice has a row of its own, which knows what came in the slices before it. Of a row that is
-- counted up, every version stays as long as any transaction is older, be it a backup of an hour:
-- a row that lives for two seconds has a thousand, and one that stayed would have millions.
DROP TABLE access_counter CASCADE;
CREATE UNLOGGED TABLE access_counter (
    subject uuid NOT NULL,
    slice bigint NOT NULL,
    came integer NOT NULL DEFAULT 0,
    -- How many came in the thirty slices before this one, and in which slice some of all drop out.
    before integer NOT NULL,
    frees bigint NOT NULL,
    -- A newer slice has begun, which has added this one up.
    closed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (subject, slice)
) WITH (
    -- No column of an index ever changes: with room on its page a row is updated in place (HOT).
    fillfactor = 20,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

-- Counts one who comes, unless the quota of a minute is used up. `seconds` is how long until some of
-- it is given back. One UPDATE counts: of many at once no two see the same.
CREATE OR REPLACE FUNCTION access_count(
    who uuid, quota integer, OUT admitted boolean, OUT remaining integer, OUT seconds integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    slices CONSTANT integer := 31;
    width CONSTANT integer := 2;
    moment double precision := extract(epoch FROM clock_timestamp());
    this bigint := floor(moment / width);
    newest bigint;
    used integer;
    oldest bigint;
    gives bigint;
    is_alone boolean := false;
BEGIN
    LOOP
        UPDATE public.access_counter SET came = came + 1
         WHERE subject = who AND slice = this AND NOT closed AND before + came < quota
        RETURNING quota - before - came, frees INTO remaining, gives;
        admitted := FOUND;
        IF NOT admitted THEN
            SELECT 0, frees INTO remaining, gives FROM public.access_counter
             WHERE subject = who AND slice = this AND NOT closed AND before + came >= quota;
        END IF;
        IF FOUND THEN
            seconds := greatest(ceil(gives * width - moment), 1);
            RETURN;
        END IF;
        -- The first of its slice: it closes the one before, so that whoever is late adds nothing to
        -- what has been added up. Never back, whatever becomes of the clock.
        IF NOT is_alone THEN
            PERFORM pg_advisory_xact_lock(hashtextextended(who::text, 0));
            is_alone := true;
        END IF;
        SELECT max(slice) INTO newest FROM public.access_counter WHERE subject = who;
        moment := extract(epoch FROM clock_timestamp());
        this := greatest(floor(moment / width)::bigint, newest);
        IF newest IS DISTINCT FROM this THEN
            UPDATE public.access_counter SET closed = true WHERE subject = who AND NOT closed;
            SELECT COALESCE(sum(came), 0), min(slice) FILTER (WHERE came > 0) INTO used, oldest
              FROM public.access_counter WHERE subject = who AND slice > this - slices;
            INSERT INTO public.access_counter (subject, slice, before, frees)
                VALUES (who, this, used, COALESCE(oldest, this) + slices);
        END IF;
    END LOOP;
END $$;

-- Takes back what was counted in this transaction.
CREATE OR REPLACE FUNCTION access_uncount(who uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.access_counter SET came = came - 1 WHERE subject = who AND NOT closed;
$$;

-- Returns how many came in the last minute, or a little more.
CREATE OR REPLACE FUNCTION access_came(who uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT COALESCE(sum(came), 0)::integer FROM public.access_counter
     WHERE subject = who AND slice > floor(extract(epoch FROM clock_timestamp()) / 2) - 31;
$$;

-- Removes what counts no more, and waits for nobody.
CREATE OR REPLACE FUNCTION access_forget() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM public.access_counter WHERE (subject, slice) IN (
        SELECT subject, slice FROM public.access_counter
         WHERE slice <= floor(extract(epoch FROM clock_timestamp()) / 2) - 31
           FOR UPDATE SKIP LOCKED);
$$;

-- Takes one of the places that a company has at once, until the transaction ends, however it ends;
-- raises RG429 where none is free, so that what was sent behind it is not run.
CREATE FUNCTION access_claim_place(company uuid, places integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT public.access_take_place(company, places) THEN
        RAISE EXCEPTION 'no place' USING ERRCODE = 'RG429';
    END IF;
END $$;
