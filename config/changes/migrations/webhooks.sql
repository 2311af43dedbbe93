-- Names the webhooks that something is to be done for, outside the fence and without telling more:
-- changes that were not looked at yet, or messages whose time has come. One that waits for nothing
-- costs two looks into an index, and a company without webhooks costs nothing.
CREATE FUNCTION changes_webhooks_at_work()
RETURNS TABLE (company uuid, endpoint uuid, is_behind boolean, is_due boolean,
               is_failing boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT found.*
      FROM (SELECT one.company_id, one.id,
                   EXISTS (SELECT FROM public.changes_change change
                            WHERE change.company_id = one.company_id
                              AND change.id > one.position),
                   EXISTS (SELECT FROM public.changes_webhookdelivery delivery
                            WHERE delivery.endpoint_id = one.id AND delivery.state = 'pending'
                              AND delivery.next_at <= now()
                              AND (delivery.leased_until IS NULL OR delivery.leased_until <= now())),
                   one.failing_since IS NOT NULL
              FROM public.changes_webhookendpoint one
              JOIN public.access_company company ON company.id = one.company_id
             WHERE one.archived_at IS NULL AND one.disabled_at IS NULL
               AND company.archived_at IS NULL) found (company, endpoint, is_behind, is_due, is_failing)
     WHERE found.is_behind OR found.is_due;
$$;
