-- Takes an Idempotency-Key of the company at work for the rest of the transaction, and returns the
-- answer that was kept under it. Whoever holds the key is waited for, and seen to the end: each
-- statement in here looks at what has been committed by then.
CREATE FUNCTION access_take_key(of_caller text, of_key text, hours integer)
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
