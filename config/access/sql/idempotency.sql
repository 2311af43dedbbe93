-- Idempotency keys.

-- Lock an Idempotency-Key of the active company for the rest of the transaction, and return the
-- response stored under it. A concurrent request with the same key is waited for, at most 3
-- seconds.
CREATE OR REPLACE FUNCTION access_take_key(of_caller text, of_key text, hours integer)
RETURNS TABLE (fingerprint text, status smallint, headers text, body text)
LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
    company uuid := NULLIF(current_setting('regulars.company', true), '')::uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(
        hashtextextended(format('key %s %s %s', company, of_caller, of_key), 0));
    RETURN QUERY
        SELECT kept.fingerprint::text, kept.status, kept.headers::text, kept.body
          FROM public.access_keptanswer kept
         WHERE kept.company_id = company AND kept.caller = of_caller AND kept.key = of_key
           AND kept.created_at > now() - make_interval(hours => hours);
END $$;
