-- Which webhook endpoints have work.

-- Return the webhook endpoints of all companies that have changes to read or deliveries to send,
-- and nothing else about them. The webhook dispatcher calls it before a company is known.
--
-- The scalar subqueries run once per endpoint, each on its own index. The planner may turn an
-- EXISTS around into one scan of everything that waits, disabled endpoints included.
CREATE OR REPLACE FUNCTION changes_webhooks_at_work()
RETURNS TABLE (company uuid, endpoint uuid, is_behind boolean, is_due boolean, is_failing boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH looked AS MATERIALIZED (
        SELECT one.company_id, one.id,
               (SELECT true FROM public.changes_change change
                 WHERE change.company_id = one.company_id AND change.id > one.position
                 ORDER BY change.id LIMIT 1) IS NOT NULL AS is_behind,
               (SELECT true FROM public.changes_webhookdelivery delivery
                 WHERE delivery.endpoint_id = one.id AND delivery.state = 'pending'
                   AND delivery.next_at <= statement_timestamp()
                   AND (delivery.leased_until IS NULL
                        OR delivery.leased_until <= statement_timestamp())
                 ORDER BY delivery.next_at LIMIT 1) IS NOT NULL AS is_due,
               one.failing_since IS NOT NULL
          FROM public.changes_webhookendpoint one
          JOIN public.access_company company ON company.id = one.company_id
         WHERE one.archived_at IS NULL AND one.disabled_at IS NULL
           AND company.archived_at IS NULL)
    SELECT * FROM looked WHERE looked.is_behind OR looked.is_due;
$$;
