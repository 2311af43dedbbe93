from django.db import migrations

# Scalar looks are made once for each webhook and by its own index: an EXISTS may be turned around
# into one pass over all that waits, that of disabled ones too.
LOOK = """
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
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ("changes", "0007_webhooks_at_work"),
    ]

    operations = [
        migrations.RunSQL(LOOK, migrations.RunSQL.noop),
    ]
