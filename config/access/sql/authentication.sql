-- Authenticate an API request.

-- Look up an API key or an access token by its digest, and count the request for its client and
-- its company. All outputs are NULL if the credential is not valid; then nothing is counted.
-- "refused_by" names the rate limit that is used up. "granted" is what the token was issued for,
-- "scopes" what its client may do now: both must allow a request.
--
-- Most requests fall into a slice that has begun and are below their quota. They are counted right
-- here, by the first step of access_count; access_count counts the rest. The company's row is
-- updated last, because all its clients wait for it.
CREATE OR REPLACE FUNCTION access_admit(
    is_key boolean, sought text, INOUT client_quota integer, INOUT company_quota integer,
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
END $$;
