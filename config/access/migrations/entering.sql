-- One who is expected to be let in, and what opens the transaction of one who looks.
--
-- Looks a credential up by its digest and counts its use, for its client and for its company. All is
-- NULL where it does not open, and then nothing is counted; `refused_by` is the limit that is used
-- up. What a token may do is what it was granted and its client still may. Raises RG401 where a
-- company is expected and is not the one that is let in, so that what was sent behind it is not run.
--
-- Nearly all come within a slice that has begun and below their quota: those are counted right here,
-- which is the first step of access_count, and all others by it.
--
-- The row of the company comes last, since all of its clients wait for it; who is writing the
-- client's own row meanwhile is not waited for.
DROP FUNCTION access_admit(boolean, text, integer, integer);
CREATE FUNCTION access_admit(
    is_key boolean, sought text, INOUT client_quota integer, INOUT company_quota integer,
    expected uuid DEFAULT NULL,
    OUT company uuid, OUT country text, OUT credential uuid, OUT name text, OUT scopes text[],
    OUT granted text, OUT refused_by text, OUT client_left integer, OUT client_seconds integer,
    OUT company_left integer, OUT company_seconds integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment CONSTANT double precision := extract(epoch FROM clock_timestamp());
    this CONSTANT bigint := floor(moment / 2);
    gives bigint;
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
    IF company IS DISTINCT FROM expected AND expected IS NOT NULL THEN
        RAISE EXCEPTION 'not who was expected' USING ERRCODE = 'RG401';
    END IF;
    IF company IS NULL THEN
        RETURN;
    END IF;
    client_quota := COALESCE(of_client, client_quota);
    company_quota := COALESCE(of_company, company_quota);
    UPDATE public.access_counter SET came = came + 1
     WHERE subject = credential AND slice = this AND NOT closed AND before + came < client_quota
    RETURNING client_quota - before - came, frees INTO client_left, gives;
    IF FOUND THEN
        client_seconds := greatest(ceil(gives * 2 - moment), 1);
    ELSE
        SELECT * INTO is_admitted, client_left, client_seconds
          FROM public.access_count(credential, client_quota);
        IF NOT is_admitted THEN
            refused_by := 'client';
        END IF;
    END IF;
    IF refused_by IS NULL THEN
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
        UPDATE public.access_counter SET came = came + 1
         WHERE subject = company AND slice = this AND NOT closed AND before + came < company_quota
        RETURNING company_quota - before - came, frees INTO company_left, gives;
        IF FOUND THEN
            company_seconds := greatest(ceil(gives * 2 - moment), 1);
        ELSE
            SELECT * INTO is_admitted, company_left, company_seconds
              FROM public.access_count(company, company_quota);
            IF NOT is_admitted THEN
                refused_by := 'company';
                client_left := client_left + 1;
                PERFORM public.access_uncount(credential);
            END IF;
        END IF;
    END IF;
    IF refused_by IS NOT NULL AND expected IS NOT NULL THEN
        RAISE EXCEPTION 'over the limit of the %', refused_by USING ERRCODE = 'RG401';
    END IF;
END $$;

-- Opens the transaction of one who only looks at rows of a company; raises RG429 where no place is
-- free. A worker that is killed is noticed even while its statement runs.
CREATE FUNCTION access_look(company uuid, places integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('regulars.company', company::text, true),
            set_config('client_connection_check_interval', '1s', true);
    IF NOT public.access_take_place(company, places) THEN
        RAISE EXCEPTION 'no place' USING ERRCODE = 'RG429';
    END IF;
END $$;
