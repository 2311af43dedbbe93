-- How often each client, company and address came lately. It says nothing that is missed after a
-- crash, so it is UNLOGGED: to count writes no log, and waits for no disk.
--
-- Time is cut into slices of five seconds, and a row holds how many came in the newest one and in
-- each of the twelve before it. A minute lies within thirteen slices wherever it begins, so what
-- their sum allows holds for every minute, not only for those that the clock cuts.
CREATE UNLOGGED TABLE access_counter (
    subject uuid PRIMARY KEY,
    newest bigint NOT NULL,
    came integer[] NOT NULL
) WITH (
    -- No column of an index ever changes: with room on its page a row is updated in place (HOT).
    fillfactor = 20,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

-- Counts one who comes, unless the quota of a minute is used up. `seconds` is how long until some of
-- it is given back. The row is locked before it is looked at: of many at once no two see the same.
CREATE FUNCTION access_count(
    who uuid, quota integer, OUT admitted boolean, OUT remaining integer, OUT seconds integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    slices CONSTANT integer := 13;
    width CONSTANT integer := 5;
    counter public.access_counter;
    moment double precision;
    slice bigint;
    used integer := 0;
    oldest integer := 1;
BEGIN
    LOOP
        SELECT * INTO counter FROM public.access_counter
         WHERE subject = who FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO public.access_counter VALUES (who, 0, array_fill(0, ARRAY[slices]))
            ON CONFLICT DO NOTHING;
    END LOOP;
    -- After the wait for the row, and never back, whatever becomes of the clock.
    moment := extract(epoch FROM clock_timestamp());
    slice := greatest(floor(moment / width)::bigint, counter.newest);
    IF slice > counter.newest THEN
        counter.came := (array_fill(0, ARRAY[least(slice - counter.newest, slices)::integer])
                         || counter.came)[1:slices];
    END IF;
    FOR place IN 1 .. slices LOOP
        IF counter.came[place] > 0 THEN
            used := used + counter.came[place];
            oldest := place;
        END IF;
    END LOOP;
    admitted := used < quota;
    IF admitted THEN
        used := used + 1;
        counter.came[1] := counter.came[1] + 1;
        UPDATE public.access_counter SET newest = slice, came = counter.came WHERE subject = who;
    END IF;
    remaining := greatest(quota - used, 0);
    seconds := greatest(ceil((slice + 1 + slices - oldest) * width - moment), 1);
END $$;

-- Takes back what was counted in this transaction.
CREATE FUNCTION access_uncount(who uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.access_counter SET came[1] = came[1] - 1 WHERE subject = who;
$$;

-- Returns how many came in the last minute, or a little more.
CREATE FUNCTION access_came(who uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT COALESCE(sum(one.count), 0)::integer
      FROM public.access_counter counter, unnest(counter.came) WITH ORDINALITY one (count, place)
     WHERE counter.subject = who
       AND counter.newest + 14 - one.place > extract(epoch FROM clock_timestamp()) / 5;
$$;

-- Removes the rows of who has not come for more than a minute.
CREATE FUNCTION access_forget() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM public.access_counter
     WHERE newest < floor(extract(epoch FROM clock_timestamp()) / 5) - 13;
$$;

-- Looks a credential up by its digest and counts its use, for its client and for its company. All is
-- NULL where it does not open, and then nothing is counted; `refused_by` is the limit that is used
-- up. What a token may do is what it was granted and its client still may.
--
-- The row of the company comes last, since all of its clients wait for it; who is writing the
-- client's own row meanwhile is not waited for.
CREATE FUNCTION access_admit(
    is_key boolean, sought text, INOUT client_quota integer, INOUT company_quota integer,
    OUT company uuid, OUT country text, OUT credential uuid, OUT name text, OUT scopes text[],
    OUT granted text, OUT refused_by text, OUT client_left integer, OUT client_seconds integer,
    OUT company_left integer, OUT company_seconds integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_stale boolean;
    is_admitted boolean;
    of_client integer;
    of_company integer;
BEGIN
    IF is_key THEN
        SELECT c.id, c.country, k.id, k.name, k.scopes, k.requests_per_minute,
               c.requests_per_minute,
               k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute'
          INTO company, country, credential, name, scopes, of_client, of_company, is_stale
          FROM public.access_apikey k JOIN public.access_company c ON c.id = k.company_id
         WHERE k.digest = sought AND k.revoked_at IS NULL
           AND (k.expires_at IS NULL OR k.expires_at > now()) AND c.archived_at IS NULL;
    ELSE
        SELECT c.id, c.country, a.id, a.name, a.scopes, t.scope, a.requests_per_minute,
               c.requests_per_minute,
               a.last_used_at IS NULL OR a.last_used_at < now() - interval '1 minute'
          INTO company, country, credential, name, scopes, granted, of_client, of_company,
               is_stale
          FROM public.oauth2_provider_accesstoken t
          JOIN public.access_apiclient a ON a.id = t.application_id
          JOIN public.access_company c ON c.id = a.company_id
         WHERE t.token_checksum = sought AND t.expires > now()
           AND a.suspended_at IS NULL AND c.archived_at IS NULL;
    END IF;
    IF company IS NULL THEN
        RETURN;
    END IF;
    client_quota := COALESCE(of_client, client_quota);
    company_quota := COALESCE(of_company, company_quota);
    SELECT * INTO is_admitted, client_left, client_seconds
      FROM public.access_count(credential, client_quota);
    IF NOT is_admitted THEN
        refused_by := 'client';
        RETURN;
    END IF;
    IF is_stale AND is_key THEN
        UPDATE public.access_apikey SET last_used_at = now() WHERE id = (
            SELECT k.id FROM public.access_apikey k WHERE k.id = credential
               AND (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute')
               FOR NO KEY UPDATE SKIP LOCKED);
    ELSIF is_stale THEN
        UPDATE public.access_apiclient SET last_used_at = now() WHERE id = (
            SELECT a.id FROM public.access_apiclient a WHERE a.id = credential
               AND (a.last_used_at IS NULL OR a.last_used_at < now() - interval '1 minute')
               FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    SELECT * INTO is_admitted, company_left, company_seconds
      FROM public.access_count(company, company_quota);
    IF NOT is_admitted THEN
        refused_by := 'company';
        client_left := client_left + 1;
        PERFORM public.access_uncount(credential);
    END IF;
END $$;

-- Takes one of the places that a company has at once, until the transaction ends, however it ends;
-- says whether one was free.
CREATE FUNCTION access_take_place(company uuid, places integer) RETURNS boolean
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
