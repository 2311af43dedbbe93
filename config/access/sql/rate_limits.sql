-- Rate limits: how many requests each client, company and address sent in the last minute (table
-- access_counter). A crash may lose the counts, so the table is UNLOGGED and counting never waits
-- for the disk.
--
-- Time is divided into slices of two seconds. Any minute lies within thirty-one slices, so a limit
-- on their sum holds for every minute, not only for calendar minutes. Each slice has its own row,
-- which also stores the sum of the thirty slices before it. While an old transaction is open, such
-- as a long backup, every version of an updated row is kept: a row of two seconds has about a
-- thousand versions, one that lived on would have millions.
--
-- The runtime role reaches the table only through these functions.

-- Count one request, unless its quota is used up. Returns whether it was counted, how many
-- requests remain, and the seconds until some of the quota is free again. A single UPDATE counts,
-- so concurrent requests never count from the same value. The API calls it for addresses,
-- access_admit for the rest.
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
        -- The first request of a slice closes the slice before it, whose sum then stays as it is.
        -- Slices never go back, even if the clock does.
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

-- Take back the request that this transaction counted. access_admit calls it; the runtime role may
-- not.
CREATE OR REPLACE FUNCTION access_uncount(who uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.access_counter SET came = came - 1 WHERE subject = who AND NOT closed;
$$;

-- Return how many requests a subject sent in the last minute, or slightly more. The back-office
-- shows it.
CREATE OR REPLACE FUNCTION access_came(who uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT COALESCE(sum(came), 0)::integer FROM public.access_counter
     WHERE subject = who AND slice > floor(extract(epoch FROM clock_timestamp()) / 2) - 31;
$$;

-- Delete slices that no longer count, without waiting for locked ones. A background task calls it.
CREATE OR REPLACE FUNCTION access_forget() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM public.access_counter WHERE (subject, slice) IN (
        SELECT subject, slice FROM public.access_counter
         WHERE slice <= floor(extract(epoch FROM clock_timestamp()) / 2) - 31
           FOR UPDATE SKIP LOCKED);
$$;
